"""Blind pulses against their slow twin, bit for bit, and how many there are."""

import naive_methods
import numpy as np
import pytest
from cases import WORST, rule, same, signals
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_cells import Cells
from stack_cases import BOTH, CAPACITOR, PCM, ask_column, weights

from insitu.cells import DifferentialPair, OneSidedPair, ReferencedDevice, Significance, SingleDevice
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.schemes import BlindPulses, DeterministicTrains, Exact, StochasticTrains, TikiTaka

once = settings(derandomize=True, deadline=None, max_examples=25, database=None)
TRAINS = {
    "stochastic": StochasticTrains(),
    "stochastic, few": StochasticTrains(slots=3),
    "deterministic": DeterministicTrains(x_levels=5, delta_levels=7),
}
WAYS = {
    "one plane": (WORST["constant"], SingleDevice()),
    "pair": (WORST["constant"], DifferentialPair(w_max=2.0)),
    "one-sided": (PCM, OneSidedPair()),
    "below another array": (None, BOTH),
    "ideal": (CAPACITOR, ReferencedDevice()),
}
every_way = pytest.mark.parametrize(("device", "encoding"), WAYS.values(), ids=WAYS)
every_train = pytest.mark.parametrize("trains", TRAINS.values(), ids=TRAINS)


def made(way, rows, columns, trains=TRAINS["stochastic"], **kwargs):
    return weights(*WAYS[way], BlindPulses(trains=trains), rows, columns, **kwargs)


def ask(one, x, d, number=0):
    """Ask for one outer product, as the change of the example of this number."""
    one.updates[...] = number
    one.add_factors(x[None], d[None])


def ask_twin(twin, one, x, d, number=0):
    trains = one.scheme.trains
    stochastic = isinstance(trains, StochasticTrains)
    rest = (trains.slots,) if stochastic else (trains.x_levels, trains.full, trains.delta_levels)
    naive_methods.blind(twin, x, d, (one.step, *rest), number)


@pytest.mark.parametrize("way", WAYS)
@every_train
def test_factors_are_their_twin(way, trains):
    one = made(way, 9, 6, trains, index=3)
    twin, rng = Cells(one.array), np.random.default_rng(1)
    for number in (0, 1, 2, 2**32 - 1, 2**32, 2**40 + 5):
        x, d = signals(9, rng), 6 * np.float32(one.step) * signals(6, rng)
        ask(one, x, d, number)
        ask_twin(twin, one, x, d, number)
    same(one.array, twin)
    assert one.array.writes.sum() > 50


@pytest.mark.parametrize("rows", [1, 128, 300])
def test_blocks_of_any_size(rows):
    one = made("pair", rows, 2)
    twin, rng = Cells(one.array), np.random.default_rng(2)
    x, d = signals(rows, rng, 0.1), np.float32(5 * one.step) * np.array([0.5, -0.3], np.float32)
    ask(one, x, d, 4)
    ask_twin(twin, one, x, d, 4)
    same(one.array, twin)


@pytest.mark.parametrize("way", WAYS)
def test_a_column_gets_the_pulses_of_its_coincidences(way):
    one = made(way, 9, 3, form="column")
    twin, stdp = Cells(one.array), rule(0.9, 0.4)
    for spikes in range(4):
        up = np.arange(9) % (2 + spikes) == 0
        ask_column(one, 1, up, stdp, spikes)
        twin.program(1, up, stdp, spikes)
    same(one.array, twin)
    assert not one.array.writes[:, [0, 2]].any()
    assert one.array.writes.any()


@pytest.mark.parametrize("way", WAYS)
@once
@given(data=st.data())
def test_silent_rows_and_columns_and_the_reference_are_untouched(way, data):
    one = made(way, 5, 4, data.draw(st.sampled_from(list(TRAINS.values()))))
    size = st.sampled_from([0.0, 0.0, 1e-30, 0.3, -1.0, 1e20])
    x, d = (np.array(data.draw(st.lists(size, min_size=n, max_size=n)), np.float32) for n in (5, 4))
    array, before = one.array, one.array.arrays()
    ask(one, x, d, data.draw(st.integers(0, 2**40)))
    met = (d[:, None] != 0) & (x != 0)
    assert (array.writes == before["writes"])[:, ~met].all()
    assert (array.g == before["g"])[:, ~met].all()
    assert (array.weights == before["weights"]).T[~met].all()
    assert (array.writes[array.map.signs == 0] == 0).all()
    assert array.counts[:2].sum() == array.writes.sum()
    low, high = np.broadcast_to(array.cell[:2], (2, *array.g.shape))
    sound = array._fault == 3 if array.device.mortal else np.ones(array.g.shape, bool)
    assert ((array.g >= low) & (array.g <= high))[sound].all()


