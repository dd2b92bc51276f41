"""What holds for every family."""

import math
from dataclasses import FrozenInstanceError, replace

import pytest
from device_strategies import EXAMPLES, STEPS, devices
from hypothesis import given
from hypothesis import strategies as st

from insitu.devices.base import Endurance, Faults, Spread, parameters
from insitu.devices.check import check_device
from insitu.devices.constant import ConstantStep
from insitu.devices.geometric import GeometricStep
from insitu.devices.response import mean_response, pulse
from insitu.errors import InputError, InsituError

NAMES = [type(device).__name__ for device in EXAMPLES]
polarities = st.sampled_from([1, -1])


@given(device=devices(), x=st.floats(0, 1), polarity=polarities, z=st.floats(-6.4, 6.4))
def test_a_pulse_stays_within_the_bounds(device, x, polarity, z):
    p = parameters(device)
    g = p.g_min + x * (p.g_max - p.g_min)
    z = abs(z) / 6.5 if device.draw == "uniform" else z
    after = pulse(device, p, g, polarity, z)
    assert math.isfinite(after)
    assert p.g_min <= after <= p.g_max


@given(device=devices(), x=st.floats(0, 1), polarity=polarities)
def test_the_mean_step_goes_the_right_way(device, x, polarity):
    p = parameters(device.without("c2c"))
    g = min(p.g_min + x * (p.g_max - p.g_min), p.g_max)
    assert polarity * (pulse(device, p, g, polarity) - g) >= -1e-9 * (p.g_max - p.g_min)


@given(device=devices(), x=st.floats(0, 1), polarity=polarities, z=st.floats(0.001, 0.999))
def test_noise_off_is_exact(device, x, polarity, z):
    quiet = device.without("c2c")
    p = parameters(quiet)
    g = p.g_min + x * (p.g_max - p.g_min)
    assert not quiet.noisy
    assert quiet.step(g, polarity, p, z) == quiet.step(g, polarity, p, 0.0)


@given(device=devices(), x=st.floats(0.05, 0.95), polarity=polarities, z=st.floats(0.1, 3))
def test_noise_scales_the_step(device, x, polarity, z):
    """The change with noise is mean + c2c_cv z times the change with z = 1, seen from 0: linear in z (or that of ln g).

    A factor ends at e**300.
    """
    if device.draw == "uniform":
        return
    p = parameters(device)
    g = p.g_min + x * (p.g_max - p.g_min)
    of = math.log if isinstance(device, GeometricStep) else float
    mean, one, at_z = (of(device.step(g, polarity, p, noise)) - of(g) for noise in (0.0, 1.0, z))
    scale = max(abs(mean), abs(one), abs(at_z), abs(of(g)))
    if of is float or scale < 299:
        assert at_z == pytest.approx(mean + z * (one - mean), rel=1e-9, abs=1e-12 * scale)


@given(device=devices())
def test_pulses_saturate_and_never_turn_back(device):
    g = mean_response(device, [1] * 40, device.g_min)
    assert (g[1:] - g[:-1] >= -1e-9 * (device.g_max - device.g_min)).all()
    assert g[-1] <= device.g_max


@pytest.mark.parametrize("device", EXAMPLES, ids=NAMES)
def test_conforms(device):
    wider = device if device.draw == "uniform" else replace(device, c2c_cv=0.3)
    spread = Spread(range_cv=0.2) if device.draw == "uniform" else Spread(step_cv=0.5, range_cv=0.2, asymmetry_cv=0.2)
    report = check_device(replace(wider, spread=spread))
    assert report.passed, str(report)


@pytest.mark.parametrize("device", EXAMPLES, ids=NAMES)
def test_is_frozen_and_documented(device):
    with pytest.raises(FrozenInstanceError):
        device.g_max = 1.0
    assert "step" in type(device).__doc__ or "switch" in type(device).__doc__
    assert "References" in type(device).__doc__


@pytest.mark.parametrize("device", EXAMPLES, ids=NAMES)
def test_without_switches_off_one_by_one(device):
    full = replace(device, spread=Spread(range_cv=0.1), faults=Faults(dead=0.1), endurance=Endurance(writes=10))
    assert full.without("spread").spread == Spread()
    assert full.without("spread").faults == full.faults
    ideal = full.without("all")
    assert (ideal.spread, ideal.faults, ideal.endurance, ideal.noisy) == (Spread(), Faults(), Endurance(), False)
    with pytest.raises(InputError, match="did you mean 'spread'"):
        full.without("spred")


@pytest.mark.parametrize("field", ["g_min", "g_max", "step_up", "step_down", "c2c_cv"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -1e-6, 2.5e3, "1e-6", True])
def test_refuses_impossible_numbers_in_one_sentence(field, value):
    with pytest.raises(InputError, match=field) as caught:
        ConstantStep(**STEPS | {field: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["g_min", "g_max", "step_up", "spread", "faults", "endurance"])
def test_refuses_none_where_a_value_is_needed(field):
    with pytest.raises(InputError, match=f"{field}: got None"):
        ConstantStep(**STEPS | {field: None})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"g_max": 0.5e-6}, "must be above g_min"),
        ({"g_max": 1e-6}, "must be above g_min"),
        ({"spread": 0.3}, r"allowed is Spread\(...\)"),
        ({"endurance": 1e6}, r"allowed is Endurance\(...\)"),
    ],
)
def test_refuses_what_does_not_fit_together(values, message):
    with pytest.raises(InputError, match=message):
        ConstantStep(**STEPS | values)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Spread, {"step_cv": -0.1}),
        (Spread, {"range_cv": math.nan}),
        (Faults, {"dead": 1.5}),
        (Faults, {"dead": 0.6, "stuck_low": 0.6}),
        (Endurance, {"writes": 0}),
        (Endurance, {"writes_cv": 0.3}),
    ],
)
def test_refuses_impossible_imperfections(kind, values):
    with pytest.raises(InsituError):
        kind(**values)
