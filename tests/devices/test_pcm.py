"""One-sided cells: SET by the law, RESET from anywhere."""

import math

import numpy as np
import pytest
from device_strategies import SET, STEPS

from insitu.devices.base import Spread, parameters
from insitu.devices.check import check_device
from insitu.devices.pcm import ExponentialPhaseChange, PhaseChange
from insitu.devices.response import mean_response, pulses_to_cross, response_samples, step_statistics
from insitu.errors import InputError

LINEAR = PhaseChange(
    **SET, saturation=2e-6, c2c_cv=0.2, c2c_slope=0.05, c2c_sd=0.03e-6, residue=0.1e-6, residue_sd=0.02e-6
)
EXPONENTIAL = ExponentialPhaseChange(**SET, decay_up=4.0, floor_up=0.1, c2c_cv=0.3)


def test_mean_and_scatter_of_a_set_are_linear_in_the_conductance():
    g = [1.2e-6, 1.5e-6, 3e-6]  # at 3 uS the mean is negative: SET saturates at 2 uS
    mean, sd = step_statistics(LINEAR, 1, g)
    expected = 0.2e-6 - 0.1 * np.array(g)
    assert mean == pytest.approx(expected, abs=1e-12)
    assert sd == pytest.approx(0.2 * abs(expected) + 0.05 * np.array(g) + 0.03e-6, rel=0.01)


def test_set_pulses_approach_the_saturation_geometrically():
    g = mean_response(LINEAR, [1] * 40, 1e-6)
    assert g == pytest.approx(2e-6 - 1e-6 * 0.9 ** np.arange(41))
    assert pulses_to_cross(LINEAR, 1) < 120  # although 95 % of the range is out of reach


def test_exponential_set_decays_to_its_floor():
    g = np.array([1e-6, 3e-6, 9e-6])
    mean, sd = step_statistics(EXPONENTIAL, 1, g.tolist())
    assert mean == pytest.approx([0.2e-6 * (0.1 + 0.9 * math.exp(-4 * (x - 1e-6) / 8e-6)) for x in g])
    assert sd == pytest.approx(0.3 * mean, rel=0.01)


@pytest.mark.parametrize("g0", [1.05e-6, 4e-6, 9e-6])
def test_one_reset_ends_at_the_residue_from_anywhere(g0):
    assert mean_response(LINEAR, [-1], g0)[-1] == pytest.approx(1.1e-6)
    left = response_samples(LINEAR, [-1], n=4000, seed=2, g0=g0)[:, 1]
    assert left.mean() == pytest.approx(1.1e-6, abs=4 * 0.02e-6 / math.sqrt(4000))
    assert left.std() == pytest.approx(0.02e-6, rel=0.05)


def test_noise_off_zeroes_every_coefficient_of_noise():
    quiet = LINEAR.without("c2c")
    assert (quiet.c2c_cv, quiet.c2c_slope, quiet.c2c_sd, quiet.residue_sd) == (None,) * 4
    assert quiet.residue == 0.1e-6
    assert not quiet.noisy
    for name in ("c2c_slope", "c2c_sd", "residue_sd"):
        assert PhaseChange(**SET, saturation=2e-6, **{name: 1e-8}).noisy


def test_is_one_sided_and_conforms():
    assert LINEAR.one_sided
    assert LINEAR.step_down == 8e-6
    for device in (LINEAR, EXPONENTIAL):
        assert check_device(device).passed, str(check_device(device))


def test_the_check_still_finds_a_set_that_lowers():
    """A law that has its sign the wrong way round only above g_min is not hidden by the bound."""
    report = check_device(PhaseChange(**SET, saturation=1.01e-6))
    assert "the wrong way" in str(report)


def test_only_set_wants_its_step():
    spread = PhaseChange(**SET, saturation=1e-3, spread=Spread(step_cv=0.3))
    assert check_device(spread).passed
    cells = response_samples(spread, [1], n=2000, seed=1, g0=5e-6)
    steps = cells[:, 1] - cells[:, 0]
    assert steps.std() / steps.mean() == pytest.approx(0.3, rel=0.1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"saturation": 0.9e-6}, "saturation: got 9e-07 S"),
        ({"step_up": 3e-6}, "above g_min and step_up"),
        ({"g_min": 0.0, "step_up": 0.0, "saturation": 0.0}, "saturation: got 0 S"),
        ({"saturation": None}, "saturation: got None"),
        ({"c2c_sd": 5.0}, "c2c_sd"),
        ({"c2c_slope": -0.1}, "c2c_slope"),
        ({"residue": math.nan}, "residue"),
        ({"residue_sd": -1e-9}, "residue_sd"),
    ],
)
def test_refuses(values, message):
    with pytest.raises(InputError, match=message):
        PhaseChange(**SET | {"saturation": 2e-6} | values)


def test_the_reset_step_cannot_be_given():
    with pytest.raises(TypeError, match="step_down"):
        PhaseChange(**STEPS, saturation=2e-6)


@pytest.mark.parametrize("values", [{"decay_up": 1e4}, {"floor_up": 1.5}])
def test_exponential_refuses(values):
    with pytest.raises(InputError, match=next(iter(values))):
        ExponentialPhaseChange(**SET | {"decay_up": 1.0} | values)


def test_numbers_are_read_as_zero_when_off():
    p = parameters(PhaseChange(**SET, saturation=2e-6))
    assert (p.c2c_slope, p.c2c_sd, p.residue, p.residue_sd) == (0.0, 0.0, 0.0, 0.0)
