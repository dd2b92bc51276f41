"""Noise of readings and scatter of steps: in proportion, constant, or both, is told from the pulses alone."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, fit
from insitu.measure.residuals import residuals

LINEAR = next(family for family in GRADUAL if family.name == "linear")
DEVICE = LinearStep(g_min=1e-6, g_max=20e-6, step_up=0.6e-6, step_down=0.6e-6, gamma_up=0.9, gamma_down=0.9, c2c_cv=0.2)
TRAIN = cycles(100, 100, 2)
KINDS = {"constant": (0.2e-6, 0.0), "proportional": (0.0, 0.03), "both": (0.15e-6, 0.03)}


@pytest.mark.parametrize(
    "kind", ["proportional", *(pytest.param(k, marks=pytest.mark.slow) for k in ("constant", "both"))]
)
def test_the_kind_of_noise_of_readings_is_found_and_leaves_the_law_alone(kind):
    sd, cv = KINDS[kind]
    off = []
    for seed in range(3):
        found = fit(measured(DEVICE, TRAIN, read_sd=sd, read_cv=cv, seed=seed), LINEAR)
        noise = found.device.read_noise
        assert (noise.sd or 0.0) == pytest.approx(sd, abs=0.07e-6), seed
        assert (noise.cv or 0.0) == pytest.approx(cv, abs=0.008), seed
        off += [
            (one.value - getattr(DEVICE, name)) / one.error
            for name, one in found.estimates.items()
            if name in ("step_up", "step_down", "gamma_up", "gamma_down")
        ]
    assert len(off) == 12
    assert np.sqrt(np.mean(np.square(off))) < 1.8


def test_noise_that_a_fit_does_not_have_is_told_by_the_correlation_of_its_errors():
    data = measured(DEVICE, TRAIN, read_cv=0.03)
    right = fit(data, LINEAR)
    assert not any("hang together" in one for one in residuals(right, data).sentences())
    start = {"step_up": 0.2e-6, "step_down": 0.5e-6, "gamma_up": -2.0, "gamma_down": 0.95, "c2c_cv": 1.8}
    wrong = fit(data, LINEAR, start | {"read_noise.sd": 2e-8})  # a maximum where all noise is scatter
    assert "read_noise.cv" not in wrong.estimates
    assert any("noise that this fit takes for scatter" in one for one in residuals(wrong, data).sentences())


@pytest.mark.parametrize(
    ("scatter", "kept"), [({"c2c_cv": 0.4}, {"c2c_cv"}), ({"c2c_cv": None, "c2c_sd": 0.1e-6}, {"c2c_sd"})]
)
def test_the_kind_of_scatter_is_found(scatter, kept):
    device = replace(DEVICE, **scatter)
    found = fit(measured(device, cycles(100, 100, 4), read_sd=0.02e-6, seed=5), LINEAR)
    assert {name for name in found.estimates if name.startswith("c2c")} == kept
    for name in kept:
        one = found.estimates[name]
        assert abs(one.value - scatter[name]) < 3 * one.error < scatter[name]


def test_a_noise_that_was_not_seen_is_not_in_the_device():
    found = fit(measured(DEVICE, TRAIN, seed=1), LINEAR)
    (noise,) = [name for name in found.estimates if name.startswith("read_noise")]
    assert found.estimates[noise].remark == "at its lower bound"
    assert not found.device.read_noise.on
    assert found.estimates["step_up"].error > 0
    scatter = found.estimates["c2c_cv"]  # the cell stays at its bounds, of which each reading is as exact as can be
    assert abs(scatter.value - DEVICE.c2c_cv) < 2 * scatter.error


def test_noise_of_readings_of_two_devices_is_not_taken_for_scatter():
    """A search that begins far off ends at a maximum 55 units lower, without any noise of readings."""
    cell = replace(DEVICE, step_up=0.63e-6, step_down=0.57e-6, gamma_up=0.8, gamma_down=0.7, c2c_cv=0.25)
    found = fit(measured(cell, cycles(60, 60, 2), devices=2, read_sd=5e-8, seed=0), LINEAR).estimates
    assert "c2c_sd" not in found
    for name, truth in (("c2c_cv", 0.25), ("read_noise.sd", 5e-8)):
        assert abs(found[name].value - truth) < 3 * found[name].error
