"""``insitu fit`` as a user runs it."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "measure"))
from simulated import cycles, measured, write_csv

from insitu.devices.library import load
from insitu.devices.softbounds import SoftBounds

DEVICE = SoftBounds(g_min=1e-6, g_max=9e-6, step_up=0.6e-6, step_down=0.4e-6, c2c_cv=0.3)
GONG = Path(__file__).parents[3] / "shared" / "data" / "pulses" / "gong2018_reram.csv"


@pytest.fixture
def csv(tmp_path):
    return write_csv(tmp_path / "mine.csv", measured(DEVICE, cycles(60, 60, 3), devices=2, read_sd=0.05e-6))


def test_a_file_becomes_a_device_to_train_on(command, csv):
    code, out, err = command("fit", str(csv), "--law", "soft-bounds", "--law", "constant")
    assert code == 0
    assert "180 up" not in err
    assert "360 up and 360 down pulses of 2 devices" in err
    assert "soft-bounds law: SoftBounds" in out
    assert "What a network will feel" in out
    folder = Path("fits/mine")
    files = {"mine.py", "mine.costs.toml", "fit.json", "fit.png", "fit.svg", "report.html"}
    assert {path.name for path in folder.iterdir()} == files
    assert "A pulse takes V^2 G t: up " in out
    found = json.loads((folder / "fit.json").read_text())
    assert found["numbers"]["c2c_cv"]["value"] == pytest.approx(0.3, abs=0.1)
    assert load(folder / "mine.py").device.step_up == pytest.approx(0.6e-6, rel=0.2)
    page = (folder / "report.html").read_text()
    assert "<script" not in page
    assert "mine.csv" in page
    code, out, _ = command("fit", str(csv), "--law", "soft-bounds", "--json")
    assert code == 0
    assert json.loads(out)["folder"] == "fits/mine-2"
    code, out, _ = command("devices", "fits/mine/mine.py")
    assert code == 0
    assert "± " in out


@pytest.mark.slow
def test_several_processes_find_the_same_bits(command, csv, monkeypatch):
    laws = ("--law", "soft-bounds", "--law", "constant", "--json")
    here = json.loads(command("fit", str(csv), *laws)[1])
    monkeypatch.setattr("insitu.fits.best._ALONE", 0.0)
    monkeypatch.setattr("insitu.runs.manifest.cores", lambda: 2)
    code, out, err = command("fit", str(csv), *laws)
    assert code == 0
    assert "2 laws, 2 at a time, about " in err
    assert json.loads(out) | {"folder": ""} == here | {"folder": ""}


def test_a_law_that_fails_does_not_take_the_others_with_it(command, csv, monkeypatch):
    from insitu.errors import InputError
    from insitu.measure import comparing

    whole = comparing.candidate

    def candidate(pulses, family, **how):
        if family.name == "constant":
            raise InputError("constant: no numbers of this law give the readings a likelihood")
        return whole(pulses, family, **how)

    monkeypatch.setattr(comparing, "candidate", candidate)
    code, out, err = command("fit", str(csv), "--law", "constant", "--law", "soft-bounds", "--json")
    assert code == 0
    assert "constant left out: constant: no numbers" in " ".join(err.split())
    assert [law["law"] for law in json.loads(out)["laws"]] == ["soft-bounds"]
    code, _, err = command("fit", str(csv), "--law", "constant")
    assert code == 2
    assert "error: constant: no numbers of this law" in err


def test_a_hostile_name_is_escaped_in_the_page(command, tmp_path):
    data = measured(DEVICE, cycles(30, 30, 1))
    path = write_csv(tmp_path / "<img src=x>.csv", data)
    assert command("fit", str(path), "--law", "constant")[0] == 2
    code, _, _ = command("fit", str(path), "--law", "constant", "--name", "safe")
    assert code == 0
    assert "<img src=x>" not in Path("fits/safe/report.html").read_text()


def test_two_files_of_currents_say_what_was_understood(command, tmp_path):
    """Voltage, magnitude, bad readings and the three sentences, as text and in JSON."""
    data = measured(DEVICE, cycles(60, 60, 1), read_sd=0.05e-6)
    for way, name in ((1, "set.csv"), (-1, "reset.csv")):
        lines = [f"{at};{-2e5 * g:.6f}".replace(".", ",") for at, g in enumerate(data.after[data.polarity == way])]
        lines[30] = "30;overflow"
        (tmp_path / name).write_text("Setup;B1500\nn;Current (µA)\n" + "\n".join(lines) + "\n", encoding="latin-1")
    files = ("--up", str(tmp_path / "set.csv"), "--down", str(tmp_path / "reset.csv"))
    options = (*files, "--read-voltage", "0.2", "--magnitude", "--law", "constant", "--json")
    code, _, err = command("fit", *options)
    assert code == 2
    assert "set.csv, line 33: Current (µA) is 'overflow'" in " ".join(err.split())
    code, out, err = command("fit", *options, "--skip-bad")
    assert code == 0
    said = " ".join(err.split())
    assert "File: one row a pulse (n, Current (µA)), parted by semicolons." in said
    assert "Pulses: 57 up and 57 down pulses of one device, readings from" in said
    assert "(currents in µA at 200 mV, by magnitude)" in said
    assert (
        "Left aside: 1 line above the table; set.csv, line 33: Current (µA) is 'overflow'; reset.csv, line 33" in said
    )
    found = json.loads(out)
    assert found["understood"]["pulses_down"] == 57
    assert found["understood"]["range_S"] == pytest.approx([data.after.min(), data.after.max()], rel=1e-3)
    assert found["folder"] == "fits/set"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("none.csv",), "none.csv: cannot be read"),
        (("{csv}", "--law", "liner"), "--law: unknown law 'liner'; did you mean 'linear'?"),
        (("{csv}", "--law", "none.py"), "none.py: there is no such file"),
        (("{csv}", "--where", "amplitude_V"), "--where: got 'amplitude_V'; allowed is COLUMN=VALUE"),
        (("{csv}", "--name", "a/b"), "--name: got 'a/b'"),
        (("{csv}", "--unit", "-1"), "unit: got -1"),
        (("{csv}", "--unit", "furlong"), "unit: got 'furlong'; allowed are S, mS"),
        ((), "file: give one file of pulses, or those of up and down pulses apart"),
        (("{csv}", "--up", "{csv}"), "file: give one file of pulses"),
        (("{csv}", "--out", "{csv}/here"), "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence(command, csv, options, message):
    code, _, err = command("fit", *(option.format(csv=csv) for option in options))
    assert code == 2
    assert message in " ".join(err.split())
    assert "Traceback" not in err


def test_a_fit_that_fails_leaves_no_folder(command, tmp_path):
    path = tmp_path / "stuck.csv"
    path.write_text("polarity,g_before_S,g_after_S\n" + "1,1e-6,1e-6\n" * 30)
    code, _, err = command("fit", str(path), "--law", "constant")
    assert code == 2
    assert "all readings are 1 uS: no pulse changed anything" in " ".join(err.split())
    assert not Path("fits").exists()


@pytest.mark.skipif(not GONG.is_file(), reason="needs the measured pulses of Gong et al.")
def test_published_pulses_of_one_noisy_device(command):
    """Two curves of 1,000 pulses whose read noise is 25 steps: scatter is well determined, the mean step is not."""
    laws = ("--law", "constant", "--law", "soft-bounds")
    code, out, _ = command("fit", str(GONG), "--unit", "5e-6", "--zero", "10e-6", *laws, "--json")
    assert code == 0
    found = json.loads(out)["numbers"]
    assert found["read_noise.sd"]["value"] == pytest.approx(
        0.58e-6, rel=0.05
    )  # aihwkit's preset: 0.51 uS of write noise
    assert found["c2c_sd"]["error"] < 0.15 * found["c2c_sd"]["value"]
    assert found["step_up"]["error"] > 0.3 * found["step_up"]["value"]


@pytest.mark.slow
def test_a_fit_is_tried_in_three_systems_and_its_pulses_have_a_price(command, csv):
    code, out, err = command("fit", str(csv), "--law", "soft-bounds", "--try", "--json")
    assert code == 0
    assert "Traceback" not in err
    tried = json.loads(out)["try"]
    systems = ["shi2018", "yi2022", "cristiano2018"]
    assert [one["recipe"] for one in tried["systems"]] == systems
    for name in systems:
        assert any(sentence.startswith(f"{name}: ") for sentence in tried["sentences"])
    assert not any("Energy leaves out" in sentence for sentence in tried["sentences"])
    assert not any("Improve" in sentence or "One seed" in sentence for sentence in tried["sentences"])
    assert not any(one["gains"] for one in tried["systems"])
    assert Path("fits/mine/try/report.html").is_file()
