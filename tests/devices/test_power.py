import pytest
from device_strategies import STEPS

from insitu.devices.base import parameters
from insitu.devices.constant import ConstantStep
from insitu.devices.power import PowerStep
from insitu.devices.response import mean_response, symmetry_point
from insitu.devices.softbounds import SoftBounds
from insitu.errors import InputError

PULSES = [1, 1, 1, -1, 1, -1, -1] * 15


def test_step_is_a_power_of_the_room_left():
    device = PowerStep(**STEPS, gamma_up=2.5, gamma_down=0.5)
    p = parameters(device)
    for x in (0.0, 0.4, 0.9):
        g = 1e-6 + 8e-6 * x
        assert device.step(g, 1, p, 0.0) - g == pytest.approx(0.2e-6 * (1 - x) ** 2.5, rel=1e-9)
        assert g - device.step(g, -1, p, 0.0) == pytest.approx(0.1e-6 * x**0.5, rel=1e-9, abs=1e-20)


@pytest.mark.parametrize(("gamma", "same"), [(0.0, ConstantStep), (1.0, SoftBounds)])
def test_limits(gamma, same):
    power = mean_response(PowerStep(**STEPS, gamma_up=gamma, gamma_down=gamma), PULSES, 4e-6)
    assert power == pytest.approx(mean_response(same(**STEPS), PULSES, 4e-6), rel=1e-12)


def test_nothing_moves_at_the_bound():
    device = PowerStep(**STEPS, gamma_up=1.5, gamma_down=1.5)
    assert mean_response(device, [1] * 3, 9e-6)[-1] == 9e-6
    assert mean_response(device, [-1] * 3, 1e-6)[-1] == 1e-6


def test_symmetry_point_of_equal_exponents():
    """up (1 - x)^2 = down x^2 at x = 1 / (1 + sqrt(down / up))."""
    device = PowerStep(**STEPS, gamma_up=2.0, gamma_down=2.0)
    assert symmetry_point(device) == pytest.approx(1e-6 + 8e-6 / (1 + 0.5**0.5))


@pytest.mark.parametrize("values", [{"gamma_up": -0.1}, {"gamma_down": None}])
def test_refuses(values):
    with pytest.raises(InputError, match=next(iter(values))):
        PowerStep(**STEPS | {"gamma_up": 1.0, "gamma_down": 1.0} | values)
