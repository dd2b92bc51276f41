"""Encoding, winner-take-all, and the learning and listening loops against their slow twins, bit for bit."""

import zlib
from dataclasses import replace

import naive
import naive_methods
import numpy as np
import pytest
from cases import BAD_BINARY, IDEAL, WORST, images, same
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_cells import Cells

from insitu.cells import BitSlices, DifferentialPair
from insitu.chip import Chip
from insitu.devices.base import ReadNoise
from insitu.learning import Stdp
from insitu.ledger import Counts
from insitu.networks.spiking import PoissonInput, SpikingNetwork, SpikingRule, WinnerTakeAll
from insitu.schemes import MixedPrecision

once = settings(derandomize=True, deadline=None, max_examples=60, database=None)


def show(chance=None, **options):
    """What the kernels want of an image, with parts replaced."""
    kept = SpikingRule().show()
    return kept._replace(**options) if chance is None else kept._replace(chance=chance, **options)


def room_of(rows, neurons):
    """Where the kernels work an image out."""
    from insitu.kernels import wta

    return wta.neurons(np.zeros(neurons), np.zeros(neurons, np.int64), rows).room


def encoded(image, chance, steps, presentation, seed):
    from insitu.kernels import wta

    room = room_of(image.size, 1)
    wta.encode(image, show(chance, steps=steps), np.uint64(presentation), np.uint64(seed), room)
    return room.spikes


@once
@given(
    presentation=st.integers(0, 2**61 - 1) | st.integers(0, 5),
    seed=st.integers(0, 2**64 - 1),
    steps=st.integers(1, 64),
    image=st.lists(st.integers(0, 255), min_size=1, max_size=9),
)
def test_encode_is_its_twin(presentation, seed, steps, image):
    chance = PoissonInput(rate=300).chance()
    spikes = encoded(np.array(image, np.uint8), chance, steps, presentation, seed)
    assert spikes.tolist() == naive.encode(image, chance, steps, presentation, seed)


def test_an_input_spikes_as_often_as_it_should_at_every_step():
    chance = np.arange(256, dtype=np.uint16) * 257
    image = np.repeat(np.array([10, 128, 200], np.uint8), 2000)
    spikes = encoded(image, chance, 50, 7, 3).reshape(3, 2000)
    trains = (spikes[:, :, None] >> np.arange(50, dtype=np.uint64)) & np.uint64(1)
    for level, train in zip((10, 128, 200), trains.astype(float), strict=True):
        p = chance[level] / 65536
        sd = np.sqrt(p * (1 - p) / 2000)
        assert np.abs(train.mean(axis=0) - p).max() < 4.5 * sd  # every step
        pairs = (train[:, 1:] * train[:, :-1]).mean()
        assert pairs == pytest.approx(p**2, abs=5 * np.sqrt(p**2 / 98_000) + 1e-4)  # independent of the last


@once
@given(data=st.data(), width=st.integers(1, 64))
def test_window_is_its_twin(data, width):
    from insitu.kernels import wta

    end = data.draw(st.integers(width - 1, 63))
    trains = data.draw(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 63).map(lambda t: 1 << t), max_size=8))
    room, shot = room_of(len(trains), 1), data.draw(st.integers(0, end))
    room.spikes[:] = np.array(trains, np.uint64)
    n = wta._window(room, show(start=end - shot, interval=1, window=width), shot)
    assert room.on.tolist() == naive.window(trains, end, width)
    assert room.active[:n].tolist() == np.flatnonzero(room.on).tolist()


@once
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 40), neurons=st.integers(1, 40))
def test_drive_is_its_twin(seed, rows, neurons):
    from insitu.kernels import wta

    rng = np.random.default_rng(seed)
    weights, bias = rng.normal(size=(rows, neurons)).astype(np.float32), rng.normal(size=neurons) * 100
    on = rng.random(rows) < 0.6
    active, u = np.flatnonzero(on), np.empty(neurons, np.float32)
    wta._drive(weights, bias, active, active.size, u)
    assert u.tolist() == naive.drive(weights, bias, on)


@once
@given(
    seed=st.integers(0, 10**6),
    neurons=st.integers(1, 70),
    gain=st.sampled_from([0.0, 0.5, 2.0, 300.0]),
    r=st.floats(2**-33, 1 - 2**-33),
)
def test_winner_is_its_twin(seed, neurons, gain, r):
    from insitu.kernels import wta

    u = np.random.default_rng(seed).normal(size=neurons).astype(np.float32) * 3
    room = room_of(1, neurons)
    room.u[:] = u
    k = wta._winner(room, gain, r)
    assert k == naive.winner(u, gain, r)


