import numpy as np
import pytest
from device_strategies import EXAMPLES, STEPS

from insitu.devices.base import Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.response import (
    mean_response,
    pulses_to_cross,
    response_samples,
    step_statistics,
    symmetry_point,
)
from insitu.devices.softbounds import SoftBounds
from insitu.errors import InputError

NOISY = ConstantStep(**STEPS, c2c_cv=0.4, spread=Spread(step_cv=0.3))


def test_mean_response_has_one_value_more_than_pulses():
    assert mean_response(NOISY, [1, -1, 1], 5e-6) == pytest.approx([5e-6, 5.2e-6, 5.1e-6, 5.3e-6])
    assert mean_response(NOISY, [], 5e-6) == pytest.approx([5e-6])


def test_samples_depend_on_the_seed_alone():
    one, again, other = (response_samples(NOISY, [1] * 20, 4, seed=seed) for seed in (1, 1, 2))
    assert one.shape == (4, 21)
    assert (one == again).all()
    assert (one != other).any()


def test_samples_without_imperfections_are_the_mean():
    quiet = NOISY.without("all")
    assert (response_samples(quiet, [1, -1] * 10, 3, 0, g0=4e-6) == mean_response(quiet, [1, -1] * 10, 4e-6)).all()


def test_samples_scatter_by_c2c():
    steps = np.diff(response_samples(NOISY.without("spread"), [1] * 20, 500, seed=4), axis=1)
    assert steps.std() / steps.mean() == pytest.approx(0.4, rel=0.05)


@pytest.mark.parametrize("device", EXAMPLES, ids=lambda device: type(device).__name__)
def test_step_statistics_agree_with_samples(device):
    g = 5e-6  # a level of the switch and a node of the table as well
    mean, sd = step_statistics(device, 1, [g])
    change = np.diff(response_samples(device, [1], 4000, seed=9, g0=g), axis=1)
    assert change.mean() == pytest.approx(mean[0], abs=5 * change.std() / 60 + 1e-15)
    assert change.std() == pytest.approx(sd[0], rel=0.06, abs=1e-15)


def test_pulses_to_cross():
    assert pulses_to_cross(ConstantStep(**STEPS), 1, fraction=0.49) == 20
    assert pulses_to_cross(ConstantStep(**STEPS), -1, fraction=1.0) in (80, 81)  # round-off at the bound
    assert pulses_to_cross(SoftBounds(**STEPS), 1, fraction=1.0, limit=70) == 70


def test_no_symmetry_point_where_one_direction_always_wins():
    assert symmetry_point(ConstantStep(**STEPS)) is None
    assert symmetry_point(ExponentialStep(**STEPS, decay_up=0.1, decay_down=0.0)) is None


@pytest.mark.parametrize("pulses", [[1, 0], [2], [1, -1, float("nan")]])
def test_refuses_pulses_without_a_direction(pulses):
    with pytest.raises(InputError, match="allowed are"):
        mean_response(NOISY, pulses, 5e-6)
