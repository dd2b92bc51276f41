"""Devices that do not answer are set aside by name, and the others are fitted as if they had never been there."""

import json

import numpy as np
import pytest
from simulated import beside, cycles, measured

import insitu
from insitu.devices.base import Faults, Spread
from insitu.devices.linear import LinearStep
from insitu.errors import InputError
from insitu.measure import pulses
from insitu.measure.answering import set_aside

DEVICE = LinearStep(
    g_min=2e-6,
    g_max=20e-6,
    step_up=0.5e-6,
    step_down=0.5e-6,
    gamma_up=0.8,
    gamma_down=0.8,
    c2c_cv=0.2,
    spread=Spread(step_cv=0.2),
)
TRAIN = cycles(60, 60, 2)
DATA = measured(DEVICE, TRAIN, devices=3, read_sd=0.05e-6)
_Z = np.random.default_rng(0).normal(size=len(TRAIN) + 1)
BAD = {
    "stuck": (np.full(_Z.size, 5e-6), "stuck_low"),
    "stuck, read with noise": (5e-6 + 5e-8 * _Z, "stuck_low"),
    "stuck high": (18e-6 * (1 + 0.03 * _Z), "stuck_high"),
    "shorted": (1e-3 * (1 + 0.03 * _Z), "stuck_high"),
    "dead": (np.zeros(_Z.size), "dead"),
    "dead, read with noise": (np.abs(5e-8 * _Z), "dead"),
    "never formed": (1e-8 * (1 + 0.02 * _Z), "dead"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_device_is_named_and_the_others_are_left_as_they_are(kind):
    readings, called = BAD[kind]
    working, faults = set_aside(beside(DATA, "c9", readings))
    assert [(fault.name, fault.kind) for fault in faults] == [("c9", called)]
    assert working.names == DATA.names
    np.testing.assert_array_equal(working.after, DATA.after)


def test_devices_that_answer_are_never_set_aside():
    for seed in range(5):
        assert set_aside(measured(DEVICE, cycles(30, 30, 1), devices=6, read_sd=0.5e-6, seed=seed))[1] == ()
    weak = LinearStep(g_min=2e-6, g_max=20e-6, step_up=3e-8, step_down=3e-8, gamma_up=0.8, gamma_down=0.8, c2c_cv=0.2)
    one = measured(weak, TRAIN, read_sd=0.02e-6)
    assert set_aside(beside(DATA, "weak", np.r_[one.before[0], one.after]))[1] == ()
    assert set_aside(beside(DATA.only([0]), "alone", BAD["stuck"][0]).only([1]))[1] == ()


def test_faults_are_counted_named_and_kept_and_the_rest_is_as_without(tmp_path, capsys):
    data = beside(DATA, "c9", BAD["stuck"][0])
    whole = insitu.fit(data, law="linear", quiet=True)
    alone = insitu.fit(data, law="linear", without="c9", quiet=True)
    assert whole.device.faults == Faults(stuck_low=0.25)
    assert alone.device.faults == Faults()
    assert {k: v for k, v in whole.estimates.items() if not k.startswith("faults")} == alone.estimates
    assert "Set aside, for they do not answer: c9 (stuck low, at 5 uS)." in str(whole)
    saved = whole.save(tmp_path)
    assert json.loads((saved.folder / "fit.json").read_text())["faults"][0]["name"] == "c9"
    assert "c9 (stuck low" in (saved.folder / "report.html").read_text()
    assert insitu.load(saved).faults.stuck_low == pytest.approx(0.25)


def test_a_device_to_leave_out_that_is_not_there():
    with pytest.raises(InputError, match="--without: there is no device 'd7'"):
        insitu.fit(DATA, without="d7", quiet=True)
    with pytest.raises(InputError, match="--without: leaves no device"):
        insitu.fit(DATA, without=DATA.names, quiet=True)


def test_exchanged_polarities_are_said_before_anything_is_fitted():
    wrong = pulses(-DATA.polarity, DATA.before, DATA.after, device=np.array(DATA.names)[DATA.of])
    with pytest.raises(InputError, match=r"goes down with up pulses .*3 of 3 devices.*exchange the polarities"):
        insitu.fit(wrong, quiet=True)


def test_one_device_with_exchanged_polarities_is_named():
    other = DATA.rows(np.arange(DATA.of.size), polarity=np.where(DATA.of == 1, -DATA.polarity, DATA.polarity))
    with pytest.raises(InputError, match=r"of d1 goes down with up pulses .* there, or leave it out with --without"):
        set_aside(other)
    assert set_aside(other.without(["d1"]))[1] == ()
