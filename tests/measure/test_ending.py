"""Trains that end before the bounds of a cell: what is known then, and what a wider range would make of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import cycles, measured

from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, fit
from insitu.measure.ending import SEEN, wider
from insitu.measure.searching import Estimate

LINEAR = LinearStep(
    g_min=1e-6, g_max=11e-6, step_up=0.25e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.2
)


def on(device, low, high):
    """The same steps as a law on another range."""
    wide, parts = device.g_max - device.g_min, {}
    linear = isinstance(device, LinearStep)
    for way, begin, end in (("up", low, high), ("down", high, low)):
        first, slope = getattr(device, f"step_{way}"), getattr(device, f"{'gamma' if linear else 'decay'}_{way}")
        gone = [abs(g - (device.g_min if way == "up" else device.g_max)) / wide for g in (begin, end)]
        steps = [first * (1 - slope * x if linear else np.exp(-slope * x)) for x in gone]
        parts[f"step_{way}"] = steps[0]
        parts[f"{'gamma' if linear else 'decay'}_{way}"] = (
            1 - steps[1] / steps[0] if linear else np.log(steps[0] / steps[1])
        )
    return replace(device, g_min=low, g_max=high, **parts)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 0.3), st.floats(0.7, 0.99), st.floats(-1, 0.95), st.floats(-1, 0.95), st.booleans())
def test_the_truth_is_among_what_a_wider_range_allows(low, high, up, down, linear):
    """A law on part of its range, and the numbers that it has on all of it."""
    common = {"g_min": 1e-6, "g_max": 11e-6, "step_up": 0.25e-6, "step_down": 0.3e-6, "c2c_cv": None}
    law = (
        LinearStep(gamma_up=up, gamma_down=down, **common)
        if linear
        else ExponentialStep(decay_up=3 * up, decay_down=3 * down, **common)
    )
    seen = on(law, 1e-6 + low * 10e-6, 1e-6 + high * 10e-6)
    ends = {name: Estimate(getattr(seen, name), None, 0.0, SEEN) for name in ("g_min", "g_max")}
    reach, found = wider(seen, ends)
    assert reach[0] <= 1e-6 * (1 + 1e-9)
    assert reach[1] >= 11e-6 * (1 - 1e-9)
    for name, (least, most) in found.items():
        assert least - 1e-9 <= getattr(law, name) <= most + 1e-9 or least <= getattr(law, name) * (1 + 1e-9)
    closed = {name: replace(one, error=1e-8, remark="") for name, one in ends.items()}
    assert wider(seen, closed)[1] == {}


@pytest.mark.parametrize(("train", "there"), [(cycles(45, 45, 2), False), (cycles(120, 120, 2), True)])
def test_a_bound_has_an_error_only_where_pulses_went_on_at_it(train, there):
    """The way up takes 70 pulses of the cell without noise, seed 3."""
    found = fit(measured(LINEAR, train, read_sd=0.05e-6, seed=3), GRADUAL[2])
    high, gamma = found.estimates["g_max"], found.estimates["gamma_up"]
    assert (high.error is not None) == there
    assert (high.remark == SEEN) != there
    assert ("g_max until pulses did nothing more" in found.ends) != there
    assert gamma.remark.endswith(" to 1 on a wider range") != there
    if there:
        assert abs(high.value - LINEAR.g_max) < 3 * high.error
        assert abs(gamma.value - LINEAR.gamma_up) < 3 * gamma.error
