import math
from dataclasses import fields, replace

import pytest

from insitu.devices.base import GROUPS, Spread
from insitu.devices.check import check_device
from insitu.devices.constant import ConstantStep
from insitu.devices.library import ParameterSet, Value, groups, load, names, numbers
from insitu.devices.response import symmetry_point
from insitu.errors import InputError
from insitu.papers import papers


@pytest.mark.parametrize("name", names())
def test_every_set_is_complete_and_conforms(name):
    found = load(name)
    assert found.name == name
    assert set(found.provenance) == set(numbers(found.device))
    assert found.summary
    assert found.source.endswith(".")
    assert found.validity.endswith(".")
    report = check_device(found.device)
    assert report.passed, str(report)


def test_names():
    assert "ideal" in groups()["specifications"]
    assert len(set(names())) == len(names()) >= 28
    assert [name for group in groups().values() for name in group] == names()


def test_ideal_has_no_imperfection():
    device = load("ideal").device
    assert device == device.without("all")
    assert device.step_up == device.step_down


def test_shi2018_is_the_weight_law_in_siemens():
    """dw = a exp(-b (w + 1)) up and -c down, with w from -1 to 1 over the range."""
    device = load("shi2018-cbram").device.without("all")
    a, b, c = 0.252, 3.0, 0.004
    for w in (-1.0, -0.3, 0.5, 1.0):
        g = device.g_min + (w + 1) / 2 * (device.g_max - device.g_min)
        from insitu.devices.base import parameters

        p = parameters(device)
        unit = (device.g_max - device.g_min) / 2
        assert (device.step(g, 1, p, 0.0) - g) / unit == pytest.approx(a * math.exp(-b * (w + 1)))
        assert (g - device.step(g, -1, p, 0.0)) / unit == pytest.approx(c)
    balance = device.g_min + (device.g_max - device.g_min) / 2 * math.log(a / c) / b
    assert symmetry_point(device) == pytest.approx(balance)


def test_shi2018_never_claims_a_measured_number():
    """All that the paper at hand states is that LTD does not depend on the state."""
    stated = {
        (name, field)
        for name in names()
        for field, value in load(name).provenance.items()
        if value.tag == "stated" and name.startswith("shi2018")
    }
    assert stated == {("shi2018-cbram", "decay_down"), ("shi2018-cbram-strong", "decay_down")}
    assert "not verified" in load("shi2018-cbram").provenance["g_max"].note
    assert "10.1038/s41467-018-07682-0" in papers()[load("shi2018-cbram").paper]


def test_binary_switches_from_bound_to_bound():
    device = load("shi2018-cbram-binary").device
    assert device.levels == 2
    assert device.step_up == pytest.approx(device.g_max - device.g_min)


GOOD = ParameterSet(
    name="test",
    device=ConstantStep(g_min=0.0, g_max=1e-5, step_up=1e-7, step_down=1e-7, spread=Spread(step_cv=0.2)),
    summary="s",
    source="s.",
    validity="v.",
    provenance={f: Value("ours", "x") for f in ("g_min", "g_max", "step_up", "step_down", "spread.step_cv")},
)


def test_numbers_are_those_that_were_given_and_are_not_off():
    assert numbers(GOOD.device) == {
        "g_min": 0.0,
        "g_max": 1e-5,
        "step_up": 1e-7,
        "step_down": 1e-7,
        "spread.step_cv": 0.2,
    }
    assert "step_up" not in numbers(load("shi2018-cbram-binary").device)  # derived from the levels


@pytest.mark.parametrize("missing", list(GOOD.provenance))
def test_a_number_without_origin_is_refused(missing):
    rest = {field: value for field, value in GOOD.provenance.items() if field != missing}
    with pytest.raises(InputError, match=f"provenance is missing for {missing}"):
        replace(GOOD, provenance=rest)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"decay_up": Value("ours", "x")}, "no such number"),
        ({"g_min": Value("guess", "x")}, "provenance of g_min"),
        ({"g_min": Value("ours", " ")}, "provenance of g_min"),
    ],
)
def test_a_wrong_origin_is_refused(extra, message):
    with pytest.raises(InputError, match=message):
        replace(GOOD, provenance={**GOOD.provenance, **extra})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("shi2018-cbam", "did you mean 'shi2018-cbram'"),
        ("Ideal", "did you mean 'ideal'"),
        ("zzz", "allowed: ambrogio2018-3t1c, "),
        ("", "unknown name ''"),
        ("missing.py", "missing.py: there is no such file"),
        ("../nowhere/device", "../nowhere/device: there is no such file"),
    ],
)
def test_unknown_names(name, message):
    with pytest.raises(InputError, match=message):
        load(name)


def test_every_field_of_a_device_has_a_unit_or_none():
    for name in names():
        device = load(name).device
        own = {f.name for f in fields(device)}
        nested = {f"{group}.{key}" for group in GROUPS for key in vars(getattr(device, group))}
        assert set(device.units) <= own | nested
