"""Pulses of several amplitudes and widths: fitted together, for the device at one of them."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import insitu
from insitu.devices.base import parameters
from insitu.devices.linear import LinearStep
from insitu.devices.response import pulse
from insitu.errors import InputError
from insitu.measure import read_pulses
from insitu.measure.reading.reference import at_of, reference
from insitu.measure.varying import conditions_of
from insitu.reports.fit_figures import fit_figure

DEVICE = LinearStep(
    g_min=1e-6, g_max=16e-6, step_up=0.1e-6, step_down=0.12e-6, gamma_up=0.8, gamma_down=0.7, c2c_cv=0.2
)
V_UP, V_DOWN, POWER = 0.3, 0.5, 0.6  #: V, V, and power of the width


def simulated(path, *, widths=(1e-6,), volts=(1.0, 1.2, 1.4), wrong=1.0, seed=0, cells=1):
    """A file of pulses whose steps grow from 1 V and 1 us on; ``wrong`` is a factor of those of the largest amplitude."""
    rng = np.random.default_rng(seed)
    rows = ["device_id,polarity,amplitude_V,width_s,g_before_S,g_after_S"]
    for cell in range(cells):
        g, read = 1e-6, 1e-6
        for sign in ([1] * 90 + [-1] * 90) * 2:
            v, t = rng.choice(volts), rng.choice(widths)
            growth = np.exp((v - 1.0) / (V_UP if sign > 0 else V_DOWN)) * (t / 1e-6) ** POWER
            growth *= wrong if v == max(volts) else 1.0
            here = replace(DEVICE, step_up=0.1e-6 * growth, step_down=0.12e-6 * growth)
            g = min(max(pulse(here, parameters(here), g, sign, rng.normal()), here.g_min), here.g_max)
            after = g + 0.02e-6 * rng.normal()
            rows.append(f"c{cell},{sign},{sign * v},{t},{float(read)!r},{float(after)!r}")
            read = after
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_file_of_several_amplitudes_offers_to_fit_them_together(tmp_path):
    with pytest.raises(InputError, match=r"have 3 values of amplitude_V .*--where amplitude_V=1, .*--at most"):
        read_pulses(simulated(tmp_path / "a.csv"))


def test_steps_grow_with_amplitude_and_width_as_they_were_made_to(tmp_path):
    file = simulated(tmp_path / "a.csv", widths=(1e-6, 3e-6), volts=(1.0, 1.4), seed=1)
    found = insitu.fit(file, at="amplitude_V=1,width_s=1e-6", law="linear", out=tmp_path, quiet=True)
    truth = {"pulse.per_volt_up": 1 / V_UP, "pulse.per_volt_down": 1 / V_DOWN}
    truth |= {"pulse.width_power_up": POWER, "pulse.width_power_down": POWER}
    truth |= {name: getattr(DEVICE, name) for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv")}
    for name, value in truth.items():
        assert abs(found.estimates[name].value - value) < 3.5 * found.errors[name], name
    rows = found.best.conditions
    assert len(rows) == 8
    assert all(one.fits and abs(one.measured - 1) < 4 * one.measured_error for one in rows)
    for one in rows:  # the step at each, with its error
        first, v = (0.1e-6, V_UP) if one.side == "up" else (0.12e-6, V_DOWN)
        assert abs(one.step - first * np.exp((one.volts - 1) / v) * (one.seconds / 1e-6) ** POWER) < 4 * one.error
    assert any(
        one.startswith("Steps grow as exp(|V| / v) with v = ")
        and one.endswith("at 1 V and 1 us up, 1 V and 1 us down.")
        for one in found.sentences
    )
    assert "Steps over amplitude and width" in (found.folder / "report.html").read_text(encoding="utf-8")
    assert len(json.loads((found.folder / "fit.json").read_text())["amplitudes"]) == 8
    # a pulse of the device costs what those of its amplitude and width do
    one = found.pulses.at_device()
    assert set(np.abs(one.amplitude)) == {1.0}
    assert set(one.width) == {1e-6}
    # and the figure has each reading under the pulse that it got, and of the steps those of the device
    readings, steps, *_ = fit_figure(found.candidates, found.pulses).axes
    line = readings.lines[0].get_ydata()
    assert np.sqrt(((line - 1e6 * found.pulses.after) ** 2).mean()) < 1.0  # uS, of 15: scatter that has added up
    assert steps.get_ylim()[1] < 0.3  # uS: those of the largest pulses are 0.7


@pytest.mark.slow
def test_the_device_is_that_at_the_amplitude_that_is_asked_for_and_else_at_the_most_frequent(tmp_path):
    file = simulated(tmp_path / "a.csv", volts=(1.0, 1.4, 1.4), seed=2)
    low = insitu.fit(file, at={"amplitude_V": 1.0}, law="linear", quiet=True)
    most = insitu.fit(file, at="most", law="linear", quiet=True)
    assert most.pulses.at[0][0] == most.pulses.at[1][0] == 1.4
    for name, v in (("step_up", V_UP), ("step_down", V_DOWN)):
        there = getattr(low.device, name) * np.exp(low.estimates[f"pulse.per_volt_{name[5:]}"].value * 0.4)
        assert getattr(most.device, name) == pytest.approx(there, rel=0.01)
        assert abs(getattr(most.device, name) - getattr(DEVICE, name) * np.exp(0.4 / v)) < 3.5 * most.errors[name]
    assert most.best.log_likelihood == pytest.approx(low.best.log_likelihood, abs=0.1)


def test_steps_that_grow_otherwise_are_said(tmp_path):
    file = simulated(tmp_path / "a.csv", volts=(1.0, 1.2, 1.4), wrong=0.5, seed=3)
    found = insitu.fit(file, at="amplitude_V=1.2", law="linear", quiet=True)
    assert any(one.startswith("Warning: steps do not grow as exp") for one in found.sentences)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("amplitude_V=2", "no pulse has amplitude_V 2; give one that is in the file"),
        ("amplitude=1", "there is no 'amplitude'; did you mean 'amplitude_V'"),
        ("amplitude_V=high", "amplitude_V is 'high'; allowed is a number"),
    ],
)
def test_what_cannot_be_asked_for(tmp_path, at, said):
    with pytest.raises(InputError, match=said):
        read_pulses(simulated(tmp_path / "a.csv"), at=at)


def test_amplitudes_that_were_read_back_are_one(tmp_path):
    found = read_pulses(simulated(tmp_path / "a.csv", volts=(1.0, 1.001, 1.4)), at="most")
    conditions = conditions_of(found)
    assert conditions.sign.tolist() == [-1, -1, 1, 1]
    np.testing.assert_allclose(conditions.volts, [1.0, 1.4, 1.0, 1.4], rtol=2e-3)
    assert conditions_of(replace(found, at=None)) is None


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (1.4, "--at: got 1.4; allowed is text or a dictionary"),
        ("width_s=-1e-6", "--at: width_s has to be above 0"),
        ("amplitude_V=1.0,amplitude_V=1.4", "--at: the device has one amplitude_V for up pulses, got 1 and 1.4"),
    ],
)
def test_what_cannot_be_asked_for_is_said(at, words):
    polarity = np.array([1, 1, -1, -1], np.int8)
    volts, seconds = np.array([1.0, 1.4, 1.0, 1.4]), np.full(4, 1e-6)
    with pytest.raises(InputError, match=re.escape(words)):
        reference("file.csv", polarity, volts, seconds, at_of(at))


def test_a_width_of_nothing_is_refused():
    polarity, volts = np.array([1, -1], np.int8), np.ones(2)
    with pytest.raises(InputError, match=r"f\.csv, line 7: width_s is 0, here and in 0 other row"):
        reference("f.csv", polarity, volts, np.array([0.0, 1e-6]), at_of("most"), np.array([7, 8]))
    with pytest.raises(InputError, match=r"f\.csv, line 8: amplitude_V is not known, here and"):
        reference("f.csv", polarity, np.array([1.0, np.nan]), None, at_of("most"), np.array([7, 8]))
