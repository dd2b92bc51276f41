"""Charging: cells set to one voltage, without a pulse."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL, WORST, crossbar
from stack_cases import LEAKY

from insitu.cells import DifferentialPair, ReferencedDevice
from insitu.devices.base import Faults


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
