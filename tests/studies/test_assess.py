"""An assessment of a device: what it says of its runs, and the command line as a user runs it."""

import json

import pytest
from PIL import Image

from insitu.devices.library import load
from insitu.errors import InputError
from insitu.recipes.axes import SCHEMES
from insitu.reports.assess import draw_assessment, gains_table, sentences, systems_table
from insitu.studies.assess import assess
from insitu.studies.assessed import Gain, System, Way
from insitu.studies.compared import Compared
from insitu.studies.qualities import Quality
from insitu.studies.tables import Judged

TAOX = load("yi2022-taox")


def scored(mean, sd=0.004, seeds=3):
    return Compared((mean,) * seeds, mean, sd if seeds > 1 else None, 0.0, sd if seeds > 1 else None)


def system(ways, gains=(), like=None):
    return System("shi2018", Judged("accuracy", "test images named {how}"), 0.95, ways, None, like, gains)


def gain(name, better, ideal, error=0.002):
    return Gain(Quality(name, 0.3, {name: 0.15}, {name: "off"}), better, ideal, error)


def test_the_best_way_is_chosen_and_what_to_improve_is_more_than_chance():
    ways = (Way("blind-pulses", scored(0.90), True), Way("write-verify", scored(0.93), True))
    found = system(ways, (gain("c2c", 0.008, 0.012), gain("step_cv", 0.001, 0.002)))
    (says, *_) = sentences(TAOX, "other", [found])
    assert "train it by write-verify: 93.0 %" in says
    assert "Improve first noise of a step" in says
    assert "twice as good buys +0.80 ± 0.20 points, ideal buys +1.20 ± 0.20 points" in says
    found = system(ways, (gain("c2c", 0.003, 0.001),))
    assert "buys more than two standard errors" in sentences(TAOX, "other", [found])[0]


def test_one_seed_does_not_tell_what_to_improve():
    found = system((Way("blind-pulses", scored(0.9, seeds=1), True),), (gain("c2c", 0.1, 0.1, None),))
    assert "One seed does not tell" in sentences(TAOX, "other", [found])[0]


def test_without_better_devices_nothing_is_said_of_them(tmp_path):
    found = system((Way("blind-pulses", scored(0.9, seeds=1), True), Way("exact", None, reason="no twin")))
    assert sentences(TAOX, "other", [found])[0].endswith(
        "90.0 % test images named correctly, 95.0 % with ideal devices."
    )
    with (
        Image.open(draw_assessment([found], tmp_path / "assess.png", title="mine")) as one,
        Image.open(
            draw_assessment([system(found.ways, (gain("c2c", 0.1, 0.1),))], tmp_path / "more.png", title="mine")
        ) as more,
    ):
        assert one.width < 0.7 * more.width


def test_a_device_that_no_system_can_use_is_told_with_the_reason():
    ways = (Way("blind-pulses", None, reason="no steps"), Way("write-verify", None, reason="no range"))
    found = system(ways)
    assert sentences(TAOX, "other", [found]) == ["shi2018: no way of writing runs on yi2022-taox: no steps; no range."]
    assert [line[-1] for line in systems_table([found]).texts] == ["refused: no steps", "refused: no range"]
    assert gains_table([found]).texts == []


def test_one_that_does_not_learn_is_told_with_its_figures():
    found = system((Way("blind-pulses", scored(0.5), False),))
    (says,) = sentences(TAOX, "other", [found])
    assert "does not learn on yi2022-taox" in says
    assert "levels that noise does not hide" in says


@pytest.mark.parametrize(
    ("device", "how", "words"),
    [
        ("yi2022-tax", {}, "did you mean 'yi2022-taox'"),
        ("yi2022-taox", {"systems": ["shi2019"]}, "did you mean 'shi2018'"),
        ("yi2022-taox", {"maps": ["steps"]}, "two different properties"),
        ("yi2022-taox", {"costs": ["oxide-rrm"]}, "oxide-rram"),
        (
            "nandakumar2018-pcm",
            {"maps": ["c2c,asymmetry"]},
            "map.asymmetry: nandakumar2018-pcm .* has no such property",
        ),
        ("yi2022-taox", {"set": {"network.neurons": 40}}, "yi2022: unknown field 'network"),
    ],
)
def test_bad_input_is_told_before_anything_runs(device, how, words, tmp_path):
    with pytest.raises(InputError, match=words):
        assess(device, out=tmp_path / "out", quick=True, **how)
    assert not (tmp_path / "out").exists()


def test_files_of_one_name_have_folders_of_their_own_and_the_same_content_one(tmp_path, monkeypatch):
    class Begun(Exception):
        pass

    def begin(recipe, *_, out, **__):
        raise Begun(out.parent)

    def folder_of(device):
        with pytest.raises(Begun) as caught:
            assess(device, quick=True)
        return caught.value.args[0]

    monkeypatch.setattr("insitu.studies.assess._system", begin)
    law = "from insitu.devices.{0} import {1}\ndevice = {1}(g_min=1e-6, g_max={2}, step_up=1e-7, step_down=1e-7)\n"
    law = law.format("constant", "ConstantStep", "{}")
    for name, text in (("a", law.format(1e-5)), ("b", law.format(2e-5)), ("c", law.format(1e-5))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(text)
    one, other, same = (folder_of(tmp_path / name / "mine.py") for name in "abc")
    assert one.name.startswith("assess-mine-")
    assert one != other
    assert one == same
    assert folder_of("yi2022-taox").name == "assess-yi2022-taox-quick"


@pytest.mark.slow
def test_the_command_line_leaves_a_page_and_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    from insitu.cli import app

    monkeypatch.chdir(tmp_path)
    command = ["assess", "yi2022-taox", "--quick", "--system", "shi2018", "--seeds", "2", "--set", "network.neurons=20"]
    app.app([*command, "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["failed"] == []
    (one,) = told["systems"]
    assert one["recipe"] == "shi2018"
    assert {way["name"] for way in one["ways"]} == {*SCHEMES} - {"exact"}
    assert one["gains"]
    page = next(tmp_path.glob("sweeps/*/report.html")).read_text()
    assert "train it by" in page
    points = sorted(path.stat().st_mtime_ns for path in tmp_path.glob("sweeps/*/shi2018/points/*.json"))
    app.app(command, standalone_mode=False)
    assert points == sorted(path.stat().st_mtime_ns for path in tmp_path.glob("sweeps/*/shi2018/points/*.json"))
