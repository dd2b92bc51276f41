"""Figures of merit carry errors, and none rests in silence on a number that was not determined."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import cycles, measured

import insitu
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, diagnose, fit
from insitu.measure.merits import judged
from insitu.measure.searching import AT_LOW, Estimate

LINEAR = next(family for family in GRADUAL if family.name == "linear")
DEVICE = LinearStep(g_min=1e-6, g_max=20e-6, step_up=0.6e-6, step_down=0.5e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.3)


@pytest.mark.slow
def test_errors_of_figures_cover_the_truth():
    truth, off = diagnose(DEVICE), []
    for seed in range(4):
        found, sure = judged(fit(measured(DEVICE, cycles(100, 100, 2), read_sd=0.1e-6, seed=seed), LINEAR))
        for name in ("nonlinearity_up", "nonlinearity_down", "asymmetry", "imbalance", "snr", "levels"):
            assert sure[name].error < 0.5 * abs(getattr(truth, name)) + 0.1
            off.append((getattr(found, name) - getattr(truth, name)) / sure[name].error)
    assert 0.4 < np.sqrt(np.mean(np.square(off))) < 1.8


def test_what_rests_on_a_noise_that_was_not_seen_is_not_determined():
    found = insitu.fit(measured(DEVICE, cycles(100, 100, 1)), law="linear", quiet=True)
    assert found.estimates["read_noise.sd"].remark == "at its lower bound"
    assert found.diagnosis.readable is None
    assert found.merits["readable"].remark == "not determined: no noise of readings was seen"
    assert "no noise of" in str(found)
    quiet = measured(LinearStep(**vars(DEVICE) | {"c2c_cv": None}), cycles(100, 100, 1), read_sd=0.1e-6)
    one = fit(quiet, LINEAR)
    unseen = {**one.estimates, "c2c_cv": Estimate(1e-4, None, 0.5, AT_LOW)}
    found, sure = judged(replace(one, device=replace(one.device, c2c_cv=1e-4), estimates=unseen))
    assert found.snr is None
    assert "lower bound" in sure["snr"].remark
    assert found.readable == pytest.approx(95, rel=0.2)
