"""The filter against its slow twin, and, where the model is linear and normal, against the whole covariance matrix."""

import math

import numpy as np
import pytest
from cases import IDEAL, RANGE
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from simulated import cycles, measured

from insitu.devices.base import CELL_FIELDS, parameters
from insitu.devices.compiled import flat_parameters
from insitu.devices.constant import ConstantStep
from insitu.devices.linear import LinearStep
from insitu.devices.switch import StochasticSwitch
from insitu.kernels.tails import density_and_tail
from insitu.kernels.weighing import cut as cut_moments
from insitu.measure.likelihood import Likelihood
from insitu.measure.pulses import SAME, START, pulses
from insitu.measure.straying import DEGREES, STRAYS, components

LINEAR = LinearStep(**RANGE, step_up=0.5e-6, step_down=0.3e-6, gamma_up=0.9, gamma_down=-0.5, c2c_cv=0.3, c2c_sd=1e-8)
SWITCH = StochasticSwitch(**RANGE, levels=5, probability_up=0.6, probability_down=0.8)
DEVICES = {"linear": LINEAR, "switch": SWITCH, "noiseless": IDEAL["constant"]}


def naive(device, cells, found, read_cv, read_sd):
    """One reading after the other, as the docstring of the kernel has it."""
    law = parameters(device)
    total, mean, variance = 0.0, 0.0, 0.0

    def jump(g, polarity, p):
        if device.noisy and device.draw == "uniform":
            moved = [device.step(g, polarity, p, (k + 0.5) / 32) - g for k in range(32)]
            return g + np.mean(moved), np.std(moved)
        still = device.step(g, polarity, p, 0.0)
        return still, abs(device.step(g, polarity, p, 1.0) - still) if device.noisy else 0.0

    def see(reading):
        nonlocal mean, variance, total
        noise = read_cv * mean + read_sd
        whole = max(variance + noise**2, (1e-9 * (p.g_max - p.g_min)) ** 2)
        total += stats.norm.logpdf(reading, mean, math.sqrt(whole))
        gain = variance / max(variance + noise**2, 1e-300)
        mean, variance = mean + gain * (reading - mean), variance * (1 - gain)

    for of, polarity, before, after, link in zip(
        found.of, found.polarity, found.before, found.after, found.link, strict=True
    ):
        p = law._replace(**dict(zip(CELL_FIELDS, cells[:, of].tolist(), strict=True)))
        if link == START:
            mean, variance = before, (read_cv * before + read_sd) ** 2
        elif link != SAME:
            see(before)
        g = min(max(p.g_min, mean), p.g_max)
        moved, sd = jump(g, polarity, p)
        h = 1e-4 * (p.g_max - p.g_min)
        left, right = max(g - h, p.g_min), min(g + h, p.g_max)
        slope = (jump(right, polarity, p)[0] - jump(left, polarity, p)[0]) / (right - left)
        mean, variance = cut(moved, slope**2 * variance + sd**2, p.g_min, p.g_max)
        see(after)
    return total


def cut(mean, variance, low, high):
    """Moments of a normal number that is cut to [low, high], by integration."""
    sd = math.sqrt(variance)
    if (mean - 5 * sd > low and mean + 5 * sd < high) or sd == 0:
        return min(max(low, mean), high), variance
    below, above = stats.norm.cdf(low, mean, sd), stats.norm.sf(high, mean, sd)
    a, b = max(low, mean - 9 * sd), min(high, mean + 9 * sd)

    def moment(f):
        inside = 0.0
        if a < b:
            inside = integrate.quad(lambda z: f(mean + sd * z) * stats.norm.pdf(z), (a - mean) / sd, (b - mean) / sd)[0]
        return below * f(low) + above * f(high) + inside

    first = moment(lambda g: (g - mean) / sd)
    return mean + sd * first, max(moment(lambda g: ((g - mean) / sd) ** 2) - first**2, 0) * variance


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_the_filter_is_its_twin(device):
    found = measured(device, cycles(25, 12, 2), devices=2, read_sd=4e-8, seed=3)
    found.before[5] += 1e-8  # a further reading of the same state
    found.link[5] = 2
    cells = np.array(
        [[0.4e-6, 0.35e-6], [6.9e-6, 7.1e-6], [device.step_up, 0.8 * device.step_up], [device.step_down] * 2]
    )
    score = Likelihood(found)(device, cells, 4e-8, 0.01)
    assert score == pytest.approx(naive(device, cells, found, 0.01, 4e-8), rel=1e-6)


