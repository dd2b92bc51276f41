import pickle
import re
import warnings

import pytest

from insitu.devices.base import Device
from insitu.devices.library import load
from insitu.devices.response import mean_response
from insitu.errors import InputError
from insitu.plugins import find_class

CLASS = '''
from dataclasses import dataclass
from insitu.devices.base import Device

@dataclass(frozen=True, kw_only=True)
class Mine(Device):
    """My cell.

    More about it.
    """
    g_max: float = 5e-6
    g_min: float = 0.0
    step_up: float = 1e-6
    step_down: float = 2e-6

    @staticmethod
    def step(g, polarity, p, z):
        return g + p.step_up if polarity > 0 else g - p.step_down
'''


def _load(folder, text):
    path = folder / "my_cell.py"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_device_by_name(tmp_path):
    found = _load(tmp_path, CLASS + "\ndevice = Mine(g_max=4e-6)\n")
    assert found.device.g_max == 4e-6
    assert found.name == "my_cell"
    assert found.summary == "My cell."
    assert {value.tag for value in found.provenance.values()} == {"user"}
    assert mean_response(found.device, [1, 1, -1], 0.0) == pytest.approx([0, 1e-6, 2e-6, 0])


def test_a_single_class_with_defaults(tmp_path):
    assert _load(tmp_path, CLASS).device.g_max == 5e-6


def test_postponed_annotations_work(tmp_path):
    assert _load(tmp_path, "from __future__ import annotations\n" + CLASS).device.g_max == 5e-6


def test_a_library_family_is_enough(tmp_path):
    text = "from insitu.devices.softbounds import SoftBounds\n"
    text += "device = SoftBounds(g_min=1e-6, g_max=2e-6, step_up=1e-8, step_down=1e-8)\n"
    assert _load(tmp_path, text).device.g_min == 1e-6


def test_the_file_is_read_anew_after_a_change(tmp_path):
    assert _load(tmp_path, CLASS + "\ndevice = Mine(g_max=4e-6)\n").device.g_max == 4e-6
    assert _load(tmp_path, CLASS + "\ndevice = Mine(g_max=3.25e-6)\n").device.g_max == 3.25e-6


def test_the_device_can_be_pickled(tmp_path):
    device = _load(tmp_path, CLASS).device
    assert pickle.loads(pickle.dumps(device)) == device


NO_DEFAULT = CLASS.replace("g_max: float = 5e-6", "slope: float")
BAD_NUMBER = CLASS + "\ndevice = Mine(g_max=2.5)\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def step(:\n", r"does not import: SyntaxError: .*line 1\)$"),
        ("import not_a_module_at_all\n", "does not import: ModuleNotFoundError"),
        ("\nraise SystemExit(3)\n", r"does not import: SystemExit: 3 \(line 2\)$"),
        ("device = 3\n", "device is a int"),
        ("x = 1\n", "found none"),
        (CLASS + CLASS.replace("Mine", "Yours"), "found Mine, Yours"),
        (NO_DEFAULT, r"Mine\(\) is missing .*slope.*; give defaults or add `device = Mine"),
        (BAD_NUMBER, "does not import: InputError: g_max: got 2.5 S"),
    ],
)
def test_refuses_in_one_sentence(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as caught:
        _load(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_measurements_and_folders_of_fits_are_pointed_on(tmp_path):
    table, folder = tmp_path / "w42.csv", tmp_path / "w42"
    table.write_text("up,down\n1e-6,2e-6\n")
    folder.mkdir()
    (folder / "w42.py").write_text(CLASS)
    with pytest.raises(InputError, match=r"; if it holds measured pulses, fit it first: insitu fit w42\.csv$"):
        load(table)
    with pytest.raises(InputError, match=r"; in this folder there is .*w42\.py$"):
        load(folder)


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("    @staticmethod\n", "", "my_cell.py: step: write @staticmethod above it"),
        ("g + p.step_up", "g + p.stepup", "my_cell.py: the check .* stopped with AttributeError: .*'stepup'"),
        ("g + p.step_up", "g + p.step_up / 1e-400", "my_cell.py: the check .* stopped with ZeroDivisionError"),
        ("g + p.step_up", "g + p.step_up * 1e400", "my_cell.py: step: an up pulse at 0 S with z = 0 gives inf"),
    ],
)
def test_a_law_that_gives_no_numbers_is_refused(tmp_path, was, now, sentence):
    with pytest.raises(InputError, match=f"^{sentence}"):
        _load(tmp_path, CLASS.replace(was, now))


def test_a_law_that_goes_the_wrong_way_is_warned_of_once(tmp_path):
    wrong = CLASS.replace("g + p.step_up", "g - p.step_up")
    sentence = r"^my_cell.py: step: an up pulse at 5 pS moves the conductance by -1 uS, the wrong way$"
    with pytest.warns(UserWarning, match=sentence):
        _load(tmp_path, wrong)
    with warnings.catch_warnings(action="error"):
        _load(tmp_path, wrong)
        _load(tmp_path, CLASS)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("Min", "has no class 'Min'; did you mean 'Mine'?"), ("dataclass", "is no class that derives from Device")],
)
def test_a_class_that_a_file_does_not_have_is_named_with_the_nearest_of_its_own(tmp_path, name, sentence):
    path = tmp_path / "my_cell.py"
    path.write_text(CLASS, encoding="utf-8")
    assert find_class(f"{path}:Mine", Device, "insitu.devices").__name__ == "Mine"
    with pytest.raises(InputError, match=re.escape(sentence)):
        find_class(f"{path}:{name}", Device, "insitu.devices")
