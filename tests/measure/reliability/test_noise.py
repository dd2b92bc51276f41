"""Noise of made-up cells at rest is found again, and jumps are told from it."""

import itertools

import numpy as np
import pytest
from cells_at_rest import resting as made_up
from scipy.stats import multivariate_normal, norm

from insitu.devices.imperfections import ReadNoise, Telegraph
from insitu.errors import InputError
from insitu.kernels.cache import load
from insitu.measure.reliability.noise import fit_noise
from insitu.measure.reliability.resting import JUMPS, WANDERS, WHITE, resting
from insitu.measure.reliability.traces import traces_of


def noise(series):
    return fit_noise(traces_of(series))


def test_a_chain_of_two_levels_is_the_sum_over_all_its_ways():
    y, (low, high, sd, up, down) = np.array([0.1, 1.2, 0.8, -0.3, 0.5]), (0.0, 1.0, 0.4, 0.2, 0.3)
    move, first, total = np.array([[1 - up, up], [down, 1 - down]]), np.array([down, up]) / (up + down), 0.0
    for way in itertools.product((0, 1), repeat=y.size):
        ways = [move[a, b] for a, b in itertools.pairwise(way)]
        total += first[way[0]] * np.prod(ways) * np.prod(norm.pdf(y, np.where(way, high, low), sd))
    kernels = load("resting", "noise of cells at rest")
    assert kernels.jumping(y, low, high, sd, up, down) == pytest.approx(np.log(total))


def test_a_level_that_wanders_is_a_normal_number_of_many_dimensions():
    y, (mean, slow, keep, white) = np.random.default_rng(0).normal(size=12), (0.3, 0.7, 0.9, 0.5)
    apart = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    covariance = slow**2 * keep**apart + white**2 * np.eye(12)
    kernels = load("resting", "noise of cells at rest")
    expected = multivariate_normal.logpdf(y, np.full(12, mean), covariance)
    assert kernels.wandering(y, mean, slow, keep, white) == pytest.approx(expected)


def trace(kind, n, seed):
    rng = np.random.default_rng(seed)
    white = 0.02 * rng.normal(size=n)
    jumps = np.cumsum(rng.random(n) < 0.05) % 2
    fast = rng.random(n) < 0.5
    off = {
        "white": white,
        "heavy tails": 0.02 * rng.standard_t(3, n),
        "walk": np.cumsum(0.003 * rng.normal(size=n)),
        "drift": np.linspace(0, 0.1, n) + white,
        "spikes": 0.2 * (rng.random(n) < 0.01) + white,
        "one step": 0.1 * (np.arange(n) > n / 2) + white,
        "jumps": 0.06 * jumps + white,
        "quick jumps": 0.08 * fast + white,
    }
    return 5e-6 * (1 + off[kind])


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        *(("white", WHITE), ("heavy tails", WHITE), ("spikes", WHITE)),
        *(("walk", WANDERS), ("drift", WANDERS), ("one step", WANDERS)),
        *(("jumps", JUMPS), ("quick jumps", JUMPS)),
    ],
)
def test_kinds_are_told_apart(kind, found):
    ways = [resting(trace(kind, 400, seed)).kind for seed in range(2)]
    assert found in ways
    assert found == JUMPS or JUMPS not in ways


def test_a_jump_is_as_large_as_it_is():
    one = resting(trace("jumps", 1000, 1))
    assert abs(one.jump - 0.06 / 1.03) < 4 * one.jump_error  # relative to the mean
    assert one.sd == pytest.approx(0.02 * 5e-6, rel=0.1)
    assert 25 < one.jumps < 100
    assert 0.3 < one.high < 0.7


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["white", "heavy tails", "spikes", "walk", "drift", "one step"])
def test_what_does_not_jump_is_rarely_taken_for_it(kind):
    assert [resting(trace(kind, 600, seed)).kind for seed in range(20)].count(JUMPS) <= 1


def test_noise_and_jumps_of_many_cells_are_found():
    found = noise(made_up(1, n=200, devices=6))
    for key, truth in {"read_noise.cv": 0.01, "read_noise.sd": 3e-8, "telegraph.jump": 0.08}.items():
        one = found.estimates[key]
        assert abs(one.value - truth) < 3.5 * one.error, key
    jumping = sum(one.kind == JUMPS for one in found.found) / 18
    assert found.groups["telegraph"] == Telegraph(fraction=jumping, jump=found.estimates["telegraph.jump"].value)
    assert found.estimates["noise_spread"].value == pytest.approx(0.15, abs=0.06)
    assert found.laws[0]["law"] in ("sd and cv", "cv and sd")
    assert len(found.rows) == 18


@pytest.mark.parametrize(
    ("cv", "sd", "kept"), [(0.02, 0.0, "cv"), pytest.param(0.0, 1e-7, "sd", marks=pytest.mark.slow)]
)
def test_noise_goes_with_what_it_goes(cv, sd, kept):
    found = noise(made_up(2, cv=cv, sd=sd, fraction=0.0, devices=3, n=100))
    only = found.groups["read_noise"]
    assert only == ReadNoise(**{kept: found.estimates[f"read_noise.{kept}"].value})
    assert found.groups["telegraph"] == Telegraph()
    assert "No trace jumps between two levels; if 33% of cells did" in found.sentences[0]


def test_one_state_does_not_tell_what_noise_goes_with():
    found = noise(made_up(3, devices=2, levels=(5e-6,), fraction=0.0, n=100))
    assert found.groups["read_noise"].cv is None
    assert "All states are alike" in found.sentences[0]


def test_few_readings_and_readings_without_noise_are_refused_or_named():
    with pytest.raises(InputError, match="readings: 40 of a state at most; noise needs 50 or more"):
        noise(made_up(1, n=40))
    series = made_up(1, devices=2, n=60)
    still = series.device == "d0"
    with pytest.raises(InputError, match="all the same; the noise is below what was written down"):
        noise(type(series)(**{**vars(series), "g": np.full(series.g.shape, 1e-6)}))
    found = noise(type(series)(**{**vars(series), "g": np.where(still, 1e-6, series.g)}))
    assert found.sentences[0].startswith("Left aside, for all readings are the same: d0, level 2 uS, d0")
