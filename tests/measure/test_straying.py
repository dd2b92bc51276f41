"""Readings with heavy tails: wild ones, a Student t, telegraph noise; and normal ones, which stay as they are."""

import numpy as np
import pytest
from scipy import stats
from simulated import cycles, measured, write_csv

import insitu
from insitu.devices.linear import LinearStep
from insitu.kernels.weighing import seen as seen_by
from insitu.measure import GRADUAL, fit, pulses
from insitu.measure.likelihood import Likelihood
from insitu.measure.residuals import residuals
from insitu.measure.starting import extremes
from insitu.measure.straying import DEGREES, STRAYS, components, noticed, tidied
from insitu.reports.fit_figures import fit_figure

DEVICE = LinearStep(
    g_min=1e-6, g_max=11e-6, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.4
)
LINEAR = next(family for family in GRADUAL if family.name == "linear")
CELL = np.array([[1e-6], [11e-6], [0.2e-6], [0.25e-6]])
SD = 0.1e-6


def quiet(seed=0):
    """Readings without noise, (401,), S, and the train."""
    found = measured(DEVICE, cycles(100, 100, 2), seed=seed)
    return np.r_[found.before[0], found.after], found.polarity


def read(y, train):
    return pulses(train, y[:-1], y[1:])


def noisy(make, seed=0):
    """Pulses whose readings have the noise that ``make`` draws, in units of SD."""
    g, train = quiet(seed)
    return read(np.maximum(g + SD * make(np.random.default_rng(seed + 1000), g.size), 0.0), train)


def _normal(rng, n):
    return rng.normal(size=n)


@pytest.mark.parametrize("nu", [2.0, 3.0, 5.0, 10.0])
def test_normal_numbers_make_a_student_t(nu):
    (weight, variance), stray = (one[..., 0] for one in components({DEGREES: np.array([nu])}))
    off = np.linspace(0, 8, 30)
    density = (weight[:, None] * stats.norm.pdf(off, 0, np.sqrt(variance)[:, None])).sum(axis=0)
    np.testing.assert_allclose(density, stats.t.pdf(off, nu), rtol=0.03)
    assert weight.sum() + stray == pytest.approx(1.0)


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("error", [0.1, -2.0, 9.0])
def test_a_reading_moves_the_state_as_bayes_has_it(error, fresh):
    """State and reading on a grid: the density of the reading, and the moments of the state given it."""
    tails, stray, wild, variance, noise = np.array([[0.6, 0.35], [1.0, 9.0]]), 0.05, 20.0, 0.3, 0.5
    state = np.linspace(-30, 30, 60_001)
    prior = stats.norm.pdf(state, 0, np.sqrt(variance))
    seen = sum(w * stats.norm.pdf(error, state, np.sqrt(noise * r)) for w, r in tails.T)
    joint = prior * (seen + stray * stats.norm.pdf(error, 0, wild))
    if fresh:  # the reading before may have been the stray one, and the state is where this one is
        joint += stray * stats.norm.pdf(error, 0, wild) * stats.norm.pdf(state, error, np.sqrt(noise))
        joint /= 1 + stray
    step = state[1] - state[0]
    density = joint.sum() * step
    mean = (joint * state).sum() * step / density
    spread = (joint * state**2).sum() * step / density - mean**2
    cells, noises = np.zeros((5, 1, 1)), np.array([[0.0], [np.sqrt(noise)], [stray]])
    cells[4] = wild
    found, at, left = np.zeros(1), np.zeros(1), np.array([variance])
    seen_by(error, 0.0, fresh, cells, noises, tails[:, :, None], (0, 0, 1), at, left, found)
    np.testing.assert_allclose((found[0], at[0], left[0]), (np.log(density), mean, spread), rtol=1e-6)


def test_without_tails_the_filter_is_the_plain_one():
    found = noisy(_normal)
    tails = np.ones((2, 1, 1)), np.array([1e-300])
    likelihood = Likelihood(found)
    np.testing.assert_allclose(
        likelihood.follow(DEVICE, CELL, SD, 0.0, tails), likelihood.follow(DEVICE, CELL, SD), rtol=1e-6
    )


def test_normal_noise_is_left_alone():
    seen = [noticed(noisy(_normal, seed)) for seed in range(8)]
    assert seen == [None] * 8
    found = noisy(_normal)
    assert tidied(found) is found
    assert fit(found, LINEAR).tails is None


