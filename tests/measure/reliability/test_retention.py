"""Drift and leak of made-up cells are found again, with errors that are right."""

from dataclasses import replace

import numpy as np
import pytest
from cells_at_rest import drifting, leaking
from scipy.optimize import curve_fit

from insitu.devices.imperfections import Retention
from insitu.errors import InputError
from insitu.measure.reliability.retention import fit_retention
from insitu.measure.reliability.traces import traces_of
from insitu.reports.reliability_tables import rows_table


def kept(series, **options):
    return fit_retention(traces_of(series), **options)


def off(found, key, truth):
    """How far a number is from the truth, in its errors."""
    one = found.estimates[key]
    return (one.value - truth) / one.error


def test_a_power_of_time_is_found_with_its_spread():
    found = kept(drifting(1))
    assert found.courses.law == "power"
    assert found.courses.proportional
    assert abs(off(found, "retention.nu", 0.05)) < 3
    assert abs(off(found, "retention.nu_sd", 0.015)) < 3
    assert found.estimates["retention.nu"].error == pytest.approx(0.015 / np.sqrt(12), rel=0.5)  # devices, not readings
    assert found.groups["retention"] == Retention(
        nu=found.estimates["retention.nu"].value, nu_sd=found.estimates["retention.nu_sd"].value, t0=1.0
    )
    assert [row["level"] for row in found.rows] == ["2 uS", "5 uS", "10 uS"]
    assert found.sentences == ()


def test_one_trace_is_what_scipy_fits():
    """The power of one trace and its error, beside an unweighted fit by scipy."""
    series = drifting(3, devices=1, levels=(5e-6,), noise=0.002)
    found = kept(series)
    (g0, nu), covariance = curve_fit(lambda t, g0, nu: g0 * t**-nu, series.at, series.g, p0=(5e-6, 0.05))
    one = found.estimates["retention.nu"]
    assert one.value == pytest.approx(nu, rel=0.01)
    assert one.error == pytest.approx(np.sqrt(covariance[1, 1]), rel=0.15)  # noise there is constant
    assert found.courses.amplitude[0] == pytest.approx(g0, rel=1e-3)
    assert "retention.nu_sd" not in found.estimates


def test_where_drift_begins_is_found():
    found = kept(drifting(2, t0=20.0, devices=5))
    assert found.courses.law == "drift"
    assert abs(off(found, "retention.t0", 20.0)) < 3
    assert abs(off(found, "retention.nu", 0.05)) < 3


def test_a_reading_right_after_the_write_is_used():
    found = kept(drifting(2, t0=20.0, devices=4, times=np.r_[0.0, np.geomspace(1, 1e5, 15)]))
    assert found.courses.law == "drift"
    assert abs(off(found, "retention.t0", 20.0)) < 3


def test_a_leak_is_found_with_its_rest():
    found = kept(leaking(1, levels=(8e-6,)))
    assert found.courses.law == "leak"
    for key, truth in {"tau": 100.0, "tau_cv": 0.3, "rest": 1e-6}.items():
        assert abs(off(found, f"retention.{key}", truth)) < 3, key
    assert found.groups["retention"].rest == found.estimates["retention.rest"].value


def test_several_temperatures_give_an_activation_energy_and_numbers_at_another():
    series = leaking(2, temperatures=(350.0, 380.0, 410.0), levels=(5e-6,), devices=6)
    found, colder = kept(series), kept(series, temperature=330.0)
    assert abs(off(found, "activation_energy", 0.6)) < 3
    assert abs(off(found, "retention.tau", 100.0)) < 3
    assert abs(off(colder, "retention.tau", 100.0 * np.exp(0.6 / 8.617e-5 * (1 / 330 - 1 / 350)))) < 3
    assert colder.estimates["retention.tau"].value > 2 * found.estimates["retention.tau"].value
    assert "measured at 350 to 410 K, numbers at 330 K" in colder.conditions
    assert [row["temperature_K"] for row in found.rows] == [350, 380, 410]


