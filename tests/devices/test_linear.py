import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.base import parameters
from insitu.devices.linear import LinearStep
from insitu.devices.response import mean_response, symmetry_point
from insitu.errors import InputError


def test_step_falls_linearly_along_the_range():
    device = LinearStep(**STEPS, gamma_up=0.8, gamma_down=-1.0)
    p = parameters(device)
    for x in (0.0, 0.25, 1.0):
        g = 1e-6 + 8e-6 * x
        assert device.step(g, 1, p, 0.0) - g == pytest.approx(0.2e-6 * (1 - 0.8 * x))
        assert g - device.step(g, -1, p, 0.0) == pytest.approx(0.1e-6 * (1 + 1.0 * (1 - x)))


def test_constant_scatter_is_added_to_the_relative_one():
    device = LinearStep(**STEPS, gamma_up=0.8, gamma_down=0.5, c2c_cv=0.5, c2c_sd=0.03e-6)
    p, g = parameters(device), 5e-6
    assert device.step(g, 1, p, 2.0) - g == pytest.approx(0.2e-6 * 0.6 * 2.0 + 0.06e-6)
    assert g - device.step(g, -1, p, -1.0) == pytest.approx(0.1e-6 * 0.75 * 0.5 - 0.03e-6)
    assert LinearStep(**STEPS, gamma_up=0.8, gamma_down=0.5, c2c_sd=0.03e-6).noisy
    assert not device.without("c2c").noisy


def test_pulse_train_follows_the_exponential():
    """x_n = (1 - (1 - d gamma)^n) / gamma with d the first step in units of the range."""
    device = LinearStep(**STEPS, gamma_up=0.8, gamma_down=0.8)
    n, d = np.arange(31), 0.2 / 8
    x = (mean_response(device, [1] * 30, 1e-6) - 1e-6) / 8e-6
    assert x == pytest.approx((1 - (1 - d * 0.8) ** n) / 0.8)


def test_symmetry_point():
    """step_up (1 - a x) = step_down (1 - b (1 - x)) at x = (up - down (1 - b)) / (up a + down b)."""
    device = LinearStep(**STEPS, gamma_up=0.9, gamma_down=0.3)
    x = (0.2 - 0.1 * (1 - 0.3)) / (0.2 * 0.9 + 0.1 * 0.3)
    assert symmetry_point(device) == pytest.approx(1e-6 + 8e-6 * x)


@pytest.mark.parametrize("values", [{"gamma_up": 1.1}, {"gamma_down": None}, {"gamma_down": float("nan")}])
def test_refuses_a_step_that_changes_its_sign(values):
    with pytest.raises(InputError, match=next(iter(values))):
        LinearStep(**STEPS | {"gamma_up": 0.5, "gamma_down": 0.5} | values)
