import numpy as np
import pytest
from device_strategies import SET, STEPS

from insitu.devices.response import mean_response, step_statistics, symmetry_point
from insitu.devices.saturating import OneSidedSaturating, Saturating
from insitu.devices.softbounds import SoftBounds
from insitu.errors import InputError

U = np.linspace(0, 1, 21)
G = (1e-6 + 8e-6 * U).tolist()


def test_immediate_is_soft_bounds():
    pulses = [1] * 40 + [-1] * 40
    assert mean_response(Saturating(**STEPS, delay=0.0), pulses, 1e-6) == pytest.approx(
        mean_response(SoftBounds(**STEPS), pulses, 1e-6)
    )


@pytest.mark.parametrize("delay", [0.0, 0.5, 1.0])
def test_step_mixes_the_two_shapes_and_is_mirrored(delay):
    device = Saturating(**STEPS, delay=delay)
    shape = (1 - delay) * (1 - U) + delay * 4 * (U + 0.05) * (1 - U)
    assert step_statistics(device, 1, G)[0] == pytest.approx(0.2e-6 * shape, abs=1e-18)
    assert -step_statistics(device, -1, G)[0] == pytest.approx(0.1e-6 * shape[::-1], abs=1e-18)


def test_delayed_starts_slowly():
    """An S-shaped curve: the steepest step comes neither first nor last, and is about the jump J."""
    steps = np.diff(mean_response(Saturating(**STEPS, delay=1.0), [1] * 250, 1e-6))
    assert 10 < steps.argmax() < 200
    assert steps[0] == pytest.approx(0.2 * 0.2e-6)
    assert steps.max() == pytest.approx(1.1 * 0.2e-6, rel=0.01)


def test_equal_jumps_balance_in_the_middle():
    device = Saturating(**STEPS | {"step_down": 0.2e-6}, delay=0.0)
    assert symmetry_point(device) == pytest.approx(5e-6)


def test_scatter_is_relative():
    mean, sd = step_statistics(Saturating(**STEPS, delay=1.0, c2c_cv=0.5), -1, G)
    assert sd == pytest.approx(0.5 * -mean, rel=0.01, abs=1e-18)


def test_one_sided_shares_set_and_resets_at_once():
    one, both = OneSidedSaturating(**SET, delay=1.0), Saturating(**STEPS, delay=1.0)
    assert one.one_sided
    assert not both.one_sided
    assert mean_response(one, [1] * 200, 1e-6) == pytest.approx(mean_response(both, [1] * 200, 1e-6))
    assert mean_response(one, [-1], 7e-6)[-1] == 1e-6


@pytest.mark.parametrize("family", [Saturating, OneSidedSaturating])
@pytest.mark.parametrize("delay", [-0.1, 2, None])
def test_refuses(family, delay):
    with pytest.raises(InputError, match="delay"):
        family(**(SET if family.one_sided else STEPS), delay=delay)
