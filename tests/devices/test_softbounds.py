import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.linear import LinearStep
from insitu.devices.response import mean_response, step_statistics, symmetry_point
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


@pytest.mark.parametrize("g", [1e-6, 4e-6, 9e-6])
def test_scatter_may_be_that_of_the_step_at_the_symmetry_point(g):
    device = SoftBounds(**STEPS, c2c_balance_cv=0.5)
    step, _ = step_statistics(SoftBounds(**STEPS), 1, [symmetry_point(device)])
    for polarity in (1, -1):
        assert step_statistics(device, polarity, [g])[1] == pytest.approx(0.5 * step, rel=0.01)
    assert device.noisy
    assert not device.without("c2c").noisy