@pytest.mark.parametrize("lanes", [1, 2, 5, 16, 21])
@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_each_lane_is_the_filter_by_itself(device, lanes):
    found = measured(device, cycles(25, 12, 2), devices=2, read_sd=4e-8, seed=3)
    found.before[5] += 1e-8  # a further reading of the same state
    found.link[5] = 2
    rng = np.random.default_rng(lanes)
    cells = np.array([[0.4e-6, 0.35e-6], [6.9e-6, 7.1e-6], [device.step_up] * 2, [device.step_down] * 2])
    every = cells[:, :, None] * rng.uniform(0.9, 1.1, (4, 2, lanes))
    noises = np.array([[0.01], [4e-8]]) * rng.uniform(0.5, 2.0, (2, lanes))
    laws = np.tile(np.array(flat_parameters(device))[:, None], lanes)
    seen = Likelihood(found).of(device)(laws, every, noises)
    assert seen.shape == (2, lanes)
    for i in range(lanes):
        alone = Likelihood(found)(device, every[:, :, i], noises[1, i], noises[0, i])
        assert seen[:, i].sum() == pytest.approx(alone, rel=1e-9)
        one = found.only([1])
        assert seen[1, i] == pytest.approx(
            Likelihood(one)(device, every[:, [1], i], noises[1, i], noises[0, i]), rel=1e-9
        )


@pytest.mark.parametrize("tail", [STRAYS, DEGREES])
def test_each_lane_with_tails_is_the_filter_by_itself(tail):
    found = measured(LINEAR, cycles(25, 12, 2), devices=2, read_sd=4e-8, seed=3)
    cells = np.array([[0.4e-6, 0.35e-6], [6.9e-6, 7.1e-6], [LINEAR.step_up] * 2, [LINEAR.step_down] * 2])
    numbers = {tail: np.array([0.01, 0.05, 0.2]) if tail == STRAYS else np.array([2.0, 4.0, 9.0])}
    parts, stray = components(numbers)
    noises = np.array([[0.01, 0.02, 0.0], [4e-8, 2e-8, 5e-8]])
    laws = np.tile(np.array(flat_parameters(LINEAR))[:, None], 3)
    score = Likelihood(found).of_tails(LINEAR)
    seen = score(laws, np.tile(cells[:, :, None], 3), noises, (parts, stray))
    for i in range(3):
        one = [part[..., [i]] for part in (laws, cells[:, :, None][..., [0, 0, 0]], noises)]
        np.testing.assert_allclose(score(*one, (parts[..., [i]], stray[[i]]))[:, 0], seen[:, i], rtol=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.floats(-37, 37))
def test_density_and_tail_of_a_normal_number_are_those_of_scipy(z):
    np.testing.assert_allclose(density_and_tail(z), (stats.norm.pdf(z), stats.norm.sf(z)), rtol=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.floats(-9, 10), st.floats(0.01, 4))
def test_a_cut_normal_number_has_these_moments(mean, sd):
    found = cut_moments(mean, sd * sd, 0.0, 1.0)
    np.testing.assert_allclose(found, cut(mean, sd * sd, 0.0, 1.0), atol=2e-6 * sd)
    assert found[1] >= 0


def test_with_constant_steps_it_is_the_density_of_all_readings_together():
    """Away from the ends the model is a random walk with drift, seen through noise: one multivariate normal number."""
    n, step, sd, read = 30, 0.05e-6, 0.02e-6, 0.03e-6
    device = ConstantStep(g_min=0.0, g_max=1e-4, step_up=step, step_down=step, c2c_cv=sd / step)
    rng = np.random.default_rng(5)
    y = 50e-6 + step * np.arange(n + 1) + np.cumsum(sd * rng.normal(size=n + 1)) + read * rng.normal(size=n + 1)
    found = pulses([1] * n, y[:-1], y[1:])
    cells = np.array([[0.0], [1e-4], [step], [step]])
    k = np.arange(1, n + 1)
    # given the first reading, which says where the state is to within its own noise
    covariance = sd**2 * np.minimum.outer(k, k) + read**2 * (1 + np.eye(n))
    wanted = stats.multivariate_normal.logpdf(y[1:], y[0] + step * k, covariance)
    assert Likelihood(found)(device, cells, read) == pytest.approx(wanted, rel=1e-9)


def test_forecasts_are_kept_where_they_are_wanted():
    found = measured(LINEAR, cycles(30, 30, 1), read_sd=2e-8)
    cells = np.array([[LINEAR.g_min], [LINEAR.g_max], [LINEAR.step_up], [LINEAR.step_down]])
    mean, variance, state, left = Likelihood(found).follow(LINEAR, cells, 2e-8)
    assert (left < variance).all()
    z = (found.after - mean) / np.sqrt(variance)
    assert stats.norm.logpdf(z).sum() - np.log(np.sqrt(variance)).sum() == pytest.approx(
        Likelihood(found)(LINEAR, cells, 2e-8), rel=1e-12
    )
    assert np.abs(state - found.after).max() < 6 * 2e-8