def test_winners_follow_the_softmax():
    from insitu.kernels import wta

    u = np.array([0.0, 1.0, -1.0, 0.5] * 5, np.float32)
    room = room_of(1, 20)
    room.u[:] = u
    draws = [wta._winner(room, 1.5, r) for r in (np.arange(20_000) + 0.5) / 20_000]
    p = np.exp(1.5 * u) / np.exp(1.5 * u).sum()
    assert np.bincount(draws, minlength=20) / 20_000 == pytest.approx(p, abs=2e-4)  # equally spaced r: no chance in it


RULE = SpikingRule(
    input=PoissonInput(rate=150, presentation_ms=30),
    wta=WinnerTakeAll(spikes=5, presentations=2, homeostasis=0.3),
    stdp=Stdp(ltp=0.3, ltd=0.02),
)
EVERY_OTHER = SpikingRule(
    input=PoissonInput(rate=150, presentation_ms=64, window_ms=64), wta=WinnerTakeAll(spikes=1), stdp=Stdp(every=2)
)
NOISY = replace(WORST["constant"], read_noise=ReadNoise(cv=0.1))
ALIKE = replace(WORST["constant"], read_noise=ReadNoise(sd=0.2e-6))
NETWORKS = {
    "analogue": (WORST["constant"], None, 19, RULE, {}),
    "exponential": (WORST["exponential"], None, 5, RULE, {}),
    "pair": (WORST["constant"], DifferentialPair(), 17, RULE, {}),
    "digital": (BAD_BINARY, BitSlices(bits=3), 16, RULE, {}),
    "every other spike": (WORST["constant"], None, 3, EVERY_OTHER, {}),
    "noisy cells and circuits": (NOISY, None, 6, RULE, {"chip": Chip(output_noise=0.3)}),
    "noise that is alike": (ALIKE, DifferentialPair(), 6, RULE, {}),
    "noisy bits": (replace(BAD_BINARY, read_noise=ReadNoise(sd=1e-6)), BitSlices(bits=3), 6, RULE, {}),
    "mixed precision": (IDEAL["constant"], None, 6, RULE, {"scheme": MixedPrecision()}),
}


def programmed(network, twin):
    """How the twin programs a column; and what the scheme keeps there."""
    one = network.synapses
    kept, stdp = one.memory[0].copy(), network.rule.stdp.rule(one)
    if not one.scheme.kept:
        return kept, lambda column, on, spikes: twin.program(column, on, stdp, spikes)

    def law(change, chi, z):
        n = int(min(max((chi + change) / one.step, -31), 31))
        return n, chi + change - n * one.step

    return kept, lambda column, on, spikes: naive_methods.per_weight_column(twin, column, on, stdp, kept, law, spikes)


@pytest.mark.parametrize("case", NETWORKS.values(), ids=NETWORKS)
def test_learning_and_listening_are_their_twins(case):
    device, encoding, neurons, rule, options = case
    network = SpikingNetwork(device, 30, neurons, rule, encoding=encoding, seed=2**40 + 3, **options)
    array, extra = network.synapses.array, network.synapses.chip.output_variance
    shown, network.shown = images(10, 30), 2**32 - 5  # the number of the presentation passes 32 bits on the way
    twin, bias, fired = Cells(array), [0.0] * neurons, [0] * neurons
    kept, program = programmed(network, twin)
    first, chance = network.shown, rule.input.chance()
    winners = network.learn(shown)
    expected = naive.learn(twin, shown, chance, first, bias, fired, rule.show(), extra, program)
    assert winners.ravel().tolist() == expected
    assert network.bias.tolist() == bias
    assert network.fired.tolist() == fired
    np.testing.assert_array_equal(network.synapses.memory[0], kept)
    same(array, twin)
    assert array.writes.sum() > 0
    np.testing.assert_array_equal(network.synapses.drive, twin.drive)
    assert network.counts.conductance_read == twin.counts["conductance_read"] + twin.conducted(30)

    twin.drive[:] = 0
    before, twin.counts = Counts.of(array.counts), dict.fromkeys(naive.COUNTED, 0)
    heard = network.respond(shown[:4])
    numbered = [(1 << 60) + (zlib.crc32(image) << 20) for image in shown[:4]]
    again = naive.respond(twin, shown[:4], chance, numbered, bias, rule.show(rule.wta.presentations), extra)
    assert heard.tolist() == again
    assert Counts.of(array.counts) == before  # listening is counted apart
    twin.counts["conductance_read"] = twin.conducted(30)
    assert network.heard.as_dict() == twin.counts
