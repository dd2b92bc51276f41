import numpy as np
import pytest
from device_strategies import STEPS
from hypothesis import given
from hypothesis import strategies as st

from insitu.devices.base import parameters
from insitu.devices.check import check_device
from insitu.devices.constant import ConstantStep
from insitu.devices.jumptable import JumpTable
from insitu.devices.response import response_samples, step_statistics
from insitu.devices.table import TableStep
from insitu.errors import InputError

TABLE = {"nodes": 2, "up": (0.0, 1.0, 3.0, -1.0, 0.0, 2.0), "down": (0.0, 0.5, 1.0, 0.0, 1.0, 2.0)}
DEVICE = JumpTable(**STEPS, **TABLE, c2c_cv=1.0)


@given(x=st.floats(0, 1), z=st.floats(0, 1))
def test_draws_by_inversion_with_linear_interpolation(x, z):
    p, g = parameters(DEVICE), 1e-6 + 8e-6 * x
    levels = [0, 0.5, 1]
    low, high = (np.interp(z, levels, row) for row in np.reshape(TABLE["up"], (2, 3)))
    assert DEVICE.step(g, 1, p, z) - g == pytest.approx(0.2e-6 * ((1 - x) * low + x * high), abs=1e-17)
    low, high = (np.interp(z, levels, row) for row in np.reshape(TABLE["down"], (2, 3)))
    assert g - DEVICE.step(g, -1, p, z) == pytest.approx(0.1e-6 * ((1 - x) * low + x * high), abs=1e-17)


def test_mean_and_sd_are_those_of_the_distribution():
    """Two uniform stretches at g_min: U(0, 1) and U(1, 3), each with half of the pulses."""
    mean, sd = step_statistics(DEVICE, 1, [1e-6])
    second_moment = (1 / 3 + 13 / 3) / 2
    assert mean == pytest.approx([0.2e-6 * 1.25], rel=1e-3)
    assert sd == pytest.approx([0.2e-6 * np.sqrt(second_moment - 1.25**2)], rel=1e-2)
    assert DEVICE.up_mean == (1.25, 0.25)
    assert DEVICE.down_mean == (0.5, 1.0)


def test_noise_off_is_the_mean_and_c2c_scales_the_scatter():
    quiet, half = DEVICE.without("c2c"), JumpTable(**STEPS, **TABLE, c2c_cv=0.5)
    assert not quiet.noisy
    mean, sd = step_statistics(quiet, 1, [1e-6, 5e-6])
    assert mean == pytest.approx([0.25e-6, 0.15e-6])
    assert (sd == 0).all()
    assert step_statistics(half, 1, [5e-6])[1] == pytest.approx(step_statistics(DEVICE, 1, [5e-6])[1] / 2)


def _measured(steps_up, steps_down, n=4000):
    """Pulses at random places of the range with steps drawn by the two functions."""
    rng = np.random.default_rng(3)
    before = rng.uniform(2e-6, 8e-6, 2 * n)
    change = np.r_[steps_up(rng, n), -steps_down(rng, n)]
    return before, before + change, np.r_[np.ones(n), -np.ones(n)]


def test_from_pulses_keeps_the_shape_of_the_distribution():
    """A skewed, one-sided distribution, which mean and standard deviation alone would make symmetric."""
    skewed = _measured(lambda rng, n: rng.exponential(0.05e-6, n), lambda rng, n: rng.uniform(0, 0.1e-6, n))
    device = JumpTable.from_pulses(*skewed, nodes=4, quantiles=65, g_min=2e-6, g_max=8e-6)
    assert check_device(device).passed
    assert device.c2c_cv == 1.0
    steps = np.diff(response_samples(device, [1], n=6000, seed=1, g0=5e-6), axis=1).ravel()
    assert steps.mean() == pytest.approx(0.05e-6, rel=0.06)
    assert steps.min() > -0.002e-6
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.quantile(steps, level) == pytest.approx(-0.05e-6 * np.log(1 - level), rel=0.12)
    gaussian = TableStep.from_pulses(*skewed, nodes=4, g_min=2e-6, g_max=8e-6)
    normal = np.diff(response_samples(gaussian, [1], n=6000, seed=1, g0=5e-6), axis=1)
    assert normal.min() < -0.05e-6
    assert (normal.mean(), normal.std()) == pytest.approx((steps.mean(), steps.std()), rel=0.1)


def test_from_pulses_agrees_with_the_mean_table():
    train = np.array(([1] * 120 + [-1] * 120) * 30)
    true = ConstantStep(g_min=1e-6, g_max=9e-6, step_up=0.06e-6, step_down=0.06e-6, c2c_cv=0.8)
    g = response_samples(true, train, n=1, seed=5)[0]
    arguments = (g[:-1], g[1:], train)
    jump, table = JumpTable.from_pulses(*arguments, nodes=6), TableStep.from_pulses(*arguments, nodes=6)
    where = np.linspace(jump.g_min, jump.g_max, 9).tolist()
    for polarity in (1, -1):
        assert step_statistics(jump, polarity, where)[0] == pytest.approx(
            step_statistics(table, polarity, where)[0], rel=0.02
        )
        assert step_statistics(jump, polarity, where)[1] == pytest.approx(
            step_statistics(table, polarity, where)[1], rel=0.1
        )


RISE = np.linspace(1e-6, 2e-6, 101)
GOOD = (np.r_[RISE[:-1], RISE[:0:-1]], np.r_[RISE[1:], RISE[-2::-1]], np.r_[np.ones(100), -np.ones(100)])


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (GOOD, {"quantiles": 1}, "quantiles: got 1; allowed is a whole number from 3"),
        (GOOD, {"nodes": 32}, "too few for 32 nodes"),
        ((GOOD[0], GOOD[1], -GOOD[2]), {}, "polarities swapped"),
        ((GOOD[0], GOOD[0], GOOD[2]), {}, "do not move"),
        ((GOOD[0], GOOD[1][:-1], GOOD[2]), {}, "shapes"),
    ],
)
def test_from_pulses_refuses(arguments, options, message):
    with pytest.raises(InputError, match=message):
        JumpTable.from_pulses(*arguments, **{"nodes": 8} | options)


def test_from_pulses_takes_noise_free_data():
    device = JumpTable.from_pulses(*GOOD, nodes=8)
    assert device.step_up == pytest.approx(1e-8)
    assert device.up == pytest.approx([1.0] * 8 * 17)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"nodes": 1}, "nodes"),
        ({"nodes": 4}, "at least 2 quantiles at each of the 4 nodes"),
        ({"up": 3.0}, "up: allowed is a tuple"),
        ({"up": (0.0, 2.0, 1.0, 0.0, 1.0, 2.0)}, "must not fall"),
        ({"down": (-2.0, -1.0, 0.0, 0.0, 1.0, 2.0)}, "mean below 0"),
        ({"down": (0.0, 1.0, float("nan"), 0.0, 1.0, 2.0)}, r"down\[2\]"),
    ],
)
def test_refuses(values, message):
    with pytest.raises(InputError, match=message):
        JumpTable(**STEPS, **TABLE | values)
