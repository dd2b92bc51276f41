from pathlib import Path

import numpy as np
import pytest
from device_strategies import STEPS
from hypothesis import given
from hypothesis import strategies as st

from insitu.devices.base import parameters
from insitu.devices.check import check_device
from insitu.devices.exponential import ExponentialStep
from insitu.devices.response import response_samples, step_statistics
from insitu.devices.softbounds import SoftBounds
from insitu.devices.table import TableStep
from insitu.errors import InputError

GONG = Path(__file__).parents[3] / "shared/data/pulses/gong2018_reram.csv"
TABLE = {"up": (1.0, 0.5, 0.0), "down": (0.2, 0.6, 1.0)}


@given(x=st.floats(0, 1))
def test_interpolates_linearly(x):
    device = TableStep(**STEPS, **TABLE)
    p, g = parameters(device), 1e-6 + 8e-6 * x
    assert device.step(g, 1, p, 0.0) - g == pytest.approx(0.2e-6 * np.interp(x, [0, 0.5, 1], TABLE["up"]), abs=1e-18)
    assert g - device.step(g, -1, p, 0.0) == pytest.approx(0.1e-6 * np.interp(x, [0, 0.5, 1], TABLE["down"]), abs=1e-18)


def test_two_nodes_make_soft_bounds():
    table, soft = TableStep(**STEPS, up=(1, 0), down=(0, 1), c2c_cv=0.3), SoftBounds(**STEPS, c2c_cv=0.3)
    pulses = [1, 1, -1] * 50
    assert response_samples(table, pulses, 3, seed=1) == pytest.approx(response_samples(soft, pulses, 3, seed=1))


def test_scatter_comes_from_its_own_table_and_c2c_scales_it():
    device = TableStep(**STEPS, **TABLE, up_sd=(3.0, 3.0, 3.0), down_sd=(0.0, 0.0, 0.0), c2c_cv=0.5)
    p = parameters(device)
    assert device.step(5e-6, 1, p, 2.0) == pytest.approx(5e-6 + 0.2e-6 * (0.5 + 0.5 * 2.0 * 3.0))
    assert device.step(5e-6, -1, p, 2.0) == device.step(5e-6, -1, p, 0.0)


@pytest.mark.parametrize("read_noise", [0.0, 0.05e-6])
def test_round_trip_from_a_known_device(read_noise):
    """Pulses of an exponential device come back within 10 % at every node, with or without read noise."""
    true = ExponentialStep(
        g_min=1e-6, g_max=9e-6, step_up=0.16e-6, step_down=0.12e-6, decay_up=1.5, decay_down=1.0, c2c_cv=0.3
    )
    train = np.array(([1] * 120 + [-1] * 120) * 60)
    g = response_samples(true, train, n=1, seed=5)[0]
    g = g + read_noise * np.random.default_rng(0).standard_normal(g.size)
    table = TableStep.from_pulses(g[:-1], g[1:], train, nodes=9, g_min=1e-6, g_max=9e-6)
    inner = np.linspace(2e-6, 7.5e-6, 12).tolist()
    for polarity in (1, -1):
        mean, sd = step_statistics(table, polarity, inner)
        true_mean, true_sd = step_statistics(true, polarity, inner)
        assert mean == pytest.approx(true_mean, rel=0.1)
        assert sd == pytest.approx(np.hypot(true_sd, read_noise * np.sqrt(2)), rel=0.15)
    assert table.c2c_cv == 1.0
    assert np.mean(table.up) == pytest.approx(1.0)


def test_empty_stretches_are_bridged():
    true = SoftBounds(g_min=0.0, g_max=1e-5, step_up=1e-6, step_down=1e-6)
    g = np.concatenate([np.linspace(0.0, 3e-6, 40), np.linspace(7e-6, 1e-5, 40)])
    p = parameters(true)
    up, down = (np.array([true.step(x, polarity, p, 0.0) for x in g]) for polarity in (1, -1))
    table = TableStep.from_pulses(np.r_[g, g], np.r_[up, down], np.r_[np.ones(80), -np.ones(80)], nodes=11)
    assert step_statistics(table, 1, [5e-6])[0] == pytest.approx([0.5e-6], rel=0.02)


