"""``insitu fit --at`` as a user runs it."""

import json
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
