"""Lifetimes of made-up cells, those that are still alive among them, are found again."""

import numpy as np
import pytest
from cells_at_rest import wearing
from scipy.stats import CensoredData, lognorm

from insitu.devices.imperfections import Endurance
from insitu.errors import InputError
from insitu.measure.reliability.endurance import fit_endurance


def test_median_and_spread_are_found():
    found = fit_endurance(wearing(1))
    writes, cv = found.estimates["endurance.writes"], found.estimates["endurance.writes_cv"]
    assert abs(writes.value - 2e5) < 3 * writes.error
    assert abs(cv.value - np.sqrt(np.expm1(0.36))) < 3 * cv.error
    assert found.groups == {"endurance": Endurance(writes=writes.value, writes_cv=cv.value)}
    assert writes.remark == "20 of 20 devices failed"
    closing = found.estimates["window_closing"]
    assert abs(closing.value - 0.02) < 3 * closing.error
    assert "The window closes by" in found.sentences[-1]


@pytest.mark.parametrize("last", [1e6, 1e5])
def test_the_likelihood_is_that_of_scipy(last):
    """Each cell failed between two cycles, or not yet: scipy fits the same censored data."""
    found = fit_endurance(wearing(2, last=last))
    ends = [(one.last_open, one.first_closed) for one in found.windows]
    failed = [end for end in ends if np.isfinite(end[1])]
    alive = [low for low, high in ends if not np.isfinite(high)]
    sigma, _, median = lognorm.fit(CensoredData(interval=failed, right=alive), 1.0, scale=1e5, floc=0)
    assert found.median == pytest.approx(median, rel=1e-3)
    assert found.sigma == pytest.approx(sigma * np.sqrt(len(failed) / (len(failed) - 1)), rel=1e-3)
    assert (", so beyond what was measured" in found.estimates["endurance.writes"].remark) == (len(failed) < 10)


def test_writes_a_cycle_count():
    one, two = fit_endurance(wearing(1)), fit_endurance(wearing(1), writes_a_cycle=200)
    ratio = two.estimates["endurance.writes"].value / one.estimates["endurance.writes"].value
    assert ratio == pytest.approx(100)


@pytest.mark.parametrize(
    ("median", "said"), [(1e12, "None of 20 devices failed"), (2.5e6, "Only 1 of 20 devices failed")]
)
def test_without_failures_there_is_a_lower_bound_and_no_number(median, said):
    series = wearing(3, median=median)
    found = fit_endurance(series)
    assert found.groups == {}
    assert not [key for key in found.estimates if key.startswith("endurance")]
    assert said in found.sentences[0]
    assert "at least 2,000,000 writes" in found.sentences[0]
    assert (found.median, found.sigma) == (None, None)
    assert "at least 2,000,000 writes" in found.conditions


def test_one_device_has_a_lifetime_without_error():
    found = fit_endurance(wearing(4, devices=1))
    one = found.estimates["endurance.writes"]
    assert (one.error, one.remark) == (None, "between 92,832 and 200,000: of one device")
    assert 2 * found.windows[0].last_open < one.value < 2 * found.windows[0].first_closed


def test_devices_that_all_fail_between_two_readings_have_a_lifetime_between_them():
    series = wearing(1)
    ends = (*np.unique(series.at)[:2], 1e4, series.at.max())
    found = fit_endurance(series.only(np.isin(series.at, ends)))
    one = found.estimates["endurance.writes"]
    assert (one.error, one.remark) == (None, "between 20,000 and 2,000,000: read at too few cycles")
    assert found.groups == {"endurance": Endurance(writes=one.value)}
    assert not [said for said in found.sentences if "failed" in said]


def test_a_glitch_is_no_failure_and_a_cell_without_a_window_is_named():
    series = wearing(5, devices=6, median=1e12)
    g = series.g.copy()
    g[(series.device == "d0") & (series.level == "10 uS") & (series.at == 1000)] = 1e-6
    g[series.device == "d1"] = 1e-6
    found = fit_endurance(type(series)(**{**vars(series), "g": g}))
    assert not any(one.failed for one in found.windows)
    assert found.sentences[0].startswith("Set aside, for they do not answer: d1 (stuck")


def test_a_spread_beyond_what_a_device_may_have_is_said():
    found = fit_endurance(wearing(6, sigma=3.0, median=1e3, devices=30))
    assert found.groups["endurance"].writes_cv == 10
    assert "more than a device may have" in found.estimates["endurance.writes_cv"].remark


def test_what_has_no_window_is_refused():
    series = wearing(1)
    level = np.full(series.level.shape, "one")
    with pytest.raises(InputError, match="there are 1 states \\('one'\\); wanted are two"):
        fit_endurance(type(series)(**{**vars(series), "level": level}))
    with pytest.raises(InputError, match="read alike from the start"):
        fit_endurance(type(series)(**{**vars(series), "g": np.full(series.g.shape, 1e-6)}))
    with pytest.raises(InputError, match="cycle: 2 of d0 have both states read"):
        fit_endurance(series.only(series.at < 3))
    with pytest.raises(InputError, match="window: got 1"):
        fit_endurance(series, window=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("last", [1e6, 1e5])
def test_the_truth_lies_within_two_errors_of_most_seeds(last):
    found = [fit_endurance(wearing(seed, last=last)).estimates["endurance.writes"] for seed in range(20)]
    off = [(one.value - 2e5) / one.error for one in found if one.error is not None]
    assert len(off) >= 18  # the others are told to lie between two numbers
    assert np.mean(np.abs(off) < 2) >= 0.8
