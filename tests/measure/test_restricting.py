"""Deviations about means that were fitted too."""

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.base import Spread
from insitu.devices.constant import ConstantStep
from insitu.measure import GRADUAL
from insitu.measure.modelling import Model
from insitu.measure.restricting import _reached, widened

CELL = ConstantStep(
    g_min=1e-6, g_max=50e-6, step_up=0.1e-6, step_down=0.1e-6, c2c_sd=0.03e-6, spread=Spread(step_cv=0.2)
)


@pytest.mark.parametrize("devices", [1, 4])
def test_the_scatter_about_two_mean_steps_a_device_counts_two_pulses_less(devices):
    """Of 20 up and 20 down pulses a device, n / (n - 2) in the variance, however many devices there are."""
    model = Model(measured(CELL, cycles(20, 20, 1), devices=devices, seed=1), GRADUAL[0])
    model.hold(["step_up", "step_down", "c2c_sd"])
    numbers = {"step_up": 0.1e-6, "step_down": 0.1e-6, "c2c_sd": 0.03e-6}
    if devices > 1:
        model.apart(numbers)
    model.place[:] = 0.0  # the bounds are far away
    found = model.shared(numbers)
    more = widened(model, found, found.correlations).estimates["c2c_sd"].value / found.values["c2c_sd"]
    assert more == pytest.approx(np.sqrt(40 / 38), abs=0.005)


@pytest.mark.parametrize("best", [1e-3, 0.01, 0.05])
def test_a_scatter_that_was_hardly_seen_may_still_be_large(best):
    """Its variance is what the readings tell of, 0 +- 0.01: its logarithm has a small curvature, and a large error."""
    reached = _reached(lambda log: -0.5 * (np.exp(2 * log) / 0.01) ** 2, np.log(best), 0.0)
    assert reached == pytest.approx(0.1, rel=0.1)
    assert _reached(lambda log: 0.0, np.log(best), 0.0) == pytest.approx(1.0, rel=0.4)
