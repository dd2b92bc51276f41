"""Readings over decades: a law of ln G is tried too, and its range and steps are those of ln G."""

import numpy as np
import pytest
from simulated import cycles, measured

import insitu
from insitu.devices.geometric import GeometricStep
from insitu.devices.linear import LinearStep
from insitu.errors import InputError
from insitu.measure import GRADUAL, fit, pulses
from insitu.measure.families import GEOMETRIC, families_for
from insitu.reports.fit_figures import fit_figure

DEVICE = GeometricStep(
    g_min=1e-8, g_max=1e-5, step_up=3e-9, step_down=2.5e-6, gamma_up=0.85, gamma_down=0.8, c2c_cv=0.3
)
TRUTH = {
    "step_up": 3e-9,
    "step_down": 2.5e-6,
    "gamma_up": 0.85,
    "gamma_down": 0.8,
    "c2c_cv": 0.3,
    "read_noise.cv": 0.03,
}


@pytest.mark.slow
def test_steps_of_the_logarithm_are_found():
    found = insitu.fit(measured(DEVICE, cycles(80, 80, 3), read_cv=0.03), law="geometric", quiet=True)
    for name, value in (TRUTH | {"g_min": 1e-8, "g_max": 1e-5}).items():
        one = found.estimates[name]
        assert abs(one.value - value) < 3 * one.error < value, name
    assert found.residuals.fits
    assert found.sentences == []
    over_pulses, over_state, *_ = fit_figure(found.candidates, found.pulses).axes
    assert over_pulses.get_yscale() == over_state.get_xscale() == "log"


def test_the_law_is_tried_over_two_decades_and_not_within():
    wide = measured(DEVICE, cycles(40, 40, 1))
    narrow = measured(
        LinearStep(g_min=1e-6, g_max=20e-6, step_up=1e-6, step_down=1e-6, gamma_up=0.5, gamma_down=0.5),
        cycles(40, 40, 1),
    )
    assert GEOMETRIC in families_for(wide)
    assert families_for(narrow) == GRADUAL


def test_readings_of_nothing_have_no_logarithm():
    readings = np.r_[0.0, np.geomspace(1e-8, 1e-5, 40)]
    with pytest.raises(InputError, match="geometric: readings of 0 S have no logarithm"):
        fit(pulses([1] * 40, readings[:-1], readings[1:]), GEOMETRIC)


@pytest.mark.slow
def test_devices_that_differ_share_a_law_of_the_logarithm():
    from dataclasses import replace

    from insitu.devices.base import Spread

    some = replace(DEVICE, spread=Spread(step_cv=0.2, range_cv=0.2))
    found = fit(measured(some, cycles(80, 80, 3), devices=5, read_cv=0.03), GEOMETRIC)
    for name in ("gamma_up", "gamma_down", "c2c_cv", "read_noise.cv"):
        one = found.estimates[name]
        assert abs(one.value - TRUTH[name]) < 3.5 * one.error, name
