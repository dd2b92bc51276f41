"""What could be better about a device: the fields that are said to make it so do."""

import pytest

from insitu.devices.library import load, names
from insitu.recipes.imperfect import DeviceTable
from insitu.reports.captions import QUALITIES
from insitu.studies.maps import _axis
from insitu.studies.neighbours import nearest
from insitu.studies.qualities import qualities

DEVICES = {name: load(name) for name in names()}
KINDS = [(name, one) for name, given in DEVICES.items() for one in qualities(given.device)]


def having(what):
    """Return the devices and properties for which there is such a thing, for pytest."""
    some = [(name, one) for name, one in KINDS if getattr(one, what) is not None]
    return pytest.mark.parametrize(("name", "one"), some, ids=[f"{name}-{one.name}" for name, one in some])


def rebuilt(name, fields):
    return DeviceTable(device=name, **fields).build("array")


def value(device, name):
    return next((one.value for one in qualities(device) if one.name == name), None)


@having("better")
def test_twice_as_good_is_that(name, one):
    got = value(rebuilt(name, one.better), one.name)
    factor = 2 if one.name in ("steps", "endurance", "leak") else 0.5
    if one.name == "nonlinearity" and got is None:
        assert one.value * factor < 0.02
    else:
        assert got == pytest.approx(one.value * factor, rel=0.03)


@having("ideal")
def test_ideal_leaves_nothing_of_it(name, one):
    left = value(rebuilt(name, one.ideal), one.name)
    assert left is None or abs(left) < 0.02


def test_all_have_words_and_the_ideal_device_wants_nothing_but_steps():
    assert {one.name for _, one in KINDS} <= set(QUALITIES)
    assert [one.name for one in qualities(DEVICES["ideal"].device)] == ["steps"]


def test_where_cells_are_written_by_a_law_its_error_counts_and_no_pulse():
    found = {one.name: one.value for one in qualities(DEVICES["yi2022-taox"].device, by_law=True)}
    device = DEVICES["yi2022-taox"].device
    assert found["write_error"] == pytest.approx(device.programming.error_sd / (device.g_max - device.g_min))
    assert not {"c2c", "steps", "nonlinearity", "step_cv"} & set(found)


@pytest.mark.parametrize("name", ["gong2022-om", "nandakumar2018-pcm", "yi2022-taox"])
def test_the_nearest_device_is_another_one_of_the_same_kind(name):
    found = nearest(DEVICES[name])
    assert found.name not in (name, "ideal")
    assert found.device.one_sided == DEVICES[name].device.one_sided


def test_a_device_that_is_one_of_the_library_under_another_name_is_not_its_own_neighbour():
    from dataclasses import replace

    mine = replace(DEVICES["gong2022-om"], name="mine")
    assert nearest(mine).device != mine.device
    near = replace(mine, device=replace(mine.device, step_up=mine.device.step_up * 1.001))
    assert nearest(near).name == "gong2022-om"


def test_a_map_has_the_device_where_it_is():
    given = DEVICES["yi2022-taox"]
    at = {name: _axis(given, name, 16).here for name in ("nonlinearity_up", "nonlinearity_down", "steps", "c2c")}
    assert at == pytest.approx(
        {"nonlinearity_up": 0.6, "nonlinearity_down": 0.6, "steps": 196 / 3, "c2c": 0.5}, rel=1e-3
    )
