"""Files with up pulses only, or with down pulses only: the other direction is neither fitted nor claimed."""

import json
from dataclasses import replace

import pytest
from simulated import cycles, measured

import insitu
from insitu.devices.linear import LinearStep
from insitu.devices.response import step_statistics
from insitu.errors import InputError
from insitu.measure import pulses

DEVICE = LinearStep(g_min=1e-6, g_max=20e-6, step_up=0.5e-6, step_down=0.4e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.2)
DOWN_FIGURES = ("pulses_down", "nonlinearity_down", "asymmetry", "imbalance", "symmetry_point")


def _down(seed=0):
    """A cell that goes down from the top."""
    both = measured(DEVICE, cycles(150, 80, 1), seed=seed)
    mine = both.polarity < 0
    return pulses(both.polarity[mine], both.before[mine], both.after[mine])


def test_only_up_pulses_give_a_law_of_set(tmp_path):
    found = insitu.fit(measured(DEVICE, [1] * 80), quiet=True, out=tmp_path, name="up")
    assert found.device.one_sided
    assert step_statistics(found.device, 1, [1e-6])[0][0] == pytest.approx(0.5e-6, rel=0.15)
    assert not any("down" in key or "residue" in key for key in found.estimates)
    assert all(getattr(found.diagnosis, name) is None for name in DOWN_FIGURES)
    said = "No down pulses were measured."
    assert said in str(found)
    assert "LTD" not in str(found)
    assert f"# {said}" in (found.folder / "up.py").read_text()
    assert said in json.loads((found.folder / "fit.json").read_text())["sentences"][0]
    assert insitu.load(found).one_sided


def test_only_down_pulses_are_fitted_and_what_stands_for_up_is_marked(tmp_path):
    found = insitu.fit(_down(), law="linear", quiet=True, out=tmp_path, name="down")
    one = found.estimates["step_down"]
    assert abs(one.value - 0.4e-6) < 3 * one.error < 0.4e-6
    assert not any("up" in key for key in found.estimates)
    assert found.diagnosis.pulses_up is None
    assert found.diagnosis.pulses_down > 10
    assert "step_up as step_down and gamma_up as gamma_down" in str(found)
    text = (found.folder / "down.py").read_text()
    assert text.count("not measured: as ") == 4  # beside either number, and in the notes
    assert insitu.load(found).step_up == pytest.approx(one.value, rel=1e-5)


def test_a_law_of_set_needs_set_pulses():
    with pytest.raises(InputError, match="phase-change: is a law of SET, of which there are no pulses"):
        insitu.fit(_down(), law="phase-change", quiet=True)


def test_both_directions_say_nothing_of_the_kind():
    found = insitu.fit(measured(replace(DEVICE, c2c_cv=0.3), cycles(60, 60, 1)), law="constant", quiet=True)
    assert not any("were measured" in sentence for sentence in found.sentences)
    assert found.best.unmeasured == {}


def test_a_direction_with_three_pulses_is_not_relied_on():
    found = insitu.fit(measured(DEVICE, [1] * 60 + [-1] * 3), law="linear", quiet=True)
    said = "Warning: only 3 down pulses were measured: do not rely on the numbers of that side; give 17 more"
    assert found.sentences[0].startswith(said)
