import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.base import Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.fabricate import fabricate, lognormal

Z = np.random.default_rng(0).standard_normal((4, 200_000))


def _cells(**spread):
    return fabricate(ConstantStep(**STEPS, spread=Spread(**spread)), Z)


def test_off_is_exact():
    cells = _cells()
    for row, value in zip(cells, (1e-6, 9e-6, 0.2e-6, 0.1e-6), strict=True):
        assert (row == value).all()


@pytest.mark.parametrize("cv", [0.05, 0.3, 1.0])
def test_lognormal_has_mean_one_and_the_relative_spread(cv):
    factors = lognormal(cv, Z[0])
    assert factors.mean() == pytest.approx(1.0, abs=0.01)
    assert factors.std() == pytest.approx(cv, rel=0.05)


def test_step_spread_moves_both_steps_together():
    _, _, up, down = _cells(step_cv=0.3)
    assert up / down == pytest.approx(np.full(up.size, 2.0))
    assert up.std() / up.mean() == pytest.approx(0.3, rel=0.03)


def test_asymmetry_keeps_the_geometric_mean():
    _, _, up, down = _cells(asymmetry_cv=0.2)
    assert np.sqrt(up * down) == pytest.approx(np.full(up.size, np.sqrt(0.02) * 1e-6))
    ratio = up / down
    assert ratio.std() / ratio.mean() == pytest.approx(0.2, rel=0.03)


def test_absolute_spread_of_the_bounds_is_normal_and_cut_at_zero():
    low, high, _, _ = _cells(range_sd=0.2e-6)
    assert high.mean() == pytest.approx(9e-6, rel=1e-3)
    assert (high.std(), low.std()) == pytest.approx((0.2e-6, 0.2e-6), rel=0.02)
    assert np.corrcoef(low, high)[0, 1] == pytest.approx(0.0, abs=0.02)
    assert _cells(range_sd=1e-6)[0].min() == 0.0


def test_bounds_are_independent_and_never_cross():
    low, high, up, _ = _cells(range_cv=0.1)
    assert np.corrcoef(low, high)[0, 1] == pytest.approx(0.0, abs=0.02)
    assert (up == 0.2e-6).all()
    wild = fabricate(ConstantStep(**STEPS, spread=Spread(range_cv=3.0)), Z)
    assert (wild[0] <= wild[1]).all()
