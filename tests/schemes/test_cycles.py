"""Cycles of SET and RESET in turn, and signs of factors. Their twins of changes weight by weight: test_mixed_precision."""

from dataclasses import dataclass, replace
from typing import ClassVar

import naive_methods
import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST, polarities, same, signals
from naive_cells import Cells
from stack_cases import BOTH, ask_column, weights

from insitu import CrossbarClassifier, EnergyClassifier
from insitu.arrays import Crossbar
from insitu.cells import BitSlices, DifferentialPair, ReferencedDevice, SingleDevice
from insitu.devices.base import Programming
from insitu.errors import InputError
from insitu.learning.stdp import Stdp
from insitu.ledger import Counts
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.schemes import ErrorAware, SignPulses, Weights

PLAIN = replace(IDEAL["constant"], step_up=0.02e-6, step_down=0.02e-6)
PAIR = DifferentialPair()
TURNS = SignPulses(threshold=0.5, alternate=True)


def asked(one, sign, size=2.0):
    """Ask every weight for so many steps, one way."""
    one.add(np.full((one.rows, one.columns), sign * size * one.step, np.float32))


def spent(one):
    counts = Counts.of(one.counts)
    return counts.pulses_up, counts.pulses_down


@pytest.mark.parametrize("encoding", [PAIR, ReferencedDevice(), SingleDevice()], ids=lambda e: type(e).__name__)
def test_an_update_sends_one_polarity_alone_even_ones_set_and_odd_ones_reset(encoding):
    one = weights(PLAIN, encoding, TURNS, 5, 3, form="dense")
    before, pulsed = one.array.g.copy(), int(np.count_nonzero(one.array.map.signs))
    moves = {1: one.array.map.signs > 0, -1: one.array.map.signs < 0}
    for number, sign in enumerate((1, 1, -1, -1)):
        way = 1 if number % 2 == 0 else -1
        up, down = spent(one)
        asked(one, sign)
        cells = moves[sign * way]  # of a pair: g+ up or g- up, then g+ down or g- down
        changed = (one.array.g - before) / PLAIN.step_up
        assert changed[cells] == pytest.approx(way, abs=1e-3)
        assert (changed[~cells] == 0).all()
        sent = 15 * int(cells.sum())
        assert spent(one) == ((up + sent, down) if way > 0 else (up, down + sent))
        before = one.array.g.copy()
    assert sum(spent(one)) == one.array.writes.sum() == 4 * 15 * pulsed / 2


def test_two_cycles_are_one_plain_update_where_no_bound_is_hit():
    """The same pulses to the same cells: the same bits, whatever noise they draw, for it goes by the write count."""
    for device in (PLAIN, replace(WORST["linear"], faults=IDEAL["linear"].faults)):
        one, plain = (weights(device, PAIR, replace(TURNS, alternate=on), 9, 8, form="dense") for on in (True, False))
        for number in range(6):
            change = (one.step * np.random.default_rng(number).normal(size=(9, 8))).astype(np.float32)
            for each in (one, one, plain):
                each.add(change)
        np.testing.assert_array_equal(one.array.g, plain.array.g)
        np.testing.assert_array_equal(one.values, plain.values)
        assert Counts.of(one.counts).pulses == Counts.of(plain.counts).pulses > 100
        assert spent(one) == spent(plain)


def test_the_number_of_the_update_decides_and_is_kept():
    one, other = (weights(PLAIN, PAIR, TURNS, 3, 2, form="dense") for _ in range(2))
    asked(one, 1)
    other.restore(one.arrays())
    for each in (one, other):
        asked(each, 1)
    assert spent(one)[1] == other.array.writes[1].sum() == 6
    np.testing.assert_array_equal(one.values, other.values)
    one.updates[...] = 2**40  # the parity of large numbers too
    asked(one, 1)
    assert one.array.writes[0].sum() == 12


@pytest.mark.parametrize(
    ("device", "encoding", "alternate"),
    [
        (WORST["linear"], PAIR, False),
        (WORST["linear"], PAIR, True),
        (None, BOTH, True),
        (BINARY, BitSlices(bits=3), False),
    ],
    ids=["worst pair", "worst pair in cycles", "in cycles below another array", "bits"],
)
def test_signs_of_factors_are_their_twin(device, encoding, alternate):
    scheme = SignPulses(error_threshold=0.7, alternate=alternate)
    one = weights(device, encoding, scheme, 13, 140)  # columns of more than one block
    one.freeze(polarities((13, 140)) > 0)
    twin, rng = Cells(one.array), np.random.default_rng(0)
    for number in range(6):
        x, d = signals(13, rng, 0.5), np.float32(0.01) * signals(140, rng)
        d[3] = 0.0
        one.add_factors(x[None], d[None], 0.01)
        naive_methods.signs(twin, x, d, 0.01 * 0.7, number, alternate)
    same(one.array, twin)
    assert one.array.writes.sum() > 100


