"""Devices that remember the last polarity are noticed, and by how much."""

import math

import numpy as np
import pytest
from simulated import measured

from insitu.devices.base import parameters
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, fit, pulses
from insitu.measure.residuals import residuals

LINEAR = next(family for family in GRADUAL if family.name == "linear")
DEVICE = LinearStep(g_min=1e-6, g_max=11e-6, step_up=0.4e-6, step_down=0.3e-6, gamma_up=0.6, gamma_down=0.7, c2c_cv=0.3)
#: the search is short from here
START = {name: getattr(DEVICE, name) for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv")}
START |= {"read_noise.sd": 0.1e-6}
SAID = "remembers the last polarity"


def train(seed, n=60):
    """Up and down pulses in turn, in trains of 3 to 25, so that reversals come anywhere."""
    return np.repeat([1, -1] * (n // 2), np.random.default_rng(seed).integers(3, 26, n)).tolist()


def forgetful(keep, read_sd, seed):
    """Readings of a cell of which pulse k after a reversal does 1 - keep exp(-k) of its step."""
    polarity, rng, p = train(seed), np.random.default_rng(seed), parameters(DEVICE)
    g, since, states = DEVICE.g_min, 0, [DEVICE.g_min]
    for k, sign in enumerate(polarity):
        since = 0 if k and sign != polarity[k - 1] else since + 1
        moved = DEVICE.step(g, sign, p, rng.normal()) - g
        g = min(max(p.g_min, g + moved * (1 - keep * math.exp(-since))), p.g_max)
        states.append(g)
    y = np.array(states) + read_sd * rng.normal(size=len(states))
    return pulses(polarity, y[:-1], y[1:])


@pytest.mark.parametrize("read_sd", [0.02e-6, 0.1e-6])
def test_smaller_steps_after_a_reversal_are_told_by_how_much(read_sd):
    data = forgetful(0.6, read_sd, seed=2)
    left = residuals(fit(data, LINEAR, START), data)
    for k, (part, error) in enumerate(left.reversal):
        assert abs(part - (1 - 0.6 * math.exp(-k))) < 3 * error
    assert left.reversal[0][1] < 0.15
    assert any(SAID in one for one in left.sentences())


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_a_cell_without_memory_is_not_said_to_have_one(seed):
    data = measured(DEVICE, train(seed), read_sd=0.1e-6, seed=seed)
    left = residuals(fit(data, LINEAR, START), data)
    assert len(left.reversal) == 3
    assert all(abs(part - 1) < 3.5 * error for part, error in left.reversal)
    assert not any(SAID in one for one in left.sentences())


def test_too_few_reversals_say_nothing():
    data = measured(DEVICE, [1] * 40 + [-1] * 40, read_sd=0.1e-6)
    assert residuals(fit(data, LINEAR, START), data).reversal == ()
