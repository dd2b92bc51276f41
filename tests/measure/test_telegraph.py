"""Readings that jump between two levels while the cell is pulsed: found, told from other noise, and in the device."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from simulated import cycles, measured, write_csv

import insitu
from insitu.devices.base import Spread, parameters
from insitu.devices.compiled import flat_parameters
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, fit, pulses
from insitu.measure.likelihood import Likelihood
from insitu.measure.pulses import START
from insitu.measure.telegraph import FALL, FRACTION, JUMP, RISE, levels_of

DEVICE = LinearStep(
    g_min=1e-6, g_max=11e-6, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.4
)
LINEAR = next(family for family in GRADUAL if family.name == "linear")
TRUTH = {JUMP: 0.1, RISE: 0.08, FALL: 0.05, "read_noise.cv": 0.01}
LAW = ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv")


def jumping(found, seed, *, rise=0.08, fall=0.05, devices=None):
    """The same pulses, of which the readings of some devices jump by a tenth."""
    rng, upper = np.random.default_rng(seed), False
    before, after = found.before.copy(), found.after.copy()
    for k in range(found.of.size):
        if devices is not None and found.names[found.of[k]] not in devices:
            continue
        if found.link[k] == START:
            upper = rng.random() < rise / (rise + fall)
            before[k] *= 1.05 if upper else 0.95
        else:
            before[k] = after[k - 1]
        upper = rng.random() >= fall if upper else rng.random() < rise
        after[k] *= 1.05 if upper else 0.95
    names = np.array(found.names)[found.of]
    return pulses(found.polarity, before, after, device=names)


def near(found, truth, errors=3.0):
    for name, value in truth.items():
        one = found.estimates[name]
        assert abs(one.value - value) < errors * one.error, (name, one)


def over_all_paths(device, y, jump, rise, fall, sd):
    """Log-likelihood of readings after up pulses, summed over all ways through the levels, each with a filter of its own."""
    level, leave = (1 - jump / 2, 1 + jump / 2), (rise, fall)
    total = -np.inf
    for path in itertools.product((0, 1), repeat=y.size):
        first = level[path[0]]
        log, mean, variance = math.log((fall, rise)[path[0]] / (rise + fall)), y[0] / first, (sd / first) ** 2
        for k in range(1, y.size):
            log += math.log(leave[path[k - 1]] if path[k] != path[k - 1] else 1 - leave[path[k - 1]])
            mean, variance = mean + device.step_up, variance + (device.c2c_cv * device.step_up) ** 2
            a = level[path[k]]
            spread = a * a * variance + sd**2
            log += stats.norm.logpdf(y[k], a * mean, math.sqrt(spread))
            gain = a * variance / spread
            mean, variance = mean + gain * (y[k] - a * mean), variance * (1 - gain * a)
        total = np.logaddexp(total, log)
    return total


@pytest.mark.parametrize("jump", [0.05, 0.3])
def test_the_filter_is_the_sum_over_all_ways_through_the_levels(jump):
    device = LinearStep(g_min=0.0, g_max=1e-4, step_up=1e-6, step_down=1e-6, gamma_up=0.0, gamma_down=0.0, c2c_cv=0.2)
    rng = np.random.default_rng(3)
    upper = np.array([0, 0, 1, 1, 1, 0, 0, 0, 1])
    y = (20e-6 + 1e-6 * np.arange(9)) * (1 + jump * (upper - 0.5)) + 0.15e-6 * rng.normal(size=9)
    found = pulses([1] * 20, np.r_[y[:-1], np.full(12, 2e-5)], np.r_[y[1:], np.full(12, 2e-5)]).rows(np.arange(8))
    cells = np.array([[0.0], [1e-4], [1e-6], [1e-6]])
    run, law = Likelihood(found).of_jumps(device), np.array(flat_parameters(device))
    seen = run(law, cells, 0.15e-6, 0.0, (np.array([jump]), (0.1, 0.2)))
    assert seen.sum() == pytest.approx(over_all_paths(device, y, jump, 0.1, 0.2, 0.15e-6), abs=0.1)


def test_without_jumps_it_is_the_plain_filter():
    found = measured(DEVICE, cycles(30, 30, 2), devices=2, read_sd=4e-8)
    found.before[5] += 1e-8  # a further reading of the same state
    found.link[5] = 2
    cells = np.array([[1e-6, 0.9e-6], [11e-6, 12e-6], [0.2e-6, 0.25e-6], [0.25e-6, 0.2e-6]])
    still = Likelihood(found).follow_jumps(DEVICE, cells, 4e-8, 0.01, (np.zeros(2), (0.1, 0.3)))[0]
    np.testing.assert_allclose(still, Likelihood(found).follow(DEVICE, cells, 4e-8, 0.01), rtol=1e-6)


def test_a_jump_tells_where_the_cell_has_been_before():
    found = measured(DEVICE, cycles(20, 20, 1))
    n = found.of.size
    levels = np.stack([np.full(n, 0.5), np.full(n, 0.01), np.full(n, 0.01)])
    levels[:, 10] = 0.99, 0.5, 0.99  # nothing is known until the cell jumps up here
    levels[0, 11:] = 0.99
    before, after = levels_of(levels, found)
    assert not before[:11].any()
    assert not after[:10].any()
    assert after[10:].all()
    assert before[11:].all()


def test_jumps_are_found_and_leave_the_law_alone(tmp_path):
    data = jumping(measured(DEVICE, cycles(100, 100, 2), read_cv=0.01, seed=1), seed=5)
    found = insitu.fit(write_csv(tmp_path / "jumps.csv", data), law="linear", quiet=True, out=tmp_path)
    near(found, TRUTH | {name: getattr(DEVICE, name) for name in LAW})
    assert found.device.telegraph.jump == found.estimates[JUMP].value
    assert any("one" not in said and "jump between two levels (telegraph noise)" in said for said in found.sentences)
    assert found.as_dict()["telegraph"]["jumps"] > 10
    assert insitu.load(found.__fspath__()).telegraph.jump == pytest.approx(found.device.telegraph.jump, rel=1e-5)
    assert abs(found.residuals.autocorrelation) < 0.15
    assert found.residuals.kurtosis < 1


def test_two_jumps_are_not_called_telegraph_noise():
    data = measured(DEVICE, cycles(60, 60, 1), read_cv=0.005, seed=2)
    level = np.where((np.arange(121) > 40) & (np.arange(121) < 90), 1.1, 1.0)
    y = np.r_[data.before[0], data.after] * level
    found = insitu.fit(pulses(data.polarity, y[:-1], y[1:]), law="linear", quiet=True)
    near(found, {"gamma_up": 0.7, "gamma_down": 0.8})
    assert {found.estimates[name].remark for name in (JUMP, RISE, FALL, FRACTION)} == {"not determined"}
    assert found.device.telegraph.fraction is None
    assert any("So few may be jumps of the state itself" in said for said in found.sentences)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_which_devices_jump_is_told(seed):
    device = replace(DEVICE, spread=Spread(step_cv=0.2, range_sd=0.3e-6))
    some = measured(device, cycles(120, 120, 2), devices=5, read_cv=0.01)
    found = fit(jumping(some, seed, devices=("d1", "d4")), LINEAR)
    assert found.jumps.names == ("d1", "d4")
    assert found.estimates[FRACTION].value == pytest.approx(0.4)
    near(found, {"gamma_up": 0.7, "gamma_down": 0.8, "c2c_cv": 0.4, JUMP: 0.1}, errors=3.5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_rare_large_steps_of_the_state_go_the_way_of_their_pulses_and_are_no_telegraph_noise(seed):
    rng, device = np.random.default_rng(seed), DEVICE.without("c2c")
    p, g, states = parameters(device), device.g_min, [device.g_min]
    train = np.tile(np.repeat([1, -1], 100), 3)
    for polarity in train.tolist():
        change = device.step(g, polarity, p, 0.0) - g
        g = min(max(g + change * (8 if rng.random() < 0.03 else 1), device.g_min), device.g_max)
        states.append(g)
    readings = np.array(states) + 5e-8 * rng.normal(size=len(states))
    assert fit(pulses(train, readings[:-1], readings[1:]), LINEAR).jumps is None