def test_the_threshold_of_the_error_knows_no_rate_nor_the_size_of_an_input():
    one = weights(PLAIN, PAIR, SignPulses(error_threshold=0.2), 3, 4)
    before = one.values.copy()
    x, d = np.array([[1e-6, -50.0, 0.0]], np.float32), np.array([[0.3, -0.21, 0.19, -0.1]], np.float32)
    for rate in (1.0, 1e-3):
        one.add_factors(x, np.float32(rate) * d, rate)
    wanted = 2 * np.array([[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 0, 0]])
    assert (one.values - before) / one.step == pytest.approx(wanted, abs=1e-2)
    counts = Counts.of(one.counts)
    assert (counts.digital_ops, counts.pulses, counts.reads) == (
        2 * 4,
        16,
        0,
    )  # an error is compared, no product formed
    one.add_factors(np.ones((1, 3), np.float32), np.zeros((1, 4), np.float32))
    assert Counts.of(one.counts).pulses == 16


def test_without_a_threshold_every_error_counts_but_none():
    one = weights(PLAIN, PAIR, SignPulses(error_threshold=0.0), 1, 3)
    one.add_factors(np.ones((1, 1), np.float32), np.array([[1e-30, 0.0, 3e38]], np.float32))
    assert one.array.writes[:, :, 0].tolist() == [[1, 0, 1]] * 2


def test_a_crossbar_gives_one_polarity_alone():
    array = Crossbar(PLAIN, 2, 2, encoding=PAIR)
    array.give([0, 1], [0, 1], [3, -2], only=1)
    assert array.writes[:, [0, 1], [0, 1]].tolist() == [[3, 0], [0, 2]]
    array.give([0, 1], [0, 1], [3, -2], only=-1)
    assert array.writes[:, [0, 1], [0, 1]].tolist() == [[3, 2], [3, 2]]
    for crossbar, only in ((array, 2), (Crossbar(BINARY, 2, 2, encoding=BitSlices(bits=2)), 1)):
        with pytest.raises(InputError, match=rf"^only: got {only}; allowed is -1, 0 or 1, and 0 alone for bits$"):
            crossbar.give([0], [0], [1], only=only)


def test_half_of_the_cycles_are_half_of_the_time():
    assert [SignPulses().turns(7), TURNS.turns(7), TURNS.turns(8), ErrorAware().turns(7)] == [7, 4, 4, 7]


@pytest.mark.parametrize("kind", [CrossbarClassifier, EnergyClassifier])
def test_networks_that_give_factors_learn_by_signs_in_cycles_with_the_same_bits_however_they_are_fed(kind):
    X, y = np.eye(8)[np.arange(64) % 8], np.arange(64) % 8
    scheme, coarse = SignPulses(error_threshold=0.1, alternate=True), replace(PLAIN, step_up=0.06e-6, step_down=0.06e-6)
    models = [kind((), device=coarse, encoding=PAIR, scheme=scheme, random_state=0) for _ in range(2)]
    for _ in range(8):
        models[0].partial_fit(X, y, classes=range(8))
        for part in (slice(16), slice(16, None)):
            models[1].partial_fit(X[part], y[part], classes=range(8))
    np.testing.assert_array_equal(*(model.network_.layers[0].values for model in models))
    assert models[0].score(X, y) > 0.9
    counts = models[0].counts_
    assert min(counts.pulses_up, counts.pulses_down) > 0
    assert counts.pulses == models[0].network_.layers[0].array.writes.sum()


def test_a_spiking_neuron_alternates_by_its_spikes_and_even_ones_alone_are_refused():
    one = weights(PLAIN, SingleDevice(), replace(TURNS, threshold=0.0), 6, 2, form="column")
    for spikes, (up, down) in enumerate(((3, 0), (3, 3))):
        ask_column(one, 1, [1, 1, 1, 0, 0, 0], SpikingRule().stdp.rule(one), spikes)
        assert spent(one) == (up, down)
    SpikingNetwork(PLAIN, 4, 2, SpikingRule(stdp=Stdp(every=3)), scheme=TURNS)
    with pytest.raises(InputError, match=r"^stdp\.every: got 2; cycles of SET and of RESET take turns") as caught:
        SpikingNetwork(PLAIN, 4, 2, SpikingRule(stdp=Stdp(every=2)), scheme=TURNS)
    assert "\n" not in str(caught.value)


def test_a_scheme_of_ones_own_names_the_field_that_says_so():
    @dataclass(frozen=True, kw_only=True)
    class Mine(SignPulses):
        turns_on: float = 1.0
        cycles: ClassVar[str] = "turns_on"

    assert Mine().alternates
    assert not Mine(turns_on=0.0).alternates
    lawful = replace(PLAIN, programming=Programming(error_sd=1e-8))
    Weights(lawful, 2, 2, Mine(), form="dense", encoding=PAIR)

    class Written(Mine):
        by_law: ClassVar[bool] = True

    with pytest.raises(InputError, match="in cycles of SET and of RESET, for a law writes it at once"):
        Weights(lawful, 2, 2, Written(), form="dense", encoding=PAIR)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"alternate": 1}, "sign_pulses.alternate: got 1; allowed are True and False"),
        ({"alternate": "yes"}, "sign_pulses.alternate: got 'yes'; allowed are True and False"),
        ({"error_threshold": -0.1}, "sign_pulses.error_threshold: got -0.1"),
        ({"error_threshold": float("nan")}, "sign_pulses.error_threshold: got nan"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(given, words):
    with pytest.raises(InputError, match=words) as caught:
        SignPulses(**given)
    assert "\n" not in str(caught.value)
