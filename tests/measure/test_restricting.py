"""Deviations about means that were fitted too."""

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.base import Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, fit, pulses
from insitu.measure.families import KINDS
from insitu.measure.modelling import Model
from insitu.measure.restricting import _reached, widened
from insitu.measure.writing import hardly_measured

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


def test_scatter_and_noise_of_single_pulses_are_not_determined():
    """Every other pulse alone: its reading before and after, and nothing that follows; only the sum of both is known."""
    cell = LinearStep(
        g_min=1e-6, g_max=20e-6, step_up=0.2e-6, step_down=0.2e-6, gamma_up=0.8, gamma_down=0.8, c2c_cv=0.2
    )
    train = cycles(80, 80, 2)
    whole = measured(cell, train, read_sd=0.05e-6, seed=2)
    single = pulses(train[::2], whole.before[::2], whole.after[::2], index=np.arange(len(train))[::2])
    assert single.linked == 0
    found = fit(single, GRADUAL[2], jumps=False)
    noises = [found.estimates[name] for pair in KINDS for name in pair if name in found.estimates]
    assert {(one.error, one.remark) for one in noises} == {(None, "not determined")}
    assert "Warning: of 160 pulses 0 follow another of them" in hardly_measured(found, single)[0]
    assert whole.linked == len(train) - 1
    assert hardly_measured(found, whole) == []
