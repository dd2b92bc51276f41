import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.base import parameters
from insitu.devices.constant import ConstantStep
from insitu.devices.power import PowerStep
from insitu.devices.pulsepower import PulsePower
from insitu.devices.response import mean_response
from insitu.errors import InputError

LOW, HIGH = 1e-6, 9e-6


@pytest.mark.parametrize("alpha", [2.0, 1.0, 0.5, 0.0, -0.5])
@pytest.mark.parametrize("polarity", [1, -1])
def test_a_power_of_the_conductance_grows_in_equal_parts(alpha, polarity):
    """The published curve, from bound to bound in 4,000 pulses."""
    n = 4000
    u = np.arange(n + 1) / n
    curve = LOW * (HIGH / LOW) ** u if alpha == 0 else (LOW**alpha + (HIGH**alpha - LOW**alpha) * u) ** (1 / alpha)
    first = {"step_up": curve[1] - curve[0], "step_down": curve[-1] - curve[-2]}
    device = PulsePower(**STEPS | first, alpha_up=alpha, alpha_down=alpha)
    found = mean_response(device, [polarity] * n, curve[0] if polarity > 0 else curve[-1])
    assert found == pytest.approx(curve[::polarity], abs=5e-3 * (HIGH - LOW))


def test_one_is_the_constant_step():
    train = [1] * 60 + [-1] * 30
    power = mean_response(PulsePower(**STEPS, alpha_up=1.0, alpha_down=1.0), train, 2e-6)
    assert power == pytest.approx(mean_response(ConstantStep(**STEPS), train, 2e-6), rel=1e-9)


def test_down_to_nothing_it_is_the_power_of_what_is_left():
    """dg/dn goes with g^(1 - alpha): the power step of gamma = 1 - alpha, where pulses are small."""
    small = STEPS | {"g_min": 0.0, "step_up": 1e-9, "step_down": 1e-9}
    found = PulsePower(**small, alpha_up=2.0, alpha_down=0.5)
    other = PowerStep(**small, gamma_up=1.0, gamma_down=0.5)
    for g in (2e-6, 5e-6, 8e-6):
        down, wanted = (device.step(g, -1, parameters(device), 0.0) - g for device in (found, other))
        assert down == pytest.approx(wanted, rel=1e-3)


def test_from_nothing_it_is_a_root_of_the_pulse_number():
    device = PulsePower(**STEPS | {"g_min": 0.0, "step_up": 0.1e-6}, alpha_up=2.0, alpha_down=1.0)
    squares = (mean_response(device, [1] * 4000, 0.0) / 0.1e-6) ** 2
    assert np.diff(squares[1000:]) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("values", [{"alpha_up": 21}, {"alpha_down": None}])
def test_refuses(values):
    with pytest.raises(InputError, match=next(iter(values))):
        PulsePower(**STEPS | {"alpha_up": 1.0, "alpha_down": 1.0} | values)
