import numpy as np
import pytest
from device_strategies import STEPS

from insitu.devices.base import parameters
from insitu.devices.constant import ConstantStep
from insitu.devices.response import mean_response


def test_every_step_is_the_same_until_the_bound():
    g = mean_response(ConstantStep(**STEPS), [1] * 60 + [-1] * 10, 1e-6)
    assert g[:41] == pytest.approx(1e-6 + 0.2e-6 * np.arange(41))
    assert (g[41:61] == 9e-6).all()
    assert g[61:] == pytest.approx(9e-6 - 0.1e-6 * np.arange(1, 11))


def test_c2c_is_relative_to_the_step():
    device = ConstantStep(**STEPS, c2c_cv=0.5)
    p = parameters(device)
    assert device.step(5e-6, 1, p, 2.0) == pytest.approx(5e-6 + 0.2e-6 * (1 + 0.5 * 2.0))
    assert device.step(5e-6, -1, p, -1.0) == pytest.approx(5e-6 - 0.1e-6 * (1 - 0.5))
