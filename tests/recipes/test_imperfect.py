"""What [array] changes of its device: the same fields as [msp] and [lsp], and none that does nothing."""

from dataclasses import replace

import numpy as np
import pytest

from insitu.devices.imperfections import Faults, ReadNoise
from insitu.devices.library import load, names
from insitu.devices.response import step_statistics
from insitu.errors import InputError
from insitu.recipes import registry, shi2018, yi2022_options
from insitu.recipes.imperfect import DeviceTable
from insitu.recipes.loading import to_toml, validate
from insitu.studies.maps import has_property

CBRAM, TAOX = load("shi2018-cbram").device, load("yi2022-taox").device
MADE = {"shi2018": shi2018.device_of, "yi2022": yi2022_options.device_of}


def device(recipe, *sets):
    return MADE[recipe](registry.resolved(recipe, sets))[1]


@pytest.mark.parametrize(("recipe", "of"), [("shi2018", CBRAM), ("yi2022", TAOX)])
def test_without_changes_it_is_that_of_the_library_and_ideal_has_no_imperfection(recipe, of):
    assert device(recipe) == of
    assert device(recipe, "array.weights=ideal", "array.dead=0.1") == of.without("all")
    assert device(recipe, "array.device=ideal", "array.stuck_low=0.1").faults == Faults(stuck_low=0.1)


@pytest.mark.parametrize(
    ("recipe", "sets", "changes"),
    [
        ("shi2018", ["steps=20"], {"step_up": 6.65e-6 / 20, "step_down": 13.3e-9 * 6.65 / 20 / 0.8379}),
        (
            "shi2018",
            ["on_off=2"],
            {"g_min": 3.5e-6, "step_up": CBRAM.step_up * 3.5 / 6.65, "step_down": 13.3e-9 * 3.5 / 6.65},
        ),
        ("shi2018", ["nonlinearity_down=0.75"], {"decay_down": pytest.approx(1.3862943611)}),
        ("shi2018", ["nonlinearity=off"], {"decay_up": 0.0, "decay_down": 0.0}),
        ("shi2018", ["read_noise=0.1", "write_error=off"], {"read_noise": ReadNoise(cv=0.1)}),
        ("yi2022", ["jumping=0.5"], {"telegraph": replace(TAOX.telegraph, fraction=0.5)}),
        ("yi2022", ["write_error=off"], {"programming": replace(TAOX.programming, error_sd=0.0)}),
        (
            "yi2022",
            ["write_error=0.5"],
            {"programming": replace(TAOX.programming, error_sd=0.5 * (TAOX.g_max - TAOX.g_min))},
        ),
    ],
)
def test_a_field_changes_what_it_says_and_no_more(recipe, sets, changes):
    found = device(recipe, *(f"array.{one}" for one in sets))
    for name, value in changes.items():
        if isinstance(value, float):
            value = pytest.approx(value)
        assert getattr(found, name) == value
    of = {"shi2018": CBRAM, "yi2022": TAOX}[recipe]
    assert replace(found, **{name: getattr(of, name) for name in changes}) == of


def test_everything_keeps_its_place_in_a_range_of_another_on_off():
    moved = [name for name in names() if has_property(name, "on_off")]
    assert len(moved) > 15
    for name in moved:
        one, other = load(name).device.without("all"), DeviceTable(device=name, on_off=3).build("array", ideal=True)
        assert other.g_max / other.g_min == pytest.approx(3)
        for polarity in (1,) if one.one_sided else (1, -1):
            assert _relative_steps(other, polarity) == pytest.approx(_relative_steps(one, polarity), rel=1e-6, abs=1e-9)


def _relative_steps(of, polarity):
    """Steps over the range, at places of it; two levels make a step from the middle either way, which is left out."""
    span = of.g_max - of.g_min
    return step_statistics(of, polarity, of.g_min + np.array([0, 0.2, 0.8, 1]) * span)[0] / span


def test_the_noise_of_reads_and_the_spread_of_ranges_are_changed_whole():
    pcm = ["array.device=ambrogio2018-pcm", "array.read_noise=0.1"]
    assert device("shi2018", *pcm).read_noise == ReadNoise(cv=0.1)
    assert device("shi2018", "array.device=gokmen2016-rpu", "array.range_cv=off").spread.range_sd is None


def test_changes_are_kept_in_the_recipe():
    one = registry.resolved("yi2022", ["array.jumping=off", "array.leak=3"])
    assert to_toml(one)["array"]["jumping"] == "off"
    assert validate(yi2022_options.Recipe, to_toml(one)) == one


@pytest.mark.parametrize(
    ("recipe", "sets", "words"),
    [
        ("shi2018", ["drift=0.1"], "array.drift: shi2018-cbram has no drift to change"),
        ("shi2018", ["jumping=0.1"], "array.jumping: shi2018-cbram has no jumps"),
        ("shi2018", ["nonlinearity=1"], "array.nonlinearity: got 1; an exponential step loses less than 1"),
        ("shi2018", ["delay=0.5", "nonlinearity_up=0.1"], "array.delay: replaces the law"),
        ("shi2018", ["nonlinearity=0.1", "nonlinearity_up=0.1", "nonlinearity_down=0"], "array.nonlinearity: both"),
        ("shi2018", ["weights=digital", "c2c=0.5"], "array.c2c: StochasticSwitch has no noise of a step to set"),
        ("shi2018", ["weights=digital", "steps=5"], "array.steps: shi2018-cbram-binary"),
        ("yi2022", ["c2c=0.1"], "array.c2c: has no effect here, for yi2022-taox is written and verified by a stat"),
        ("yi2022", ["device=shi2018-cbram", "write_error=0.1", "steps=9"], "array.steps: has no effect here"),
    ],
)
def test_a_property_that_is_not_there_is_one_sentence(recipe, sets, words):
    with pytest.raises(InputError) as found:
        device(recipe, *(f"array.{one}" for one in sets))
    assert words in str(found.value)


def test_pulses_have_properties_where_they_are_given():
    assert device("yi2022", "scheme.name=mixed-precision", "array.c2c=0.1").c2c_cv == 0.1
    assert device("yi2022", "array.device=shi2018-cbram", "array.c2c=0.1").c2c_cv == 0.1  # verified pulse by pulse
