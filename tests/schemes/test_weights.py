"""The weights of a layer: the parts that they are made of, how they are set, and time."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL, polarities
from stack_cases import BOTH, LEAKY, PAIR, PCM, capacitors, stack, weights

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import DifferentialPair, ReferencedDevice
from insitu.chip import Chip
from insitu.devices.base import ReadNoise
from insitu.ledger import Counts
from insitu.schemes import BlindPulses, Exact, MixedPrecision, TikiTaka, Transfer, WriteVerify
from insitu.schemes.weights import METER

QUIET = IDEAL["constant"]
CELLS = {"both": BOTH, "one": PAIR, "three": capacitors(3)}
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


def pairs(device=QUIET, rows=6, columns=4, scheme=None, **kwargs):
    return weights(device, DifferentialPair(), scheme or BlindPulses(), rows, columns, **kwargs)


def numbers(n, first=0):
    return np.arange(first, first + n, dtype=np.uint64)


# -- parts of one weight -----------------------------------------------------------------------------------------------


@every_cell
def test_the_weights_are_the_sum_of_all_parts(cell):
    one = stack(cell)
    if len(one.levels) > 1:
        one.array.chop[:] = [1, -1, 1, 1, -1, -1, 1]
        one.refresh()
    total = one.array.chop[:, None] * one.array.part.astype(float)
    for level in one.levels[:-1]:
        assert level.weights == pytest.approx(level.part, abs=1e-6)
        total += level.part
    assert one.values == pytest.approx(total, abs=1e-5)
    assert one.values is one.array.weights
    assert one.planes == 2 * len(one.levels)
    assert (one.low, one.high) == pytest.approx((-one.high, sum(level.encoding.w_max for level in one.levels)))


@every_cell
def test_the_noise_of_a_read_is_that_of_all_parts(cell):
    one = stack(cell)
    total = sum(level.variance * np.ones((7, 4)) for level in one.levels[:-1]) + np.zeros((7, 4))
    gains, noise = one.array.map.gains, one.array.device.read_noise
    for plane, gain in enumerate(gains):
        total += (gain * ((noise.cv or 0.0) * one.array.g[plane].T + (noise.sd or 0.0))) ** 2
    np.testing.assert_allclose(one.array.variance * np.ones((7, 4)), total, rtol=1e-4)


def test_a_plain_array_has_nothing_beneath_it():
    one = pairs()
    assert one.array.base.size == 0
    assert (one.array.chop == 1).all()
    assert one.array.part == pytest.approx(one.values)
    assert len(one.levels) == 1


def test_a_pulse_of_the_least_significant_array_keeps_the_whole_weight_current():
    one = stack(BOTH)
    one.array.chop[::2] = -1
    one.refresh()
    before = one.values.copy()
    one.array.pulse(polarities((7, 4)))
    after, variance = one.values.copy(), one.array.variance.copy()
    one.refresh()
    assert after == pytest.approx(one.values, abs=1e-6)
    assert variance == pytest.approx(one.array.variance, rel=1e-5)
    assert (after != before).any()


def test_arrays_of_a_layer_and_layers_of_a_network_draw_different_numbers():
    made = [weights(None, BOTH, TikiTaka(), 3, 2, index=index) for index in (0, 1, 2)]
    assert [array.index for one in made for array in one.arrays_of_cells] == list(range(9))
    cells = [array.cell[2].tobytes() for one in made for array in one.arrays_of_cells if array.cell.size > 4]
    assert len(set(cells)) == len(cells) == 9


def test_counts_are_those_of_all_levels():
    one = stack(BOTH)
    one.read(np.ones((2, 7), np.float32), numbers(2))
    one.levels[0].counts[3] += 5
    one.array.pulse(np.ones((7, 4), int))
    assert one.counts.tolist()[:8] == [28, 0, 2 * 7 * 4 * 4, 14 + 5, 8, 0, 0, 0]


# -- setting and writing -----------------------------------------------------------------------------------------------


def test_weights_are_put_as_they_leave_the_factory():
    one, wanted = pairs(), np.random.default_rng(3).uniform(-1.5, 1.5, (6, 4))
    one.put(wanted)
    np.testing.assert_allclose(one.values, np.clip(wanted, -1, 1), atol=1e-6)
    assert not one.counts.any()


@pytest.mark.parametrize("scheme", [WriteVerify(), MixedPrecision()])
def test_what_a_scheme_keeps_starts_from_the_weights_that_were_put(scheme):
    one = pairs(scheme=scheme)
    one.add(np.full((6, 4), 0.3, np.float32))
    one.put(np.full((6, 4), 0.25))
    kept = one.memory if isinstance(scheme, WriteVerify) else one.memory + np.float32(0.25)
    np.testing.assert_allclose(kept, np.full(one.memory.shape, 0.25), atol=1e-6)


def test_weights_on_several_arrays_are_tuned_and_charged():
    one = stack(capacitors(2), scheme=BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(tolerance=None))))
    wanted = np.random.default_rng(4).uniform(0.8 * one.low, 0.8 * one.high, (7, 4))
    one.put(wanted)
    np.testing.assert_allclose(one.values, wanted, atol=1e-4)


@pytest.mark.parametrize(
    ("device", "scheme"), [(QUIET, WriteVerify()), (replace(PCM, read_noise=ReadNoise()), BlindPulses())]
)
def test_a_write_is_a_closed_loop_and_counted(device, scheme):
    one = weights(device, None, scheme)
    wanted = np.random.default_rng(4).uniform(-0.5, 0.5, (7, 4))
    one.write(wanted, ClosedLoop(tolerance=0.03, iterations=50))
    counts = Counts.of(one.counts)
    assert counts.tuned == 28
    assert counts.pulses == one.array.writes.sum() > 0
    assert ((np.abs(one.values - wanted) > 0.06 + 1e-6).sum()) == counts.missed < 8
    if one.scheme.kept:
        np.testing.assert_array_equal(one.memory, np.stack([one.values] * 3))


# -- time --------------------------------------------------------------------------------------------------------------


def test_time_passes_for_all_levels_and_leaves_its_mark():
    one = stack(BOTH)
    before = [level.g.copy() for level in one.levels]
    one.age(1e-3)
    assert all((level.g != old).mean() > 0.5 for level, old in zip(one.levels, before, strict=True))
    whole = one.values.copy()
    one.refresh()
    assert whole == pytest.approx(one.values, abs=1e-6)


def test_the_clock_is_looked_at_as_often_as_the_chip_says():
    chip = Chip(image_seconds=1e-5, aging=30)
    one, other = (weights(LEAKY, ReferencedDevice(), BlindPulses(transfer=None), chip=chip) for _ in range(2))
    assert one.next_event(0) == 30
    before = one.array.g.copy()
    one.events(0, 29)
    np.testing.assert_array_equal(one.array.g, before)
    one.events(29, 61)
    other.age(60 * 1e-5)
    np.testing.assert_array_equal(one.array.g, other.array.g)
    assert (one.array.g != before).any()


def test_weights_without_events_ask_only_for_a_look_at_what_their_reads_conduct():
    one = pairs()
    assert one.next_event(5) == METER
    assert pairs(scheme=Exact()).next_event(5) >= 2**62  # numbers move without a pulse, and have no energy
    before = one.arrays()
    one.events(0, 10**9)
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, before[name])