@every_train
def test_of_a_one_sided_pair_only_the_device_that_is_to_rise_is_pulsed(trains):
    one, rng = made("one-sided", 8, 6, trains), np.random.default_rng(3)
    x, d = signals(8, rng, 0), np.float32(5 * one.step) * signals(6, rng, 0)
    ask(one, x, d, 9)
    up, writes = np.outer(d, x) > 0, one.array.writes
    assert (writes[0][~up] == 0).all()
    assert (writes[1][up] == 0).all()
    assert one.array.counts[:2].tolist() == [writes.sum(), 0]
    assert writes[0].sum() > 3 < writes[1].sum()


def test_where_a_row_is_read_inverted_its_part_goes_the_other_way():
    one = made("below another array", 8, 6)
    chop, before = one.array.chop, one.array.part
    assert set(chop.tolist()) == {-1.0, 1.0}
    x, d = np.ones(8, np.float32), np.full(6, 9 * one.step, np.float32)
    ask(one, x, d)
    moved = one.array.part - before
    assert (moved * chop[:, None] > -1e-7).all()
    assert (moved != 0).mean() > 0.5


# -- how many ----------------------------------------------------------------------------------------------------------


def test_an_ideal_weight_moves_by_the_number_of_its_pulses():
    one = made("ideal", 6, 5, StochasticTrains(slots=4))
    before, rng = one.values.copy(), np.random.default_rng(4)
    x, d = signals(6, rng), np.float32(4 * one.step) * signals(5, rng)
    ask(one, x, d, 3)
    change, pulses = np.outer(x, d), one.array.writes[0].T
    assert one.values - before == pytest.approx(np.sign(change) * pulses * one.step, abs=1e-6)
    assert pulses.sum() > 10


def test_on_average_coincidences_are_x_d_over_step():
    """Mean over many examples, to 5 standard deviations of the mean; the variance follows from the slots being alike.

    A coincidence in each of n slots has the probability p = |x d| / (n step), so a count has the variance n p (1 - p); its
    columns share the firing of a row, which leaves the mean of each weight alone.
    """
    one, examples = made("ideal", 4, 3), 4000
    x = np.array([1.0, -0.6, 0.05, 0.3], np.float32)
    d = np.float32(one.step) * np.array([16.6, -9.2, 0.8], np.float32)
    one.add_factors(np.tile(x, (examples, 1)), np.tile(d, (examples, 1)))
    mean = np.abs(np.outer(d, x)) / one.step
    p = mean / 17
    deviation = np.abs(one.array.writes[0] / examples - mean)
    assert (deviation < 5 * np.sqrt(17 * p * (1 - p) / examples)).all()


def test_a_train_that_is_too_short_cuts_off_the_largest_columns():
    """A column that would have to fire more often than there are slots fires in each; the others stay right on average.

    107 coincidences wanted in 31 slots: a row fires as its signal is to the largest, a column with min(1, 107 / 31 d).
    """
    one, examples, slots, most = made("ideal", 3, 2, StochasticTrains()), 4000, 31, 107
    x, d = np.array([1, 0.3, 0.1], np.float32), np.array([1, 0.2], np.float32)
    one.add_factors(np.tile(x, (examples, 1)), np.tile(np.float32(most * one.step) * d, (examples, 1)))
    p = np.outer(np.minimum(1, most / slots * d), x)
    assert p[0, 0] == 1
    assert p[1, 1] == pytest.approx(0.2 * 0.3 * most / slots)
    assert Counts.of(one.counts).cut == Counts.of(one.counts).trains == examples
    deviation = np.abs(one.array.writes[0] / examples - slots * p)
    assert (deviation <= 5 * np.sqrt(slots * p * (1 - p) / examples)).all()


