"""Mean and spread of cells, beside closed forms."""

import numpy as np
import pytest

from insitu.measure.reliability.population import population


def test_equal_errors_give_what_the_analysis_of_variance_does():
    values, error = np.random.default_rng(0).normal(3.0, 0.5, 30), 0.2
    found = population(values, np.full(30, error), np.ones((30, 1)), [f"d{k}" for k in range(30)])
    assert found.mean[0] == pytest.approx(values.mean())
    assert found.sd == pytest.approx(np.sqrt(values.var(ddof=1) - error**2), rel=1e-3)
    assert found.errors[0] == pytest.approx(values.std(ddof=1) / np.sqrt(30), rel=1e-3)
    assert found.sd_error == pytest.approx(values.var(ddof=1) / (found.sd * np.sqrt(2 * 29)), rel=0.1)


def test_errors_that_explain_all_leave_no_spread():
    values = np.random.default_rng(1).normal(3.0, 0.1, 20)
    found = population(values, np.full(20, 0.3), np.ones((20, 1)), [f"d{k}" for k in range(20)])
    assert (found.sd, found.sd_error) == (0.0, None)
    assert found.errors[0] == pytest.approx(0.3 / np.sqrt(20))


def test_the_same_device_again_tells_nothing_new_of_the_others():
    own = np.random.default_rng(2).normal(3.0, 0.5, 10)
    once = population(own, np.full(10, 0.01), np.ones((10, 1)), [str(k) for k in range(10)])
    again = population(np.tile(own, 4), np.full(40, 0.01), np.ones((40, 1)), [str(k) for k in range(10)] * 4)
    assert again.errors[0] == pytest.approx(once.errors[0], rel=0.05)
    assert again.sd == pytest.approx(once.sd, rel=0.05)


def test_one_value_has_no_spread():
    found = population(np.array([2.0]), np.array([0.1]), np.ones((1, 1)), ["d"])
    assert (found.mean[0], found.errors[0], found.sd) == (2.0, pytest.approx(0.1), 0.0)