@pytest.mark.skipif(not GONG.exists(), reason="measured pulses are not at hand")
def test_measured_pulses_of_gong_2018():
    """Normalised, single device, noise 80 times the mean step; a scale of 10 uS is assumed."""
    up, down = 10e-6 + 5e-6 * np.loadtxt(GONG, delimiter=",").T
    before, after = np.r_[up[:-1], down[:-1]], np.r_[up[1:], down[1:]]
    device = TableStep.from_pulses(before, after, np.r_[np.ones(999), -np.ones(999)], nodes=3)
    assert device.step_up == pytest.approx(np.diff(up).mean(), abs=3 * np.diff(up).std() / np.sqrt(999))
    assert device.step_up * np.mean(device.up_sd) == pytest.approx(np.diff(up).std(), rel=0.25)
    assert check_device(device).passed
    g = response_samples(device, [1] * 1000, n=20, seed=1, g0=6e-6)
    assert g.min() >= device.g_min
    assert g[:, -300:].mean() > g[:, :50].mean()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"up": (1.0,)}, "at least 2 numbers"),
        ({"down": (1.0, 2.0)}, "as many as in up"),
        ({"up_sd": (1.0, 1.0)}, "as many as in up"),
        ({"down": (1.0, -0.1, 0.0)}, r"down\[1\]"),
        ({"up": (1.0, float("nan"), 0.0)}, r"up\[1\]"),
        ({"up": 3.0}, "tuple of at least 2 numbers"),
        ({"down": None}, "down: got None"),
    ],
)
def test_refuses_tables(values, message):
    with pytest.raises(InputError, match=message):
        TableStep(**STEPS, **TABLE | values)


RISE = np.linspace(1e-6, 2e-6, 101)
FALL = RISE[::-1]
GOOD = {
    "g_before": np.r_[RISE[:-1], FALL[:-1]],
    "g_after": np.r_[RISE[1:], FALL[1:]],
    "polarity": np.r_[np.ones(100), -np.ones(100)],
}


def _with(name, index, value):
    changed = GOOD[name].copy()
    changed[index] = value
    return {name: changed}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"nodes": 32}, "too few for 32 nodes"),
        ({"nodes": 1}, "whole number from 2 to 256"),
        ({"nodes": 4.0}, "whole number"),
        (_with("g_after", 7, np.nan), "g_after: 1 readings are not finite, the first at pulse 7"),
        (_with("g_before", 3, np.inf), "g_before"),
        (_with("polarity", 0, 0.0), "polarity: got 0"),
        ({"polarity": np.ones(200)}, "0 down pulses are too few"),
        ({"polarity": -GOOD["polarity"]}, "polarities swapped"),
        ({"g_after": GOOD["g_after"][:-1]}, "shapes"),
        ({"g_before": GOOD["g_before"].reshape(2, 100)}, "shapes"),
        ({"g_before": ["a"] * 200}, "arrays of numbers"),
        ({"g_before": np.full(200, 1e-6), "g_after": np.full(200, 1e-6)}, "is empty"),
        ({"g_after": GOOD["g_before"]}, "do not move"),
        ({"g_before": 1e6 * GOOD["g_before"], "g_after": 1e6 * GOOD["g_after"]}, "g_max: got 2.0 S"),
    ],
)
def test_from_pulses_refuses(values, message):
    with pytest.raises(InputError, match=message) as caught:
        TableStep.from_pulses(**{"nodes": 8} | GOOD | values)
    assert "\n" not in str(caught.value)


def test_from_pulses_takes_noise_free_data():
    table = TableStep.from_pulses(**GOOD, nodes=8)
    assert table.step_up == pytest.approx(1e-8)
    assert table.up == pytest.approx([1.0] * 8)
    assert table.up_sd == pytest.approx([0.0] * 8, abs=1e-9)
