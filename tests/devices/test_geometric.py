"""The geometric step: the linear one, of ln g."""

import math

import pytest

from insitu.devices.base import parameters
from insitu.devices.geometric import GeometricStep
from insitu.devices.linear import LinearStep
from insitu.errors import InputError

RANGE = {"g_min": 1e-8, "g_max": 1e-5}
GAMMAS = {"gamma_up": 0.8, "gamma_down": -0.5, "c2c_cv": 0.3}


@pytest.mark.parametrize("z", [0.0, 1.3])
@pytest.mark.parametrize("polarity", [1, -1])
def test_it_is_the_linear_step_of_the_logarithm(polarity, z):
    device = GeometricStep(**RANGE, step_up=2e-9, step_down=3e-6, **GAMMAS)
    wide = math.log(1e3)
    linear = LinearStep(g_min=0.0, g_max=0.1, step_up=0.2 / wide / 10, step_down=0.3 / wide / 10, **GAMMAS)
    for place in (0.0, 0.3, 1.0):
        there = linear.step(place / 10, polarity, parameters(linear), z) * 10
        moved = device.step(1e-8 * math.exp(wide * place), polarity, parameters(device), z)
        assert math.log(moved / 1e-8) / wide == pytest.approx(there, rel=1e-9)


def test_nothing_is_no_factor_of_anything():
    with pytest.raises(InputError, match="g_min: got 0 S; a law of factors never gets there"):
        GeometricStep(g_min=0.0, g_max=1e-5, step_up=2e-9, step_down=3e-6, **GAMMAS)
