import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.linear import LinearStep
from insitu.devices.response import mean_response
from insitu.devices.saturating import Saturating
from insitu.devices.sigmoid import SigmoidStep
from insitu.errors import InputError

TRAIN = [1] * 60 + [-1] * 80


def test_without_a_rise_it_is_the_linear_step():
    sigmoid = SigmoidStep(**STEPS, rise_up=0, rise_down=0, fall_up=0.8, fall_down=-0.5)
    linear = LinearStep(**STEPS, gamma_up=0.8, gamma_down=-0.5)
    assert mean_response(sigmoid, TRAIN, 1e-6) == pytest.approx(mean_response(linear, TRAIN, 1e-6), rel=1e-12)


def test_the_saturating_cell_is_one_of_them():
    delay = 0.7
    first = {name: (1 - 0.8 * delay) * STEPS[name] for name in ("step_up", "step_down")}
    rise = 4 * delay / (1 - 0.8 * delay)
    sigmoid = SigmoidStep(**STEPS | first, rise_up=rise, rise_down=rise, fall_up=1, fall_down=1)
    other = Saturating(**STEPS, delay=delay)
    assert mean_response(sigmoid, TRAIN, 1e-6) == pytest.approx(mean_response(other, TRAIN, 1e-6), rel=1e-12)


def test_equal_pulses_follow_a_logistic_curve_between_virtual_bounds():
    """dx/dn = s (1 + a x) (1 - b x) has x = (e - 1) / (a + b e) with e = exp((a + b) s n): many small pulses follow it."""
    s, a, b = 2e-5, 30.0, 1.0
    reach = STEPS["g_max"] - STEPS["g_min"]
    device = SigmoidStep(
        **STEPS | {"step_up": s * reach, "step_down": s * reach}, rise_up=a, rise_down=a, fall_up=b, fall_down=b
    )
    n = 12_000
    e = np.exp((a + b) * s * np.arange(n + 1))
    curve = STEPS["g_min"] + reach * (e - 1) / (a + b * e)
    found = mean_response(device, [1] * n, STEPS["g_min"])
    assert found == pytest.approx(curve, abs=1e-3 * reach)
    assert np.diff(found).argmax() > 1000  # slow at first
    assert found[-1] - found[0] > 0.95 * reach
    down = mean_response(device, [-1] * n, STEPS["g_max"])
    assert down == pytest.approx(STEPS["g_min"] + STEPS["g_max"] - found, rel=1e-9)  # mirrored


@pytest.mark.parametrize("values", [{"rise_up": -0.1}, {"fall_down": 1.1}, {"fall_up": None}])
def test_refuses(values):
    shape = {"rise_up": 1.0, "rise_down": 1.0, "fall_up": 1.0, "fall_down": 1.0}
    with pytest.raises(InputError, match=next(iter(values))):
        SigmoidStep(**STEPS | shape | values)
