"""``insitu.fit`` from Python: a file or arrays, a device with its errors, saved or not."""

import json
import os

import numpy as np
import pytest
from simulated import cycles, measured, write_csv

import insitu
from insitu.devices.softbounds import SoftBounds
from insitu.errors import InputError
from insitu.fits.fitted import Fitted
from insitu.measure import diagnose, pulses

DEVICE = SoftBounds(g_min=1e-6, g_max=9e-6, step_up=0.6e-6, step_down=0.4e-6, c2c_cv=0.3)
DATA = measured(DEVICE, cycles(60, 60, 3), devices=2, read_sd=0.05e-6)


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("data") / "mine.csv", DATA)


@pytest.fixture(scope="module")
def found(csv):
    return insitu.fit(csv, law=["soft-bounds", "constant"], quiet=True)


def test_a_file_gives_a_device_with_errors(found):
    assert isinstance(found, Fitted)
    assert (found.name, found.law) == ("mine", "soft-bounds")
    assert isinstance(found.device, SoftBounds)
    for name, true in (("step_up", 0.6e-6), ("step_down", 0.4e-6), ("c2c_cv", 0.3)):
        value, error = getattr(found.device, name), found.errors[name]
        assert abs(value - true) < 5 * error < true
    assert found.diagnosis == diagnose(found.device)
    assert found.table.loc["step_up", "error"] == found.errors["step_up"]
    assert found.table.loc["step_up", "unit"] == "S"
    assert found.laws["law"].tolist() == ["soft-bounds", "constant"]


def test_nothing_is_written_until_it_is_saved(found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="mine: the fit has no file yet"):
        os.fspath(found)
    first, second = found.save("fits"), found.save("fits")
    assert (first.folder.name, second.folder.name) == ("mine", "mine-2")
    assert insitu.load(first).step_up == pytest.approx(found.device.step_up, rel=1e-5)
    assert json.loads((first.folder / "fit.json").read_text(encoding="utf-8"))["law"] == "soft-bounds"
    assert first.as_dict() == found.as_dict() | {"folder": "fits/mine"}


def test_out_saves_at_once(csv, tmp_path):
    found = insitu.fit(csv, law="constant", name="other", out=tmp_path / "fits", quiet=True)
    assert found.folder == tmp_path / "fits" / "other"
    assert os.fspath(found) == str(found.folder / "other.py")


def test_arrays_are_fitted_too():
    steps = np.array([1] * 40 + [-1] * 40)
    noise = np.random.default_rng(0).normal(0, 3e-8, 81)
    readings = 1e-6 + 1e-7 * np.concatenate([[0], steps.cumsum()]) + noise
    found = insitu.fit(pulses(steps, readings[:-1], readings[1:]), law="constant", quiet=True)
    assert (found.name, found.folder) == ("fitted", None)


def test_it_shows_itself(found):
    assert repr(found).startswith("<fit mine: soft-bounds law of 360 up and 360 down pulses of 2 devices")
    assert "What a network will feel" in str(found)
    assert "step_up" in found._repr_html_()


@pytest.mark.parametrize("where", [{"amplitude_V": 1.2}, {"amplitude_V": [1.2, 1.5]}, ["amplitude_V=1.2,1.5"]])
def test_rows_are_chosen_by_mapping_or_text(tmp_path, where):
    rows = [f"1,{1e-6 + 1e-8 * i:.4e},{1e-6 + 1e-8 * (i + 1):.4e},{volts}" for volts in (1.2, 2.0) for i in range(30)]
    path = tmp_path / "volts.csv"
    path.write_text("polarity,g_before_S,g_after_S,amplitude_V\n" + "\n".join(rows))
    assert insitu.fit(path, where=where, law="constant", quiet=True).pulses.of.size == 30


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"law": "liner"}, "did you mean 'linear'"),
        ({"where": ["amplitude_V"]}, "allowed is COLUMN=VALUE"),
        ({"name": "a/b"}, "got 'a/b'"),
        ({"unit": -1}, "unit: got -1"),
        ({"pulses": "none.csv"}, "none.csv: cannot be read"),
        ({"pulses": 3}, "pulses: got 3; allowed is str or PathLike or Pulses"),
    ],
)
def test_bad_input_is_one_sentence(csv, wishes, words):
    with pytest.raises(InputError, match=words):
        insitu.fit(**{"pulses": csv, "quiet": True} | wishes)
