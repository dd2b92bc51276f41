"""A league: who takes part, equal budgets, who is on the front, and the command of each row, which gives it again."""

import csv
import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from insitu import pages
from insitu.cli.app import app
from insitu.datasets import load_digits
from insitu.errors import InputError
from insitu.recipes.loading import to_toml
from insitu.reports.league import refused_table, sentences, standings, whole_table
from insitu.studies import tuned as tuning
from insitu.studies.entries import divisions
from insitu.studies.league import league
from insitu.studies.standings import again, front
from insitu.studies.swept import Sweep

ROW = {
    "system": "cristiano2018", "device": "yi2022-taox", "scheme": "blind-pulses", "seeds": 2, "mean": 0.9, "sd": 0.01,
    "ideal": 0.97, "learns": True, "held_back_stands": 0.8, "held_back_best": 0.91, "pulses": 1e6, "reads": 2e6,
    "digital_ops": 0.0, "kept": 0, "energy": 2e-6, "energy_low": 1e-6, "energy_high": 3e-5, "seconds": 0.1,
    "seconds_low": 0.01, "seconds_high": 1.0, "writes": 40.0, "trainings": None, "trainings_low": None,
    "trainings_high": None, "missing": "", "tuned": "training.rate=0.02", "command": "insitu league yi2022-taox",
    "front": True,
}  # fmt: skip


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=12), st.tuples(*[st.floats(0.1, 10)] * 3))
def test_the_front_has_the_best_at_any_price_and_beats_all_others(points, prices):
    on = [point for point, found in zip(points, front(points), strict=True) if found]
    assert min(points, key=lambda point: sum(p * x for p, x in zip(prices, point, strict=True))) in on
    for off in set(points) - set(on):
        assert any(all(a <= b for a, b in zip(best, off, strict=True)) for best in on)


def test_who_is_not_priced_in_full_is_not_on_the_front_and_beats_nobody():
    assert front([(1, 1), None, (2, 2), (1, 1), (0, 3)]) == [True, False, False, True, True]


@pytest.mark.parametrize(
    ("devices", "how", "words"),
    [
        ([], {}, "no device takes part; name some"),
        (["yi2022-tax"], {}, "did you mean 'yi2022-taox'"),
        (["yi2022-taox"], {"schemes": ["blind-pulse"]}, "did you mean 'blind-pulses'"),
        (["yi2022-taox"], {"schemes": ["exact"]}, "moves numbers, not devices"),
        (["yi2022-taox"], {"systems": ["shi2019"]}, "did you mean 'shi2018'"),
        (["yi2022-taox", "yi2022-taox"], {}, "each value once"),
        (["yi2022-taox"], {"schemes": ["tiki-taka", "tiki-taka"]}, "each value once"),
        (["yi2022-taox"], {"trials": -1}, "trials: got -1"),
        (["yi2022-taox"], {"examples": 1438}, "examples: got 1438; allowed is a whole number from 1 to 1437"),
        (["yi2022-taox"], {"costs": ["oxide-rrm"]}, "oxide-rram"),
        (["yi2022-taox"], {"set": {"network.neurons": 40}}, "yi2022: unknown field 'network"),
        (["yi2022-taox"], {"set": {"scheme.burst": 5}}, "unknown field 'scheme.burst'"),
        (["yi2022-taox"], {"set": {"scheme.name": "tiki-taka"}}, "schemes by --scheme"),
        (["yi2022-taox"], {"set": {"array.device": "ideal"}}, "what a league compares; name devices"),
        (["yi2022-taox"], {"quick": True, "data": "mnist"}, "--quick: is on the embedded digits"),
    ],
)
def test_bad_input_is_told_before_anything_runs(devices, how, words, tmp_path):
    with pytest.raises(InputError, match=words):
        league(devices, out=tmp_path / "out", **how)
    assert not (tmp_path / "out").exists()


def test_the_command_of_a_row_makes_the_same_recipe():
    wishes = {"seeds": 2, "set": {"network.hidden": [8], "scheme.burst": 5}, "quick": True}
    (one,) = divisions(["yi2022-taox"], ["cristiano2018"], ["mixed-precision"], (), **wishes)
    found = {"training.rate": 0.0123456789012345, "scheme.epsilon": 1 / 3}
    command = again(one.entries[0], found, examples=100, costs=["pcm"], **wishes)
    program, name, *words = shlex.split(command)
    assert (program, name) == ("insitu", "league")
    asked = get_command(app).commands["league"].make_context("league", words).params
    assert (asked["trials"], asked["seeds"], asked["examples"], asked["costs"]) == (0, 2, 100, ["pcm"])
    how = {"seeds": asked["seeds"], "set": asked["set"], "quick": asked["quick"]}
    (same,) = divisions(asked["devices"], asked["system"], asked["scheme"], (), **how)
    assert to_toml(same.resolved(same.entries[0].changes)) == to_toml(one.resolved(one.entries[0].changes | found))


def test_data_that_no_command_can_name_have_no_command():
    (one,) = divisions(["yi2022-taox"], ["cristiano2018"], ["tiki-taka"], ())
    assert again(one.entries[0], {}, examples=None, costs=(), seeds=1, dataset=load_digits()) == ""


