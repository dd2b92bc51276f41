"""What was measured of retention, endurance or noise, in a device file."""

from pathlib import Path

import pytest
from cells_at_rest import drifting, resting, wearing

from insitu.devices.library import load
from insitu.errors import InputError
from insitu.fits.kinds import fit_kind

OWN = '''"""My cell."""
from dataclasses import dataclass

from insitu.devices.base import Device


@dataclass(frozen=True, kw_only=True)
class Mine(Device):
    """Constant steps."""

    slope: float = 0.1

    @staticmethod
    def step(g, polarity, p, z):
        return g + polarity * (p.step_up if polarity > 0 else p.step_down) * (1.0 - p.slope)


device = Mine(g_min=1e-6, g_max=11e-6, step_up=1 / 3e7, step_down=0.1e-6)
'''


def write(name, series, axis="time_s"):
    """Write readings as a file of one row a reading, into the working folder."""
    rows = zip(series.device, series.level, series.at, series.g, strict=True)
    lines = [f"{device},{level},{at:.8g},{g:.8g}" for device, level, at, g in rows]
    Path(name).write_text("\n".join([f"device_id,level,{axis},g_S", *lines]) + "\n", encoding="utf-8")
    return name


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def made(found):
    """The device of the file that would be written."""
    Path("made.py").write_text(found.file)
    return load("made.py")


def test_a_device_with_a_law_of_its_own_keeps_it():
    Path("own.py").write_text(OWN)
    file = write("retention.csv", drifting(1, devices=2, levels=(5e-6,)))
    found = fit_kind(file, "retention", device="own.py", quiet=True)
    again = made(found)
    Path("own.py").unlink()
    assert type(again.device).__name__ == "Mine"
    assert again.device.step_up == 1 / 3e7
    assert again.device.retention.t0 == 1.0
    assert again.device.retention.nu == pytest.approx(found.device.retention.nu, rel=1e-5)
    assert again.summary.startswith("Constant steps; with retention as measured, by insitu")


def test_what_did_not_fail_gets_no_number():
    file = write("alive.csv", wearing(3, median=1e12, devices=4), "cycle")
    found = fit_kind(file, "endurance", device="yi2022-taox", writes_a_cycle=20, window=0.3, quiet=True)
    again = made(found)
    assert again.device == load("yi2022-taox").device
    assert "at least 20,000,000 writes of the median device" in again.validity
    assert "closed below 0.3 of the first window" in again.validity


def test_noise_takes_the_place_of_that_of_the_device():
    file = write("rtn.csv", resting(2, devices=1, levels=(5e-6, 8e-6), n=100, fraction=0))
    found = fit_kind(file, "noise", device="yi2022-taox", quiet=True)
    given, device = load("yi2022-taox").device, made(found).device
    assert given.telegraph.fraction
    assert device.telegraph.fraction is None
    assert device.read_noise.on
    assert device.read_noise != given.read_noise
    assert device.without("read_noise", "telegraph") == given.without("read_noise", "telegraph")
    assert found.sentences[-2:] == [
        f"{one} of yi2022-taox is replaced by what was measured." for one in found.finding.groups
    ]
    assert "read_noise" in str(found)


def test_without_a_device_there_are_numbers_and_no_file():
    found = fit_kind(write("retention.csv", drifting(1, devices=2, levels=(5e-6,))), "retention", quiet=True)
    assert (found.device, found.file) == (None, None)
    assert found.estimates["retention.nu"].value == pytest.approx(0.05, abs=0.03)
    with pytest.raises(InputError, match="retention: has no device file; give a device and a folder"):
        Path(found)