def test_a_train_that_shrinks_keeps_the_direction_of_the_change():
    """107 coincidences wanted in 31 slots: every weight gets 31 / 107 of what it should, as a fast array does."""
    device, encoding = WAYS["ideal"]
    how = TikiTaka(part=Significance(device=device, pair=ReferencedDevice), zero_shift=0, fast_pulses=107.0)
    one, examples = weights(device, encoding, how, 3, 2), 4000
    x, d = np.array([1, 0.3, 0.1], np.float32), np.array([1, 0.2], np.float32)
    one.add_factors(np.tile(x, (examples, 1)), np.tile(d, (examples, 1)), 1.0)
    p = np.outer(d, x)
    deviation = np.abs(one.fast.writes[0] / examples - 31 * p)
    assert (deviation <= 5 * np.sqrt(31 * p * (1 - p) / examples)).all()
    assert Counts.of(one.counts).cut == examples


def test_deterministic_trains_are_products_of_rounded_numbers():
    one = made("ideal", 4, 3, DeterministicTrains(x_levels=5, delta_levels=16, full=1.0))
    x = np.array([2.0, -1.0, 0.49, 0.09], np.float32)
    d = np.float32(one.step) * np.array([15.5, -5.0, 450.0], np.float32)
    ask(one, x, d)
    rows, columns = [5, 5, 2, 0], [3, 1, 16]  # 5 |x|, at most 5; |d| / (5 step), at most 16
    assert one.array.writes[0].T.tolist() == np.outer(rows, columns).tolist()


def test_rows_fire_from_x_alone_and_columns_from_d_alone():
    """The same rows meet a column whatever the other columns do, as long as the largest stays."""
    x = signals(20, np.random.default_rng(6), 0)
    met = []
    for d in ([0.3, 0.7], [-0.3, 0.7]):
        one = made("ideal", 20, 2)
        ask(one, x, np.float32(10 * one.step) * np.array(d, np.float32), 12)
        met.append(one.array.writes[0].copy())
    assert (met[0] == met[1]).all()
    assert met[0].any()


def test_trains_of_two_arrays_and_two_seeds_differ():
    x, d = signals(30, np.random.default_rng(8), 0), signals(20, np.random.default_rng(9), 0)
    met = []
    for seed, index in ((1, 0), (1, 1), (2, 0)):
        one = made("ideal", 30, 20, TRAINS["stochastic, few"], seed=seed, index=index)
        ask(one, x, np.float32(2 * one.step) * d)
        met.append(one.array.writes.copy())
    assert all((met[a] != met[b]).any() for a, b in ((0, 1), (0, 2), (1, 2)))


@once
@given(number=st.integers(0, 2**50), slots=st.integers(1, 63))
def test_trains_are_their_twin_at_any_time(number, slots):
    one, rng = made("ideal", 3, 2, StochasticTrains(slots=slots), seed=2**63 + 1), np.random.default_rng(slots)
    x, d = signals(3, rng), np.float32(70 * one.step) * signals(2, rng)
    ask(one, x, d, number)
    met = naive_methods.meetings(x, d, (one.step, slots), number, naive_methods.TRAIN, 2**63 + 1)
    outer = [np.outer(rows, columns) for rows, columns in met]
    assert one.array.writes[0].T.tolist() == np.sum([np.zeros((3, 2), int), *outer], axis=0).tolist()


def test_nothing_digital_is_done_and_nothing_is_kept():
    one = made("pair", 9, 6)
    ask(one, np.ones(9, np.float32), np.full(6, one.step, np.float32))
    counts = Counts.of(one.counts)
    assert counts.pulses > 0
    assert counts.digital_ops == counts.reads == 0
    assert one.memory.size == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StochasticTrains(slots=64), "trains.slots: got 64; allowed is a whole number from 1 to 63"),
        (lambda: DeterministicTrains(x_levels=0), "trains.x_levels: got 0"),
        (lambda: DeterministicTrains(delta_levels=1.5), "trains.delta_levels: got 1.5"),
        (lambda: DeterministicTrains(full=0.0), "trains.full: got 0.0"),
        (lambda: BlindPulses(trains=Exact()), r"trains: got Exact.*; allowed is StochasticTrains\(\.\.\.\)"),
        (
            lambda: BlindPulses(transfer=8000),
            r"transfer: got 8000; allowed is Transfer\(\.\.\.\), ResidualTransfer\(\.\.\.\) or None",
        ),
    ],
)
def test_refuses_in_one_sentence(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
