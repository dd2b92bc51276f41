"""Zero-shifting: what a fast array is read against."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL, crossbar, worst

from insitu.arrays import Crossbar
from insitu.arrays.zeroshift import zero_shift
from insitu.cells import DifferentialPair
from insitu.devices.base import Spread
from insitu.devices.response import symmetry_point
from insitu.errors import InputError

ROUND_OFF = 2.0**-24  # of the reference, which is at most 1, in single precision
UNEQUAL = replace(IDEAL["softbounds"], spread=Spread(step_cv=0.3, asymmetry_cv=0.5))


def test_a_shifted_array_reads_nothing_at_its_symmetry_points():
    array = Crossbar(UNEQUAL, 20, 10, encoding=DifferentialPair(), stacked=True)
    array.chop[::2] = -1
    zero_shift(array, 2000)
    assert np.abs(array.weights).max() < ROUND_OFF
    assert np.abs(array.part).max() > 0.05
    _, _, up, down = array.cell  # soft bounds: up and down cancel at up / (up + down) of the range
    low, high = array.device.g_min, array.device.g_max
    np.testing.assert_allclose((array.g - low) / (high - low), up / (up + down), atol=0.04)


@pytest.mark.parametrize("name", ["softbounds", "linear", "switch"])
def test_the_nominal_cell_goes_where_the_library_says(name):
    device = IDEAL[name]
    array = Crossbar(device, 1, 1, stacked=True)
    zero_shift(array, 20_000)
    point = symmetry_point(device)
    if point is not None:
        assert float(array.g[0, 0, 0]) == pytest.approx(point, abs=device.step_up)


def test_without_pulses_the_reference_is_where_the_cells_are():
    array = crossbar(UNEQUAL, 6, 5, stacked=True)
    before = array.g.copy()
    zero_shift(array, 0)
    np.testing.assert_array_equal(array.g, before)
    assert np.abs(array.weights).max() < ROUND_OFF


def test_the_error_of_the_reference_has_its_spread():
    array = Crossbar(IDEAL["softbounds"], 60, 50, stacked=True)
    zero_shift(array, 10, error=0.2)
    assert float(array.weights.std()) == pytest.approx(0.2, rel=0.05)
    assert float(array.weights.mean()) == pytest.approx(0.0, abs=0.02)


def test_faulty_cells_stay_and_no_pulse_is_counted():
    array = Crossbar(worst(IDEAL["softbounds"]), 30, 20, stacked=True)
    where, state = array._faulty
    zero_shift(array, 50)
    np.testing.assert_array_equal(array.g.ravel()[where], state)
    assert where.size > 20
    assert not array.writes.any()
    assert not array.counts.any()


def test_an_array_without_room_for_a_reference_is_refused():
    with pytest.raises(InputError, match="stacked=True"):
        zero_shift(Crossbar(IDEAL["softbounds"], 2, 2), 10)
