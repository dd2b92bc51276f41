"""Cells with two levels: told from gradual ones, and their probabilities counted."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import beside, cycles, measured, write_csv

import insitu
from insitu.devices.base import Spread
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.pcm import PhaseChange
from insitu.devices.saturating import Saturating
from insitu.devices.switch import StochasticSwitch
from insitu.errors import InputError
from insitu.measure import GRADUAL as laws
from insitu.measure import compare, fit, pulses
from insitu.measure.switching import TWO_LEVELS, levels_of

RANGE = {"g_min": 1e-6, "g_max": 11e-6}
SWITCH = StochasticSwitch(**RANGE, probability_up=0.2, probability_down=0.35)
TRAIN = cycles(10, 6, 40)
#: gradual cells, some of which are at their ends most of the time
GRADUAL = {
    "linear": LinearStep(**RANGE, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.4),
    "a third of the way a pulse": LinearStep(
        **RANGE, step_up=4e-6, step_down=4e-6, gamma_up=0.99, gamma_down=0.99, c2c_cv=0.1
    ),
    "three pulses": Saturating(**RANGE, step_up=4e-6, step_down=4e-6, delay=0.0),
    "a large first step": ExponentialStep(
        **RANGE, step_up=9e-6, step_down=9e-6, decay_up=6.0, decay_down=6.0, c2c_cv=0.05
    ),
    "abrupt reset": PhaseChange(g_min=0.1e-6, g_max=20e-6, step_up=1.5e-6, saturation=15e-6, c2c_sd=0.3e-6),
}


def test_probabilities_levels_and_noise_are_within_their_errors():
    off = []
    for seed in range(12):
        one = fit(measured(SWITCH, TRAIN, read_sd=0.1e-6, seed=seed), TWO_LEVELS)
        assert isinstance(one.device, StochasticSwitch)
        for name, truth in (("probability_up", 0.2), ("probability_down", 0.35), ("g_min", 1e-6), ("g_max", 11e-6)):
            off.append((one.estimates[name].value - truth) / one.estimates[name].error)
        off.append((one.estimates["read_noise.sd"].value - 0.1e-6) / one.estimates["read_noise.sd"].error)
    assert 0.6 < np.sqrt(np.mean(np.square(off))) < 1.4


def test_noise_in_proportion_is_told():
    one = fit(measured(SWITCH, TRAIN, read_cv=0.03), TWO_LEVELS)
    assert one.estimates["read_noise.cv"].value == pytest.approx(0.03, rel=0.15)
    assert one.device.read_noise.sd is None


@pytest.mark.parametrize("device", GRADUAL.values(), ids=GRADUAL)
@pytest.mark.parametrize("train", [cycles(60, 60, 3), cycles(20, 1, 20)], ids=["even", "one down"])
def test_a_gradual_cell_is_none(device, train):
    for sd in (0.0, 0.05e-6):
        found = measured(device, train, read_sd=sd)
        assert levels_of(found) is None
    with pytest.raises(InputError, match="do not lie at two levels"):
        fit(found, TWO_LEVELS)


@pytest.mark.parametrize("chance", [0.02, 0.5, 1.0])
def test_a_switch_is_one_however_often_it_switches(chance):
    device = replace(SWITCH, probability_up=chance, probability_down=chance)
    found = measured(device, cycles(40, 40, 8), read_sd=0.3e-6, seed=2)
    one = fit(found, TWO_LEVELS)
    chances = [one.estimates[name] for name in ("probability_up", "probability_down")]
    for p in chances:
        assert p.value == 1.0 if chance == 1 else abs(p.value - chance) < 3.5 * p.error
        assert (p.error is None) == (chance == 1)


def test_a_file_of_them_becomes_a_switch(tmp_path):
    """Six cells, one more that is stuck, and a law that knows no levels beside it."""
    spread = replace(SWITCH, spread=Spread(range_sd=0.4e-6))
    made = measured(spread, cycles(10, 6, 12), devices=6, read_sd=0.1e-6, seed=4)
    stuck = 1e-6 + 0.1e-6 * np.random.default_rng(1).normal(size=len(cycles(10, 6, 12)) + 1)
    file = write_csv(tmp_path / "cells.csv", beside(made, "c9", stuck))
    found = insitu.fit(file, law="switch", out=tmp_path, quiet=True)
    assert found.law == "switch"
    assert [fault.name for fault in found.faults] == ["c9"]
    for name, truth in (("probability_up", 0.2), ("probability_down", 0.35)):
        assert abs(found.estimates[name].value - truth) < 3.5 * found.errors[name]
    assert found.device.spread.range_sd == pytest.approx(0.4e-6, rel=0.7)
    assert any("two levels" in one for one in found.sentences)
    loaded = insitu.load(found)
    assert (loaded.probability_up, loaded.levels) == (pytest.approx(found.device.probability_up, rel=1e-5), 2)
    assert "An up pulse switches" in (found.folder / "report.html").read_text(encoding="utf-8")
    assert found.candidates[0].held_out > 10  # ln of a density in 1 / S: levels of their own, and chances of the others


def test_it_goes_before_a_law_that_knows_no_levels():
    constant = next(family for family in laws if family.name == "constant")
    found = compare(measured(SWITCH, cycles(10, 6, 8), read_sd=0.1e-6), [constant, TWO_LEVELS])
    assert found[0].fit.family is TWO_LEVELS
    assert found[1].bic > found[0].bic + 100


def test_one_direction_says_nothing_of_the_other():
    train = np.array(cycles(10, 6, 20))
    made = measured(SWITCH, train, read_sd=0.1e-6)
    up = pulses(train[train > 0], made.before[train > 0], made.after[train > 0], index=np.flatnonzero(train > 0))
    one = fit(up, TWO_LEVELS)
    assert "probability_down" not in one.estimates
    assert one.unmeasured == {"probability_down": "probability_up"}
