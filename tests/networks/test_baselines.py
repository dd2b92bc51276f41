import itertools
from dataclasses import replace

import numpy as np
import pytest

from insitu.datasets import braille
from insitu.networks import baselines
from insitu.networks.hopfield import recall

PATTERNS = braille.encode(braille.NAMES)


def test_hebb_and_pseudo_inverse_are_their_formulas():
    x = PATTERNS.astype(float)
    for got, wanted in (
        (baselines.hebb(PATTERNS), sum(np.outer(p, p) for p in x) / 60),
        (baselines.pseudo_inverse(PATTERNS), x.T @ np.linalg.inv(x @ x.T) @ x),
    ):
        np.testing.assert_allclose(got, wanted - np.diag(np.diag(wanted)), atol=1e-12)
    stored = baselines.recalled(baselines.pseudo_inverse(PATTERNS), PATTERNS)
    np.testing.assert_array_equal(stored, PATTERNS)


@pytest.mark.parametrize(("flip", "least"), [(0.2, 0.01), (0.3, 0.02)])
def test_the_pseudo_inverse_is_driven_as_the_memory_is(flip, least):
    """The distorted pattern goes on driving its units; undriven, fewer of the same words come back."""
    truth = np.repeat(PATTERNS, 300, axis=0)
    start, weights = braille.distort(truth, flip, seed=77, batch=1 << 30), baselines.pseudo_inverse(PATTERNS)
    driven = (baselines.recalled(weights, start) == truth).all(axis=1).mean()
    alone = (recall(weights, start, replace(baselines.SOFTWARE, drive=0.0), seed=0).states == truth).all(axis=1).mean()
    assert driven > alone + least


@pytest.mark.parametrize(("flip", "erased"), [(0.2, 0), (0.2, 2), (0.05, 1), (0.7, 0), (0.0, 1)])
def test_the_most_likely_word_is_that_of_a_sum_over_all_ways_to_erase(flip, erased):
    words = braille.encode(["cab", "bad", "dab", "ace", "fee"], cells=3)
    label = np.tile(np.arange(5), 40)
    x = braille.distort(words[label], flip, erased=erased, seed=3)
    got = baselines.most_likely(words, x, flip, erased)
    p = np.clip(flip, 1e-12, 1)
    likelihood = np.zeros((len(x), 5))
    for gone in itertools.combinations(range(3), erased):
        for w in range(5):
            product = np.ones(len(x))
            for cell in range(3):
                seen, meant = x[:, 6 * cell : 6 * cell + 6], words[w, 6 * cell : 6 * cell + 6]
                flips = (seen != meant).sum(axis=1)
                factor = (seen < 0).all(axis=1) * 1.0 if cell in gone else p**flips * (1 - p) ** (6 - flips)
                product = product * factor
            likelihood[:, w] += product
    best = likelihood.max(axis=1)
    np.testing.assert_allclose(likelihood[np.arange(len(x)), got], best, rtol=1e-6)


def test_the_limit_for_the_nine_names():
    """The figures of the issue: 0.9999, 0.980 and 0.814."""
    label = np.tile(np.arange(9), 2000)
    for place, (flip, wanted) in enumerate(((0.1, 0.9999), (0.2, 0.980), (0.3, 0.814))):
        x = braille.distort(PATTERNS[label], flip, seed=8, batch=place)
        assert (baselines.most_likely(PATTERNS, x, flip) == label).mean() == pytest.approx(wanted, abs=0.01)


def test_backpropagation_in_software_learns():
    rng = np.random.default_rng(0)
    start = [rng.normal(0, 0.3, (61, 16)).astype(np.float32), rng.normal(0, 0.3, (17, 9)).astype(np.float32)]
    wanted = np.eye(9, dtype=np.float32)
    batches = [(braille.distort(PATTERNS, 0.1, seed=1, batch=k), wanted) for k in range(300)]
    first, second = baselines.backpropagated(batches, 2.0, start, 2.0)
    h = np.tanh(2 / np.sqrt(60) * (PATTERNS @ first[:-1] + first[-1]))
    assert ((h @ second[:-1] + second[-1]).argmax(axis=1) == np.arange(9)).all()
    assert max(np.abs(first).max(), np.abs(second).max()) <= 1
