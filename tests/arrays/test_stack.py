"""Arrays that hold parts of one weight: what a read sees, charging, polarity, saving."""

import copy
import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL, WORST, crossbar, polarities
from stack_cases import BOTH, LEAKY, PAIR, capacitors, stack

from insitu.arrays import Crossbar
from insitu.arrays.stack import Stack
from insitu.cells import DifferentialPair, ReferencedDevice
from insitu.devices.base import Faults
from insitu.errors import InputError


def identical(one, other):
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


@pytest.mark.parametrize("cell", [BOTH, PAIR, capacitors(3)], ids=["both", "one", "three"])
def test_the_weights_are_the_sum_of_all_parts(cell):
    one = stack(cell)
    one.lowest.chop[:] = [1, -1, 1, 1, -1, -1, 1]
    one.refresh()
    total = one.lowest.chop[:, None] * one.lowest.part.astype(float)
    for level in one.levels[:-1]:
        assert (level.weights == level.part).all()
        total += level.part
    assert one.weights == pytest.approx(total, abs=1e-5)
    assert one.weights is one.lowest.weights
    assert one.planes == 2 * len(one.levels)


def test_a_pulse_of_the_least_significant_array_keeps_the_whole_weight_current():
    one = stack(BOTH)
    one.lowest.chop[::2] = -1
    one.refresh()
    before = one.weights.copy()
    one.lowest.pulse(polarities((7, 4)))
    after = one.weights.copy()
    one.refresh()
    assert after == pytest.approx(one.weights, abs=1e-6)
    assert (after != before).any()


def test_arrays_of_a_stack_and_stacks_of_a_network_draw_different_cells():
    cells = [level.cell[2] for index in (0, 1) for level in stack(capacitors(1), index=index).levels]
    assert all(cell.size == 1 for cell in cells)
    indices = [level.index for index in (0, 1, 2) for level in Stack(BOTH, 3, 2, index=index).levels]
    assert indices == list(range(6))


def test_counts_are_those_of_all_levels():
    one = stack(BOTH)
    one.levels[0].read(np.ones((2, 7)))
    one.lowest.pulse(np.ones((7, 4), int))
    assert one.counts.tolist()[:8] == [28, 0, 2 * 7 * 4 * 2, 14, 8, 0, 0, 0]


# -- charging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", [DifferentialPair(), ReferencedDevice()])
def test_an_ideal_charge_is_a_weight_of_zero(encoding):
    array = crossbar(IDEAL["constant"], 5, 4, encoding=encoding)
    before = array.weights.copy()
    array.charge(np.array([0, 3]))
    assert (array.weights[[0, 3]] == 0).all()
    assert (array.weights[[1, 2, 4]] == before[[1, 2, 4]]).all()
    assert array.writes.sum() == 0
    array.charge()
    assert (array.weights == 0).all()


def test_a_charge_sets_every_cell_to_the_same_point_of_its_own_range():
    array = crossbar(replace(LEAKY, faults=Faults()), 5, 4, encoding=ReferencedDevice())
    array.charge()
    low, high = array.cell[0], array.cell[1]
    assert array.g == pytest.approx((low + high) / 2)
    assert (array.weights != 0).all()  # devices differ
    assert (array.g[1] == array.g[1, :, :1]).all()  # the reference is one cell


def test_faulty_cells_are_not_charged():
    array = crossbar(replace(WORST["constant"], faults=Faults(dead=0.4, stuck_high=0.4)), 9, 8)
    array.charge()
    fault = array._fault
    assert (array.g[fault == 0] == 0).all()
    assert (array.g[fault == 2] == array.cell[1][fault == 2]).all()
    assert {0, 2, 3} <= set(fault.ravel().tolist())


# -- saving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["arrays", "pickle", "deepcopy"])
def test_a_saved_stack_goes_on_as_if_nothing_had_happened(way):
    one = stack(BOTH)
    one.lowest.chop[::2] = -1
    one.lowest.pulse(polarities((7, 4)))
    one.age(1e-3)
    if way == "arrays":
        file = io.BytesIO()
        np.savez(file, **one.arrays())
        file.seek(0)
        other = Stack(BOTH, 7, 4, seed=5)
        other.restore(dict(np.load(file, allow_pickle=False)))
    else:
        other = pickle.loads(pickle.dumps(one)) if way == "pickle" else copy.deepcopy(one)
    identical(one, other)
    for each in (one, other):
        each.lowest.pulse(polarities((7, 4), 1))
        each.age(1e-3)
    identical(one, other)
    assert not np.shares_memory(one.weights, other.weights)


@pytest.mark.parametrize("name", ["0.g", "1.base", "1.chop", "0.idle", "0.seen", "1.counts"])
def test_refuses_the_state_of_another_stack(name):
    one = stack(BOTH)
    arrays = one.arrays()
    del arrays[name]
    with pytest.raises(InputError, match=f"restore: '{name[2:]}' is missing"):
        one.restore(arrays)


def test_a_plain_array_has_nothing_beneath_it():
    array = Crossbar(IDEAL["constant"], 3, 2)
    assert array.base.shape == (1, 1)
    assert (array.chop == 1).all()
    assert array.part == pytest.approx(array.weights)
