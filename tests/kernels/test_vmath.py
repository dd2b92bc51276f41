"""The elementary functions of the kernels: as accurate as they say, and the twin's to the last bit."""

import math
from functools import cache

import naive
import numpy as np
import pytest
from numba import njit, vectorize
from scipy.special import ndtri

from insitu.kernels import fmath, vmath


@cache  # compiled where it is first called: at the top, each process that collects tests would compile it
def _compiled(name):
    law = getattr(fmath, name)
    return vectorize(["float64(float64)"])(lambda x: law(x))


def compiled_exp(x):
    return _compiled("exp")(x)


def compiled_log(x):
    return _compiled("log")(x)


@njit
def deviate(block):
    return vmath.normal(block[0], block[1], block[2], block[3]), vmath.uniform(block[0])


def test_exp_is_accurate_over_its_whole_range():
    x = np.concatenate([np.linspace(-700, 700, 20_001), np.linspace(-1, 1, 20_001)])
    exact = np.exp(x)
    assert np.abs(compiled_exp(x) / exact - 1).max() < 1e-8
    assert compiled_exp(0.0) == 1.0


def test_exp_saturates():
    far = np.array([-np.inf, -1e300, -701, 701, 1e300, np.inf])
    assert compiled_exp(far).tolist() == [compiled_exp(-700.0)] * 3 + [compiled_exp(700.0)] * 3
    assert [fmath.exp(x) for x in far] == [math.exp(-700)] * 3 + [math.exp(700)] * 3


def test_log_is_accurate_over_its_whole_range():
    x = np.concatenate([np.logspace(-300, 300, 20_001), np.linspace(0.5, 2, 20_001)])
    assert np.abs(compiled_log(x) - np.log(x)).max() < 1e-12
    assert compiled_log(1.0) == 0.0


def test_twins_to_the_last_bit():
    x = np.random.default_rng(0).uniform(-60, 60, 3000)
    assert compiled_exp(x).tolist() == [naive.exp(value) for value in x.tolist()]
    positive = np.exp(x)
    assert compiled_log(positive).tolist() == [naive.log(value) for value in positive.tolist()]
    for block in np.random.default_rng(1).integers(0, 2**32, (200, 4), np.uint64):
        assert deviate(block) == (naive.normal(block.tolist()), naive.uniform(int(block[0])))


def test_uniform_is_open_at_both_ends():
    low, high = (deviate(np.full(4, word, np.uint64))[1] for word in (0, 2**32 - 1))
    assert 0 < low == 2.0**-33
    assert 1 > high == 1 - 2.0**-33


@pytest.fixture(scope="module")
def sums():
    """All values that the sum of eight 16-bit numbers takes, and their exact probabilities."""
    probability = np.ones(1)
    for _ in range(8):
        total = np.concatenate([[0.0], np.cumsum(np.pad(probability, (0, 65535)))])
        first = np.maximum(np.arange(1, len(total)) - 65536, 0)
        probability = (total[1:] - total[first]) / 65536
    return np.arange(len(probability)), probability


def test_the_normal_deviate_is_as_good_as_it_says(sums):
    values, probability = sums
    assert len(values) == 8 * 65535 + 1
    x = (values - 262140.0) * vmath._SUM_SCALE
    z = x * (0.981797980 + x**2 * (0.00510459404 + x**2 * 0.000274450508))
    assert deviate(np.array([0xFFFFFFFF] * 4, np.uint64))[0] == z[-1]
    assert np.abs(z).max() < 6.2
    assert (np.diff(z) > 0).all()
    assert (probability * z**2).sum() == pytest.approx(1.00002, abs=1e-5)
    assert (probability * z**4).sum() / (probability * z**2).sum() ** 2 == pytest.approx(3.0004, abs=1e-4)
    quantile = ndtri(np.cumsum(probability) - probability / 2)
    error = np.abs(z - quantile)
    assert error[np.abs(quantile) < 3.5].max() < 0.004
    assert error[np.abs(quantile) < 4].max() < 0.011