def test_cells_that_keep_get_no_imperfection():
    found = kept(drifting(4, nu=0.0, nu_sd=0.0, devices=4))
    assert found.courses.law == "keeps"
    assert found.groups == {"retention": Retention()}
    assert found.estimates == {}
    assert "Nothing drifts or leaks within 100 ks" in found.sentences[0]


def test_what_rises_is_not_put_into_a_device():
    found = kept(drifting(5, nu=-0.05, nu_sd=0.005, devices=2))
    assert found.groups == {"retention": Retention()}
    assert found.estimates["exponent"].value == pytest.approx(-0.05, abs=0.01)
    assert "Conductance rises with time" in found.sentences[0]


def test_levels_that_differ_are_said_to():
    low, high = traces_of(drifting(6, levels=(2e-6,), nu=0.1)), traces_of(drifting(7, levels=(1e-5,), nu=0.03))
    arrays = [np.r_[getattr(low, name), getattr(high, name)] for name in ("temperature", "at", "g")]
    both = type(low)(low.device + high.device, low.level + high.level, *arrays)
    found = fit_retention(both)
    assert any("Levels differ" in sentence for sentence in found.sentences)
    assert found.estimates["retention.nu"].value == pytest.approx(0.065, abs=0.01)
    assert [round(row["nu"], 1) for row in found.rows] == [0.1, 0.0]


def test_a_slow_leak_leaves_its_rest_open():
    found = kept(leaking(8, devices=4, times=np.linspace(0.1, 10, 20), levels=(5e-6,), tau_cv=0.1))
    assert found.courses.law == "leak"
    assert found.estimates["retention.rest"].remark.startswith("assumed")
    assert found.estimates["retention.rest"].value == 0
    assert any("the time constants hold for that rest" in sentence for sentence in found.sentences)


def test_readings_without_noise_are_followed():
    found = kept(drifting(9, noise=0.0, devices=3))
    assert found.courses.law == "power"
    assert found.estimates["retention.nu"].value == pytest.approx(found.courses.speed.mean(), rel=1e-3)


def test_what_wanders_is_said_to():
    series = drifting(10, nu=0.0, nu_sd=0.0, devices=3, times=np.arange(1.0, 41))
    walk = np.cumsum(np.random.default_rng(0).normal(size=series.g.size))
    found = kept(type(series)(**{**vars(series), "g": series.g * (1 + 0.02 * np.sin(series.at / 3 + walk[0]))}))
    assert any("hang together" in sentence for sentence in found.sentences)


@pytest.mark.parametrize(
    ("times", "options", "message"),
    [
        (np.array([1.0, 10.0, 100.0]), {}, "3 readings of d0, level 2 uS are too few"),
        (np.array([1.0, 1.0, 10.0, 10.0]), {}, "at three times or more"),
        (np.geomspace(1, 100, 8), {"temperature": 300.0}, "needs readings at two temperatures"),
    ],
)
def test_what_cannot_be_fitted_is_refused(times, options, message):
    with pytest.raises(InputError, match=message):
        kept(drifting(1, times=times), **options)


def test_times_before_the_write_are_refused():
    series = drifting(1)
    with pytest.raises(InputError, match="d0, level 2 uS has one of -9 s; times count from the write"):
        kept(type(series)(**{**vars(series), "at": series.at - 10}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "truth"),
    [
        (drifting, {"retention.nu": 0.05, "retention.nu_sd": 0.015}),
        (leaking, {"retention.tau": 100.0, "retention.tau_cv": 0.3, "retention.rest": 1e-6}),
    ],
)
def test_the_truth_lies_within_two_errors_of_most_seeds(make, truth):
    found = [kept(make(seed)) for seed in range(20)]
    for key, right in truth.items():
        assert np.mean([abs(off(one, key, right)) < 2 for one in found]) >= 0.8, key


def test_what_no_trace_says_has_no_column():
    """Readings of a file without levels: the table has none either."""

    def heads(traces):
        return [one.head for one in rows_table("Levels", fit_retention(traces)).columns]

    told = traces_of(drifting(1, devices=3))
    untold = replace(told, level=("",) * len(told.level))
    assert heads(told)[0] == "level"
    assert heads(untold) == heads(told)[1:]
