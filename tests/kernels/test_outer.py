"""Blind pulses of one example against their slow twin, bit for bit, and how many there are."""

from dataclasses import replace

import naive_stack
import numpy as np
import pytest
from cases import IDEAL, MORTAL, WORST, crossbar, same
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import PCM

from insitu.arrays import Crossbar
from insitu.cells import DifferentialPair, OneSidedPair, ReferencedDevice
from insitu.learning.backprop import DeterministicPulses, StochasticPulses

once = settings(derandomize=True, deadline=None, max_examples=25, database=None)
TRAINS = {
    "stochastic": StochasticPulses().vector(0.1),
    "stochastic, few": StochasticPulses(slots=3).vector(0.02),
    "deterministic": DeterministicPulses(x_levels=5, delta_levels=7).vector(0.1),
}
WAYS = {
    "one plane": (WORST["constant"], None),
    "pair": (WORST["constant"], DifferentialPair(w_max=2.0)),
    "referenced": (WORST["constant"], ReferencedDevice()),
    "one-sided": (replace(PCM, **MORTAL), OneSidedPair()),
    "ideal": (IDEAL["constant"], ReferencedDevice()),
}
every_way = pytest.mark.parametrize(("device", "encoding"), WAYS.values(), ids=WAYS)


def signals(n, rng, zeros=0.3):
    """Signals of either sign, some of them 0."""
    return (rng.normal(size=n) * (rng.random(n) > zeros)).astype(np.float32)


def array_of(device, encoding, rows, columns, index=3):
    """An array of a stack: something beneath its weights, and rows of either polarity."""
    array = crossbar(device, rows, columns, encoding=encoding, index=index, stacked=True)
    rng = np.random.default_rng(7)
    array.base[:], array.chop[:] = rng.normal(size=(rows, columns)), rng.choice([-1, 1], rows)
    array.refresh()
    return array


def update(array, x, d, trains, shown):
    memory = np.zeros((1, 1), np.float32)
    array.compiled("outer").update(array.state, x, d, memory, np.array(trains), shown, array.counts)


@every_way
@pytest.mark.parametrize("trains", TRAINS.values(), ids=TRAINS)
def test_update_is_its_twin(device, encoding, trains):
    array = array_of(device, encoding, 9, 6)
    twin, rng = naive_stack.Cells(array), np.random.default_rng(1)
    for shown in (0, 1, 2, 2**32 - 1, 2**32, 2**40 + 5):
        x, d = signals(9, rng), signals(6, rng) / 2
        update(array, x, d, trains, shown)
        naive_stack.update(twin, x, d, trains, shown)
    same(array, twin)
    assert array.writes.sum() > 50


@pytest.mark.parametrize("rows", [1, 128, 300])
def test_blocks_of_any_size(rows):
    array = array_of(*WAYS["pair"], rows, 2)
    twin, rng = naive_stack.Cells(array), np.random.default_rng(2)
    x, d = signals(rows, rng, 0.1), np.array([0.5, -0.3], np.float32)
    update(array, x, d, TRAINS["stochastic"], 4)
    naive_stack.update(twin, x, d, TRAINS["stochastic"], 4)
    same(array, twin)


@every_way
@once
@given(data=st.data())
def test_silent_rows_and_columns_and_the_reference_are_untouched(device, encoding, data):
    array = array_of(device, encoding, 5, 4)
    size = st.sampled_from([0.0, 0.0, 1e-30, 0.3, -1.0, 1e20])
    x, d = (np.array(data.draw(st.lists(size, min_size=n, max_size=n)), np.float32) for n in (5, 4))
    before = array.arrays()
    trains = data.draw(st.sampled_from(list(TRAINS.values())))
    update(array, x, d, trains, data.draw(st.integers(0, 2**40)))
    met = (d[:, None] != 0) & (x != 0)
    assert (array.writes == before["writes"])[:, ~met].all()
    assert (array.g == before["g"])[:, ~met].all()
    assert (array.weights == before["weights"]).T[~met].all()
    reference = array.map.signs == 0
    assert (array.writes[reference] == 0).all()
    assert array.counts[:2].sum() == array.writes.sum()
    low, high = np.broadcast_to(array.cell[:2], (2, *array.g.shape))
    sound = array._fault == 3 if device.mortal else np.ones(array.g.shape, bool)
    assert ((array.g >= low) & (array.g <= high))[sound].all()


@pytest.mark.parametrize("trains", TRAINS.values(), ids=TRAINS)
def test_of_a_one_sided_pair_only_the_device_that_is_to_rise_is_pulsed(trains):
    array, rng = array_of(*WAYS["one-sided"], 8, 6), np.random.default_rng(3)
    x, d = signals(8, rng, 0), signals(6, rng, 0)
    update(array, x, d, trains, 9)
    up = (np.outer(d, x) > 0) == (array.chop > 0)
    assert (array.writes[0][~up] == 0).all()
    assert (array.writes[1][up] == 0).all()
    assert array.counts[:2].tolist() == [array.writes.sum(), 0]
    assert array.writes[0].sum() > 3 < array.writes[1].sum()


