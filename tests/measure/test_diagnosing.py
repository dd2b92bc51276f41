from dataclasses import asdict, replace

import pytest
from cases import IDEAL
from simulated import cycles, measured

from insitu.devices.base import ReadNoise
from insitu.devices.library import load, names
from insitu.devices.linear import LinearStep
from insitu.devices.switch import StochasticSwitch
from insitu.measure import GRADUAL, diagnose, fit
from insitu.measure.diagnosing import _curve
from insitu.reports.captions import MERITS

#: NeuroSim's labels of LTP and LTD as published with the devices (manual of MLP+NeuroSim 3.0, table II)
LABELS = {
    "choi2018-epiram": (0.5, -0.5),
    "woo2016-alox-hfo2": (1.94, -0.61),
    "wu2018-taox-hfox": (0.04, -0.63),
    "neurosim-taox-tio2": (1.85, -1.79),
    "jerry2017-fefet": (1.75, 1.46),
    "kuzum2011-pcm": (0.105, 2.4),
    "luo2019-3t1c": (0.2, -0.2),
    "jo2010-agsi": (2.4, -4.88),
    "park2013-pcmo": (3.68, -6.76),
}


@pytest.mark.parametrize("name", LABELS)
def test_published_nonlinearity_is_found_again(name):
    found = diagnose(load(name).device)
    up, down = LABELS[name]
    assert found.nonlinearity_up == pytest.approx(up, abs=0.01)
    assert found.nonlinearity_down == pytest.approx(down, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", LABELS)
def test_published_nonlinearity_is_found_again_from_pulses(name):
    device, linear = load(name).device.without("all"), next(family for family in GRADUAL if family.name == "linear")
    pulses = [len(_curve(device, sign)) - 1 for sign in (1, -1)]
    found = diagnose(fit(measured(device, cycles(*pulses, 2)), linear).device)
    assert (found.nonlinearity_up, found.nonlinearity_down) == pytest.approx(LABELS[name], abs=0.1)


@pytest.mark.parametrize(
    ("name", "share"), [("jo2010-agsi", 0.34), ("wu2018-taox-hfox", 0.42), ("choi2018-epiram", 0.16)]
)
def test_scatter_of_one_sweep(name, share):
    """c2c of the whole range and pulse times the root of the pulses."""
    assert diagnose(load(name).device).wander == pytest.approx(share, abs=0.015)


def test_an_ideal_cell_is_linear_symmetric_and_quiet():
    found = diagnose(load("ideal").device)
    assert found.nonlinearity_up == pytest.approx(0, abs=1e-6)
    assert found.asymmetry == pytest.approx(0, abs=0.03)
    assert found.imbalance == 0
    assert found.snr is None
    assert found.readable is None
    assert found.wander == 0


@pytest.mark.parametrize("pulses", [45, 225, 1000])
def test_what_rounding_leaves_of_a_straight_line_is_nothing(pulses):
    step = (IDEAL["constant"].g_max - IDEAL["constant"].g_min) / pulses
    device = replace(IDEAL["constant"], step_up=step, step_down=step)
    found = diagnose(device)
    assert found.nonlinearity_up == found.nonlinearity_down == found.imbalance == 0.0
    bent = diagnose(LinearStep(g_min=1e-6, g_max=16e-6, step_up=1e-7, step_down=1e-7, gamma_up=0.01, gamma_down=0.01))
    assert bent.nonlinearity_up > 1e-3


def test_balance_and_reads():
    device = replace(IDEAL["softbounds"], c2c_cv=0.5, read_noise=ReadNoise(sd=0.1e-6))
    found = diagnose(device)
    assert found.imbalance == pytest.approx((0.5 - 0.3) / 0.8)
    assert found.symmetry_point == pytest.approx(0.5 / 0.8, abs=1e-6)  # step_up (1 - x) = step_down x
    assert found.snr == pytest.approx(2.0, rel=0.01)
    assert found.readable == pytest.approx((7.1 - 0.35) / 0.2)


def test_an_abrupt_reset_has_no_down_curve():
    found = diagnose(load("ambrogio2018-pcm").device)
    assert found.pulses_down is None
    assert found.asymmetry is None
    assert found.nonlinearity_up > 0


@pytest.mark.parametrize("name", names())
def test_every_device_of_the_library_has_figures(name):
    found = asdict(diagnose(load(name).device))
    assert set(found) == set(MERITS)
    assert all(value is None or abs(value) < 1e9 for value in found.values())


@pytest.mark.parametrize("levels", [2, 4, 5])
def test_a_cell_that_switches_is_balanced_where_its_probabilities_are(levels):
    """Mean steps are those from its levels: in the middle between two it never is."""
    given = {"g_min": 1e-6, "g_max": 9e-6, "levels": levels}
    even = diagnose(StochasticSwitch(**given, probability_up=0.3, probability_down=0.3))
    assert even.imbalance == pytest.approx(0.0, abs=1e-9)
    assert even.symmetry_point is None
    assert even.levels <= levels - 1
    odd = diagnose(StochasticSwitch(**given, probability_up=0.1, probability_down=0.4))
    assert odd.imbalance == pytest.approx((0.1 - 0.4) / (0.1 + 0.4), abs=0.02)