def trained(monkeypatch, score):
    """Tune without training anything: ``score`` says what a case comes to with its changes, None if it fails."""
    asked = []

    def run_cases(recipe, cases, **how):
        asked.extend((case.labels, how["seeds"], how["overrides"]) for case in cases)
        scored = [(case, score(case.labels["case"], case.changes)) for case in cases]
        rows = [{**case.labels, "validation_accuracy": found} for case, found in scored if found is not None]
        return Sweep(recipe, "digits", ("case", "trial"), rows, [{}] * len(rows), [], [], how["out"])

    monkeypatch.setattr(tuning, "run_cases", run_cases)
    (one,) = divisions(["yi2022-taox", "ideal"], ["cristiano2018"], ["blind-pulses"], (), out="x")
    one.placed.plan.update(dataset=load_digits(), quiet=True)
    return tuning.tuned(one, 10), asked


def test_all_entries_have_the_same_budget_and_what_is_held_back_decides(monkeypatch):
    found, asked = trained(monkeypatch, lambda case, changes: 1 - abs(changes.get("training.rate", 0.01) - 0.04))
    for case in found:
        assert [labels["trial"] for labels, *_ in asked if labels["case"] == case] == list(range(10))
        assert found[case].best >= found[case].stands == pytest.approx(0.97)
        assert abs(found[case].changes["training.rate"] - 0.04) < 0.03
    assert all(
        seeds == 1 and overrides[-1] == "data.validation=239" for _, seeds, overrides in asked
    )  # a sixth of 1,437


def test_who_fails_at_once_is_tried_no_further_and_who_stands_best_is_left(monkeypatch):
    found, asked = trained(monkeypatch, lambda case, changes: None if case.startswith("ideal") else -len(changes))
    assert sum(labels["case"].startswith("ideal") for labels, *_ in asked) == 4
    assert found["ideal, blind-pulses"].best is None
    assert found["yi2022-taox, blind-pulses"].changes == {}


def test_the_sentences_name_the_best_the_front_and_who_is_of_no_use():
    rows = [ROW, ROW | {"device": "weak", "mean": 0.2, "learns": False, "front": False, "missing": "pulses up: no set"}]
    refused = [{"system": "shi2018", "device": "dead", "scheme": name, "why": "no steps."} for name in ("a", "b")]
    first, dead, weak, missing = sorted(sentences(rows, refused))
    assert first.startswith("Not all is priced: pulses up: no set.")
    assert dead.startswith(
        "cristiano2018: yi2022-taox by blind-pulses comes furthest, 90.00 ± 1.00 %, 97.0 % with ideal"
    )
    assert weak == "dead: no system can use it. shi2018: no steps."
    assert missing == "weak: learns in no system, by no scheme."
    assert refused_table(refused).texts == [["shi2018", "dead", "a, b", "no steps."]]
    assert [line[-1] for line in standings(rows).texts] == ["front", "not all priced"]


def test_the_table_sorts_by_numbers_with_their_range():
    table = whole_table([ROW])
    at = [column.key for column in table.columns].index("energy")
    assert table.texts[0][at] == "2 uJ (1 uJ to 30 uJ)"
    assert table.values[0][at] == 2e-6
    assert table.sorts


VOTES = """
from insitu.schemes import BlindPulses

class Mine(BlindPulses):
    \"\"\"Blind pulses by another name.\"\"\"
"""
DEVICE = """
import dataclasses
import insitu
device = dataclasses.replace(insitu.load("yi2022-taox"), step_up=2e-6)
"""


@pytest.mark.slow
def test_the_command_line_leaves_a_page_goes_on_where_it_was_and_each_row_can_be_repeated(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(DEVICE)
    (tmp_path / "votes.py").write_text(VOTES)
    command = ["league", "mine.py", "neurosim-stt-mram", "--system", "cristiano2018", "--scheme", "votes.py:Mine"]
    command += ["--scheme", "mixed-precision", "--seeds", "2", "--trials", "4", "--quick", "--examples", "300"]
    command += ["--set", "network.hidden=[8]"]
    app_of = get_command(app)
    app_of([*command, "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["failed"] == []
    mine = [row for row in told["rows"] if row["device"] == "mine"]
    assert {row["scheme"] for row in mine} == {"votes.py:Mine", "mixed-precision"}
    folder = tmp_path / "sweeps/league-quick"
    assert {"league.csv", "league.png", "report.html"} <= {path.name for path in folder.iterdir()}
    assert len(list(csv.DictReader((folder / "league.csv").open()))) == len(told["rows"])
    points = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("points/*.json"))
    app_of(command, standalone_mode=False)
    assert points == sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("points/*.json"))
    row = next(row for row in mine if row["scheme"] == "votes.py:Mine")
    capsys.readouterr()
    app_of([*shlex.split(row["command"])[1:], "--out", str(tmp_path / "again"), "--json"], standalone_mode=False)
    (repeated,) = json.loads(capsys.readouterr().out)["rows"]
    for key in ("mean", "sd", "pulses", "energy", "writes", "ideal"):
        assert repeated[key] == row[key]
    assert "How to repeat this" in pages.report([folder]).read_text()
