import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.linear import LinearStep
from insitu.devices.response import mean_response, symmetry_point
from insitu.devices.softbounds import SoftBounds


def test_pulse_train_follows_the_closed_form():
    device = SoftBounds(**STEPS)
    n = np.arange(51)
    assert mean_response(device, [1] * 50, 2e-6) == pytest.approx(9e-6 - 7e-6 * (1 - 0.2 / 8) ** n)
    assert mean_response(device, [-1] * 50, 9e-6) == pytest.approx(1e-6 + 8e-6 * (1 - 0.1 / 8) ** n)


def test_alternating_pulses_lead_to_the_symmetry_point():
    device = SoftBounds(**STEPS)
    balance = symmetry_point(device)
    assert balance == pytest.approx(1e-6 + 8e-6 * 0.2 / (0.2 + 0.1))
    for start in (1e-6, 9e-6):
        assert mean_response(device, [1, -1] * 1000, start)[-1] == pytest.approx(balance, abs=0.1e-6)


def test_is_the_linear_step_with_gamma_one():
    pulses = [1, 1, -1, 1, -1, -1] * 20
    linear = LinearStep(**STEPS, gamma_up=1.0, gamma_down=1.0)
    assert mean_response(SoftBounds(**STEPS), pulses, 3e-6) == pytest.approx(mean_response(linear, pulses, 3e-6))