def test_one_wild_reading_changes_nothing_and_is_named(tmp_path):
    found = noisy(_normal)
    without = fit(found, LINEAR)
    y = np.r_[found.before[0], found.after]
    y[[137, 250]] = 100e-6, 0.0
    wild = insitu.fit(write_csv(tmp_path / "wild.csv", read(y, found.polarity)), law="linear", quiet=True)
    for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv", "read_noise.sd", "g_min", "g_max"):
        here, there = wild.estimates[name], without.estimates[name]
        assert abs(here.value - there.value) < 0.3 * there.error, name
        assert here.error == pytest.approx(there.error, rel=0.2)
    assert wild.estimates[STRAYS].value == pytest.approx(2 / 401, rel=0.2)
    assert wild.as_dict()["tails"]["lines"] == [138, 251]
    assert any("2 lie five deviations off and more (lines 138, 251)" in one for one in wild.sentences)
    assert wild.estimates["read_noise.sd"].remark == "of the core"
    readings, steps, *_ = fit_figure(wild.candidates, wild.pulses).axes  # in uS: neither axis is that of the wild one
    assert readings.get_ylim()[1] < 15
    assert 0.2 < steps.get_ylim()[1] < 2


def test_a_part_of_the_readings_may_be_anything():
    """One in twenty is: steps and noise are within their errors, and so is that part."""
    g, train = quiet(3)
    rng = np.random.default_rng(3)
    y = g + SD * rng.normal(size=g.size)
    wild = rng.random(g.size) < 0.05
    y[wild] = rng.uniform(0, 20e-6, wild.sum())
    found = fit(read(y, train), LINEAR)
    truth = {name: getattr(DEVICE, name) for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv")}
    for name, value in (truth | {"read_noise.sd": SD, STRAYS: wild.mean()}).items():
        assert abs(found.estimates[name].value - value) < 3.5 * found.estimates[name].error, name


def test_noise_of_a_student_t_is_found_and_explains_the_tails():
    found = noisy(lambda rng, n: rng.standard_t(3, size=n), seed=2)
    one = fit(found, LINEAR)
    assert one.tails.kind == DEGREES
    assert abs(one.estimates[DEGREES].value - 3) < 2 * one.estimates[DEGREES].error < 4
    assert abs(one.estimates["read_noise.sd"].value - SD) < 3 * one.estimates["read_noise.sd"].error
    assert abs(residuals(one, found).kurtosis) < 1.0


def test_jumps_between_two_levels_are_told_from_tails():
    g, train = quiet(1)
    rng = np.random.default_rng(1)
    there = np.zeros(g.size)
    for at in range(15, g.size, 40):
        there[at : at + 4] = 1.5e-6
    one = fit(read(g + there + SD * rng.normal(size=g.size), train), LINEAR, jumps=False)
    assert one.tails.jump == pytest.approx(1.5e-6, rel=0.1)
    assert "telegraph noise" in one.tails.sentence(read(g, train))


def test_jumps_of_the_state_itself_are_no_stray_readings():
    g, train = quiet(4)
    y = g + SD * np.random.default_rng(4).normal(size=g.size)
    y[50:100] += 2e-6  # until it is reset
    before, after = noticed(read(y, train)) or (np.zeros(1), np.zeros(1))
    assert not before.any()
    assert not after.any()


def trains(ends, *, stays=False, seed=1):
    """Pulses of two up and two down trains, measured one by one, each ending ``ends`` (S) higher, where it stays or not."""
    g, train = quiet(seed)
    y = g + SD * np.random.default_rng(seed).normal(size=g.size)
    before, after, last = y[:-1].copy(), y[1:].copy(), np.arange(99, 400, 100)
    after[last] = np.maximum(after[last] + ends, 0.0)
    if stays:
        before[last[:-1] + 1] = after[last[:-1]]
    else:
        before[last[:-1] + 1] = (g + SD * np.random.default_rng(seed + 1).normal(size=g.size))[last[:-1] + 1]
    return pulses(train, before, after, index=np.arange(400) + 5 * (np.arange(400) // 100))


@pytest.mark.parametrize("ends", [12e-6, -12e-6])
def test_strays_that_end_every_train_do_not_move_the_range(ends):
    clean, wild = trains(0.0), trains(ends)
    after, before = noticed(wild)
    assert np.flatnonzero(after).tolist() == [99, 199, 299, 399]
    assert not before.any()
    assert abs(extremes(tidied(wild)) - extremes(clean)).max() < 3 * SD


@pytest.mark.slow
def test_a_fit_with_strays_at_all_ends_is_that_without():
    clean, wild = fit(trains(0.0), LINEAR), fit(trains(12e-6), LINEAR)
    assert clean.tails is None
    assert wild.tails.rows.size == 4
    for name in ("step_up", "step_down", "gamma_up", "gamma_down", "g_min", "g_max"):
        here, there = wild.estimates[name], clean.estimates[name]
        assert abs(here.value - there.value) < 0.5 * there.error, name


def test_a_range_that_a_cell_really_has_is_not_cut():
    """Where the train after a jump starts from there, the cell has gone so far; where it never jumps, nothing is off."""
    assert noticed(trains(0.0)) is None
    jumped = noticed(trains(12e-6, stays=True))
    # of the last train alone nobody knows whether it stayed
    assert jumped is None or set(np.flatnonzero(jumped[0])) <= {399}
    assert extremes(tidied(trains(12e-6, stays=True)))[1, 0] > 22e-6