def test_an_ideal_weight_moves_by_the_number_of_its_pulses():
    array = Crossbar(IDEAL["constant"], 6, 5, encoding=ReferencedDevice(), stacked=True)
    array.chop[:] = [1, -1, 1, -1, 1, -1]
    x, d = signals(6, np.random.default_rng(4)), signals(5, np.random.default_rng(5))
    update(array, x, d, StochasticPulses(slots=4).vector(0.3), 3)
    change = np.outer(x, d)
    up = (change > 0) == (array.chop[:, None] > 0)
    device, gain = array.device, array.map.gains[0]
    moved = np.where(up, device.step_up, -device.step_down) * gain * array.chop[:, None] * array.writes[0].T
    assert array.weights == pytest.approx(moved, abs=1e-6)
    assert (np.sign(array.weights) == np.sign(change) * (array.writes[0].T > 0)).all()


def test_on_average_coincidences_are_x_d_over_step():
    """Mean over many examples, to 5 standard deviations of the mean; the variance follows from the slots being alike.

    A coincidence in each of n slots has the probability p = |x d| / (n step), so a count has the variance n p (1 - p); its
    columns share the firing of a row, which leaves the mean of each weight alone.
    """
    array = Crossbar(IDEAL["constant"], 4, 3, encoding=ReferencedDevice(), stacked=True)
    x, d = np.array([1.0, -0.6, 0.05, 0.3], np.float32), np.array([0.2, -0.11, 0.01], np.float32)
    step, slots, examples = 0.012, 31, 4000
    for shown in range(examples):
        update(array, x, d, StochasticPulses(slots=slots).vector(step), shown)
    used = np.ceil(0.2 / step)
    mean = np.abs(np.outer(d, x)) / step
    p = mean / used
    deviation = np.abs(array.writes[0] / examples - mean)
    assert (deviation < 5 * np.sqrt(used * p * (1 - p) / examples)).all()


def test_a_train_that_is_too_short_saturates_at_its_slots():
    array = Crossbar(IDEAL["constant"], 2, 1, encoding=ReferencedDevice(), stacked=True)
    update(array, np.array([1, 0.5], np.float32), np.ones(1, np.float32), StochasticPulses(slots=8).vector(1e-3), 0)
    assert array.writes[0, 0, 0] == 8
    assert 0 < array.writes[0, 0, 1] < 8


def test_deterministic_trains_are_products_of_rounded_numbers():
    array = Crossbar(IDEAL["constant"], 4, 3, encoding=ReferencedDevice(), stacked=True)
    x, d = np.array([2.0, -1.0, 0.49, 0.09], np.float32), np.array([0.31, -0.1, 9.0], np.float32)
    update(array, x, d, DeterministicPulses(x_levels=5, delta_levels=16, full=1.0).vector(0.02), 0)
    rows, columns = [5, 5, 2, 0], [3, 1, 16]  # 5 |x|, at most 5; |d| / (5 x 0.02), at most 16
    assert array.writes[0].T.tolist() == np.outer(rows, columns).tolist()


def test_rows_fire_from_x_alone_and_columns_from_d_alone():
    """The same rows meet a column whatever the other columns do, as long as the largest stays."""
    x = signals(20, np.random.default_rng(6), 0)
    met = []
    for d in ([0.3, 0.7], [-0.3, 0.7]):
        array = Crossbar(IDEAL["constant"], 20, 2, encoding=ReferencedDevice(), stacked=True)
        update(array, x, np.array(d, np.float32), TRAINS["stochastic"], 12)
        met.append(array.writes[0].copy())
    assert (met[0] == met[1]).all()
    assert met[0].any()


def test_trains_of_two_arrays_and_two_seeds_differ():
    x, d = signals(30, np.random.default_rng(8), 0), signals(20, np.random.default_rng(9), 0)
    met = []
    for seed, index in ((1, 0), (1, 1), (2, 0)):
        array = Crossbar(IDEAL["constant"], 30, 20, encoding=ReferencedDevice(), stacked=True, seed=seed, index=index)
        update(array, x, d, TRAINS["stochastic, few"], 0)
        met.append(array.writes.copy())
    assert all((met[a] != met[b]).any() for a, b in ((0, 1), (0, 2), (1, 2)))


@once
@given(presented=st.integers(0, 2**50), slots=st.integers(1, 63))
def test_trains_are_their_twin_at_any_time(presented, slots):
    trains = StochasticPulses(slots=slots).vector(0.013)
    rng = np.random.default_rng(slots)
    x, d = signals(3, rng), signals(2, rng)
    array = Crossbar(IDEAL["constant"], 3, 2, encoding=ReferencedDevice(), stacked=True, seed=2**63 + 1)
    update(array, x, d, trains, presented)
    met = naive_stack.meetings(x, d, trains, presented, naive_stack.TRAIN, 2**63 + 1)
    assert array.writes[0].T.tolist() == np.sum([np.zeros((3, 2), int), *map(np.array, met)], axis=0).tolist()
