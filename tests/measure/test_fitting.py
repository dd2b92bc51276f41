"""Known devices are found again: the law, its noise, the range, and the spread from device to device."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.base import Spread
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.pcm import PhaseChange
from insitu.errors import InputError
from insitu.measure import ABRUPT, GRADUAL, compare, families_for, fit, fitting, pulses
from insitu.measure.searching import inverse

LAWS = {family.name: family for family in (*GRADUAL, *ABRUPT)}
LINEAR = LinearStep(
    g_min=1e-6, g_max=11e-6, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.4
)
TRAIN = cycles(100, 100, 4)


@pytest.fixture(scope="module")
def one():
    return measured(LINEAR, TRAIN, read_sd=0.1e-6)


@pytest.fixture(scope="module")
def linear(one):
    return fit(one, LAWS["linear"])


def _distance(found, name, truth):
    """In standard errors."""
    return abs(found.estimates[name].value - truth) / found.estimates[name].error


def test_the_numbers_of_one_device_are_found_within_their_errors(linear):
    for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv"):
        assert _distance(linear, name, getattr(LINEAR, name)) < 3.5, name
    assert _distance(linear, "read_noise.sd", 0.1e-6) < 3.5
    assert linear.device.g_min == pytest.approx(1e-6, abs=0.1e-6)
    assert linear.device.g_max == pytest.approx(11e-6, abs=0.1e-6)
    assert linear.device.spread == Spread()
    assert linear.estimates["step_up"].start != linear.estimates["step_up"].value


def test_steps_and_slopes_pull_at_each_other(linear):
    assert linear.correlations["step_up", "gamma_up"] > 0.5
    assert all(-1 <= r <= 1 for r in linear.correlations.values())


def test_the_law_that_made_the_pulses_wins(one):
    found = compare(one, [LAWS[name] for name in ("constant", "linear", "exponential", "saturating")])
    assert found[0].fit.family.name == "linear"
    assert found[0].bic == min(c.bic for c in found)
    assert all(c.held_out is None for c in found)


@pytest.mark.slow
def test_errors_shrink_with_the_pulses_and_cover_the_truth():
    """Over seeds the estimates scatter as much as their errors say."""
    distances, errors = [], []
    for seed in range(6):
        found = fit(measured(LINEAR, cycles(100, 100, 1), read_sd=0.1e-6, seed=seed), LAWS["linear"])
        sure = [n for n in ("step_up", "step_down", "gamma_up", "gamma_down") if found.estimates[n].error]
        distances += [(found.estimates[n].value - getattr(LINEAR, n)) / found.estimates[n].error for n in sure]
        errors.append(found.estimates["gamma_up"].error or np.nan)
    assert 0.5 < np.sqrt(np.mean(np.square(distances))) < 1.6
    assert (
        np.nanmedian(errors)
        > 1.5 * fit(measured(LINEAR, TRAIN, read_sd=0.1e-6), LAWS["linear"]).estimates["gamma_up"].error
    )


def test_without_any_noise_the_law_is_found_to_five_digits():
    quiet = replace(LINEAR, c2c_cv=None)
    found = fit(measured(quiet, cycles(90, 90, 2)), LAWS["linear"])
    for name in ("step_up", "step_down", "gamma_up", "gamma_down"):
        assert found.estimates[name].value == pytest.approx(getattr(quiet, name), rel=1e-3), name
    assert found.estimates["c2c_cv"].value < 1e-3


def test_what_the_pulses_cannot_tell_is_said():
    """Twenty up pulses at the bottom say nothing of a slope over the range, and nothing of down pulses."""
    start = measured(LINEAR, [1] * 25, read_sd=0.1e-6)
    found = fit(start, LAWS["power"])
    assert "step_down" not in found.estimates
    assert any(one.error is None or one.error > abs(one.value) for one in found.estimates.values())


SPREAD = Spread(step_cv=0.3, asymmetry_cv=0.2, range_sd=0.4e-6)


@pytest.fixture(scope="module")
def many():
    return measured(replace(LINEAR, spread=SPREAD), cycles(100, 100, 2), devices=16, read_sd=0.1e-6, seed=2)


@pytest.mark.slow
def test_spread_from_device_to_device_is_found_and_is_not_taken_for_scatter(many):
    found = fit(many, LAWS["linear"])
    assert found.device.spread.step_cv == pytest.approx(0.3, abs=3 * found.estimates["spread.step_cv"].error)
    assert found.device.spread.asymmetry_cv == pytest.approx(0.2, abs=0.12)
    assert found.device.spread.range_sd == pytest.approx(0.4e-6, rel=0.5)
    assert found.device.c2c_cv == pytest.approx(0.4, abs=0.06)  # pooled, it would be larger
    assert found.estimates["read_noise.sd"].value == pytest.approx(0.1e-6, rel=0.1)
    assert found.device.step_up == pytest.approx(0.2e-6, rel=0.3)
    assert found.estimates["spread.step_cv"].remark == "of 16 devices"


@pytest.mark.slow
def test_devices_in_another_order_give_the_same_fit(many):
    few = many.only([0, 1, 2])
    there, back = fit(few, LAWS["linear"]), fit(few.only([2, 0, 1]), LAWS["linear"])
    assert back.log_likelihood == pytest.approx(there.log_likelihood, abs=0.05)
    np.testing.assert_allclose(back.cells, there.cells[:, [2, 0, 1]], rtol=0.02)


@pytest.mark.slow
def test_many_pulses_are_searched_on_a_part_and_fitted_on_all(many, monkeypatch):
    few = many.only(range(5))
    whole = fit(few, LAWS["linear"])
    monkeypatch.setattr(fitting, "MANY", 700)  # two of the five devices
    found = fit(few, LAWS["linear"])
    assert found.log_likelihood == pytest.approx(whole.log_likelihood, abs=0.5)
    assert found.cells.shape == (4, 5)
    # what a few pulses hide of their scatter is added to the whole alone: by MANY, they are few there
    assert found.device.c2c_cv == pytest.approx(whole.device.c2c_cv, abs=whole.estimates["c2c_cv"].error)
    others = whole.estimates.keys() - {"c2c_cv"}
    assert {name: found.estimates[name].value for name in others} == {
        name: pytest.approx(whole.estimates[name].value, rel=1e-3) for name in others
    }


@pytest.mark.slow
def test_devices_held_out_judge_the_laws(many):
    found = compare(many.only(range(5)), [LAWS["constant"], LAWS["linear"]])
    assert found[0].fit.family.name == "linear"
    assert found[0].held_out > found[1].held_out


def test_numbers_that_only_their_sum_is_known_of_have_no_error_whatever_their_units():
    """The third is known by itself, and keeps its error."""
    curvature = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 4.0]])
    for unit in (1.0, 1e4, 1e-4):
        by = np.array([1.0, unit, 1.0])
        found = inverse(curvature / np.outer(by, by))
        assert np.isnan(found[:2]).all()
        assert found[2, 2] == pytest.approx(0.25)


PCM = PhaseChange(
    g_min=0.1e-6, g_max=20e-6, step_up=1.5e-6, saturation=15e-6, c2c_sd=0.3e-6, residue=0.3e-6, residue_sd=0.1e-6
)


def test_an_abrupt_reset_is_noticed_and_fitted():
    found = measured(PCM, cycles(20, 1, 25), read_sd=0.05e-6)
    assert families_for(found) == ABRUPT
    one = fit(found, LAWS["phase-change"])
    assert _distance(one, "step_up", 1.5e-6) < 3.5
    assert one.estimates["saturation"].value == pytest.approx(15e-6, rel=0.1)
    assert one.device.residue + one.device.g_min == pytest.approx(0.4e-6, abs=0.08e-6)
    assert "step_down" not in one.estimates


def test_what_a_reset_leaves_is_not_taken_from_the_floor():
    """Of a cell whose steps say nothing of where its range begins, either may have the height of the floor: the error of
    g_min was that of its sum with the residue, and the value 5 % low."""
    cell = PhaseChange(g_min=1e-6, g_max=20e-6, step_up=0.2e-6, saturation=200e-6, c2c_cv=0.3)
    one = fit(measured(cell, cycles(60, 5, 4), read_sd=20e-9, seed=2), LAWS["phase-change"])
    assert not {"residue", "residue_sd"} & set(one.estimates)
    assert one.estimates["g_min"].error < 10e-9
    assert _distance(one, "g_min", 1e-6) < 3.5


@pytest.mark.parametrize("resets", [1, 2, 5, 12])
def test_an_abrupt_reset_is_noticed_however_many_pulses_stay_at_the_floor(resets):
    assert families_for(measured(PCM, cycles(40, resets, 4), read_sd=0.05e-6, seed=resets)) == ABRUPT
    assert families_for(measured(LINEAR, cycles(40, resets, 4), read_sd=0.05e-6, seed=resets)) == GRADUAL


def test_gradual_pulses_get_gradual_laws(one):
    assert families_for(one) == GRADUAL


def test_down_pulses_at_the_lowest_reading_tell_nothing_of_a_reset():
    low, up = np.full(30, 1e-6), np.linspace(1e-6, 2e-6, 31)
    found = pulses(np.repeat([1, -1], 30), np.r_[up[:-1], low], np.r_[up[1:], low])
    assert families_for(found) == GRADUAL


def test_a_law_whose_scatter_is_at_its_limit_does_not_win():
    """Scatter twenty times the step: only a law with a scatter of its own can tell both."""
    noisy = LinearStep(
        g_min=1e-6, g_max=11e-6, step_up=10e-9, step_down=10e-9, gamma_up=0.0, gamma_down=0.0, c2c_sd=0.2e-6
    )
    relative = replace(LAWS["constant"], name="relative", free={"c2c_cv": LAWS["constant"].free["c2c_cv"]})
    found = compare(measured(noisy, cycles(300, 300, 1)), [relative, LAWS["constant"]])
    assert found[0].fit.family.name == "constant"
    assert found[0].fit.device.c2c_sd == pytest.approx(0.2e-6, rel=0.15)
    assert found[1].strained


def test_fits_are_repeatable(one, linear):
    assert fit(one, LAWS["linear"]).estimates == linear.estimates


def test_readings_that_do_not_change():
    with pytest.raises(InputError, match=r"readings of device: all are 1e-06 S; there is no step to fit"):
        fit(pulses([1] * 30, [1e-6] * 30, [1e-6] * 30), LAWS["linear"])


def test_a_user_law_is_fitted_too():
    steep = ExponentialStep(g_min=1e-6, g_max=11e-6, step_up=0.5e-6, step_down=0.3e-6, decay_up=3.0, decay_down=2.0)
    found = fit(measured(replace(steep, c2c_cv=0.2), cycles(120, 120, 2)), LAWS["exponential"])
    assert found.estimates["decay_up"].value == pytest.approx(3.0, rel=0.15)


def test_slopes_refer_to_the_range_that_was_seen():
    """Pulses that stop short of both bounds: the same law, told on a smaller range, has smaller slopes and first steps."""
    cell = LinearStep(
        g_min=1e-6, g_max=20e-6, step_up=0.5e-6, step_down=0.5e-6, gamma_up=0.8, gamma_down=0.8, c2c_cv=0.2
    )
    found = fit(measured(cell, cycles(60, 60, 3), read_sd=0.05e-6, seed=1), LAWS["linear"])
    low, high = ((found.device.g_min - 1e-6) / 19e-6, (found.device.g_max - 1e-6) / 19e-6)
    truth = {"step_up": 0.5e-6 * (1 - 0.8 * low), "step_down": 0.5e-6 * (1 - 0.8 * (1 - high))}
    truth["gamma_up"] = 0.8 * (high - low) / (1 - 0.8 * low)
    truth["gamma_down"] = 0.8 * (high - low) / (1 - 0.8 * (1 - high))
    for name, value in truth.items():
        assert _distance(found, name, value) < 2, name
    assert _distance(found, "gamma_up", 0.8) > 2
