"""``insitu fit --at`` as a user runs it."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from insitu.devices.library import load


@pytest.fixture
def csv(tmp_path):
    """A cell whose steps are 100 nS at 1 V and 200 nS at 1.4 V, either way, and fall linearly; 5 nS of noise."""
    rng, g, rows = np.random.default_rng(0), 1e-6, ["polarity,amplitude_V,width_us,g_after_S"]
    for sign in ([1] * 60 + [-1] * 60) * 2:
        v = rng.choice([1.0, 1.4])
        x = (g - 1e-6) / 10e-6
        g += sign * (100e-9 if v == 1.0 else 200e-9) * (1 - 0.6 * (x if sign > 0 else 1 - x)) * (1 + 0.2 * rng.normal())
        rows.append(f"{sign},{v},0.1,{max(g, 1e-7) + 5e-9 * rng.normal():.6e}")
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_one_fit_of_several_amplitudes(command, csv):
    code, _, err = command("fit", str(csv))
    assert code == 2
    assert "have 2 values of amplitude_V (1, 1.4 V)" in err
    assert "--at amplitude_V=1" in err
    assert "--at most" in err
    code, out, err = command("fit", str(csv), "--at", "amplitude_V=1.4", "--law", "linear")
    assert code == 0
    assert "up pulses of 1.4 V (of 1 V to 1.4 V) and 100 ns" in err
    assert "Steps over amplitude and width" in out
    device = load("fits/mine/mine.py")
    found = json.loads(Path("fits/mine/fit.json").read_text())
    low = next(one for one in found["amplitudes"] if one["side"] == "up" and one["volts"] == 1.0)
    assert low["step"] < 0.7 * device.device.step_up
    assert abs(found["numbers"]["pulse.per_volt_up"]["value"] - np.log(2) / 0.4) < 4 * low["error"] / low["step"] / 0.4
    assert "1.4 V (of 1 V to 1.4 V)" in device.validity
    # what it says of other amplitudes goes with the device
    assert device.device.pulse.volts_up == device.device.pulse.volts_down == 1.4
    assert device.device.pulse.per_volt_up == pytest.approx(found["numbers"]["pulse.per_volt_up"]["value"], rel=1e-5)
    assert "± " in device.provenance["pulse.per_volt_down"].note
    assert device.device.pulse.measured_up == device.device.pulse.measured_down == 1.4
    assert device.provenance["pulse.measured_up"].note == "fit: the largest that was measured"


@pytest.mark.slow
def test_write_verify_with_pulses_that_grow(command, csv, monkeypatch):
    """From a file of pulses to the price of a training: fewer pulses than equal ones, each dearer than those."""
    monkeypatch.setattr("insitu.reports.spiking_figures.draw_all", lambda *_: None)
    assert command("fit", str(csv), "--at", "amplitude_V=1", "--law", "linear")[0] == 0
    small = ["network.neurons=5", "training.presentations=300", "training.evaluations=1", "pruning.method=none"]
    small += [
        "scheme.name=write-verify",
        "scheme.loop.burst=1",
        "scheme.loop.tolerance=0.005",
        "scheme.loop.iterations=50",
    ]
    learned = {}
    for growth in ("0", "0.1"):
        sets = [part for one in [*small, f"scheme.loop.growth={growth}"] for part in ("--set", one)]
        run = ["run", "shi2018", "--data", "digits", "--device", "fits/mine/mine.py", "--name", f"grown{growth}"]
        code, out, err = command(*run, *sets, "--json")
        assert code == 0, err
        assert ("measured from 1 to 1.4 V" in err) == (growth != "0")  # 50 turns go to 5.9 V
        learned[growth] = json.loads(out)["ledger"]["learning"]
    equal, grown = learned.values()
    assert equal["grown_up"] == equal["grown_down"] == 0 < grown["grown_up"]
    a_pulse = [(one["conductance_up"] / one["pulses_up"]) for one in (equal, grown)]
    assert grown["pulses_up"] < 0.98 * equal["pulses_up"]
    assert a_pulse[1] > 1.02 * a_pulse[0]
    code, out, err = command("price", "runs/grown0.1", "--json")
    assert code == 0, err
    lines = json.loads(out)["runs"][0]["lines"]
    (line,) = (one for one in lines if one["event"] == "pulses up" and one["phase"] == "learning")
    costs = tomllib.loads(Path("fits/mine/mine.costs.toml").read_text())["coefficients"]
    volts, width, g = (costs[name]["value"] for name in ("voltage_up", "width_up", "g_on"))
    wanted = volts**2 * width * g * grown["conductance_up"] / 65_536
    assert line["energy"]["value"] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--at", "amplitude_V=9"], "no pulse has amplitude_V 9"),
        (["--at", "volts=1"], "there is no 'volts'"),
        (["--at", "most", "--kind", "noise"], "--at: is of pulses"),
    ],
)
def test_what_cannot_be_asked_for(command, csv, options, said):
    code, _, err = command("fit", str(csv), *options)
    assert code == 2
    assert said in err
