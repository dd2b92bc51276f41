import math

import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.base import parameters
from insitu.devices.exponential import ExponentialStep
from insitu.devices.response import mean_response, symmetry_point
from insitu.errors import InputError


def test_each_direction_decays_at_its_own_rate():
    device = ExponentialStep(**STEPS, decay_up=4.0, decay_down=1.5)
    p = parameters(device)
    for x in (0.0, 0.3, 1.0):
        g = 1e-6 + 8e-6 * x
        assert device.step(g, 1, p, 0.0) - g == pytest.approx(0.2e-6 * math.exp(-4.0 * x))
        assert g - device.step(g, -1, p, 0.0) == pytest.approx(0.1e-6 * math.exp(-1.5 * (1 - x)))


def test_a_floor_remains():
    device = ExponentialStep(**STEPS, decay_up=4.0, decay_down=1.5, floor_up=0.25, floor_down=0.5)
    p = parameters(device)
    for x in (0.0, 0.3, 1.0):
        g = 1e-6 + 8e-6 * x
        assert device.step(g, 1, p, 0.0) - g == pytest.approx(0.2e-6 * (0.25 + 0.75 * math.exp(-4.0 * x)))
        assert g - device.step(g, -1, p, 0.0) == pytest.approx(0.1e-6 * (0.5 + 0.5 * math.exp(-1.5 * (1 - x))))


def test_zero_decay_down_is_the_constant_ltd_of_shi_2018():
    g = mean_response(ExponentialStep(**STEPS, decay_up=6.0, decay_down=0.0), [-1] * 20, 9e-6)
    assert np.diff(g) == pytest.approx(np.full(20, -0.1e-6))


def test_up_pulses_grow_as_a_logarithm():
    """For small steps x(n) = ln(1 + n d decay) / decay; d is the first step in units of the range."""
    device = ExponentialStep(g_min=0.0, g_max=1.0, step_up=1e-4, step_down=1e-4, decay_up=5.0, decay_down=0.0)
    n = np.arange(20_001)
    assert mean_response(device, [1] * 20_000, 0.0) == pytest.approx(np.log1p(n * 1e-4 * 5) / 5, abs=1e-3)


def test_symmetry_point():
    """step_up exp(-a x) = step_down at x = ln(step_up / step_down) / a."""
    device = ExponentialStep(**STEPS, decay_up=3.0, decay_down=0.0)
    assert symmetry_point(device) == pytest.approx(1e-6 + 8e-6 * math.log(2) / 3)


@pytest.mark.parametrize("values", [{"decay_up": 1e4}, {"decay_down": None}, {"decay_up": float("nan")}])
def test_refuses(values):
    with pytest.raises(InputError, match=next(iter(values))):
        ExponentialStep(**STEPS | {"decay_up": 1.0, "decay_down": 0.0} | values)
