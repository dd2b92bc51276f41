"""A simulated measurement is what `insitu fit` reads, and holds the device it was made of."""

import numpy as np
import pytest

from insitu.devices.library import load
from insitu.errors import InputError
from insitu.measure import GRADUAL, fit, read_pulses
from insitu.measure.simulating import CELLS, NOISE, write_measurement

LAWS = {one.name: one for one in GRADUAL}


def test_the_file_reads_back_as_pulses_of_the_device(tmp_path):
    device = load("park2013-pcmo").device.without("spread")
    count = write_measurement(device, tmp_path / "a.csv", name="park2013-pcmo", seed=1)
    assert (
        (tmp_path / "a.csv").read_text().startswith("# simulated by insitu and not measured: park2013-pcmo; seed 1\n")
    )
    found = read_pulses(tmp_path / "a.csv")
    assert len(found.of) == count
    assert len(found.names) == CELLS
    assert found.signs == (1, -1)
    low, high = found.range
    slack = 5 * NOISE * (device.g_max - device.g_min)
    assert device.g_min - slack < low < high < device.g_max + slack
    chained = (found.before[1:] == found.after[:-1]) | (np.diff(found.of) != 0)
    assert chained.all()


def test_a_fit_of_it_finds_the_device_again(tmp_path):
    device = load("yi2022-taox").device.without("spread")
    write_measurement(device, tmp_path / "a.csv")
    found = fit(read_pulses(tmp_path / "a.csv"), LAWS["linear"])
    for name in ("step_up", "step_down"):
        assert getattr(found.device, name) == pytest.approx(getattr(device, name), rel=0.15)


def test_a_device_of_one_direction_is_raised_only(tmp_path):
    write_measurement(load("ambrogio2018-pcm").device, tmp_path / "a.csv")
    assert read_pulses(tmp_path / "a.csv").signs == (1,)


def test_a_seed_makes_the_file_and_none_is_written_over(tmp_path):
    device = load("gong2022-om").device
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_measurement(device, tmp_path / f"{name}.csv", seed=seed)
    a, b, c = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    with pytest.raises(InputError, match="is there already"):
        write_measurement(device, tmp_path / "a.csv")


def test_the_command_line_writes_it(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = command("devices", "gong2022-om", "--pulses", "mine.csv")
    assert (code, err) == (0, "")
    assert "insitu fit mine.csv" in out
    assert read_pulses(tmp_path / "mine.csv").signs == (1, -1)
    code, _, err = command("devices", "--pulses", "mine.csv")
    assert code == 2
    assert err.startswith("error: --pulses: of which device?")
