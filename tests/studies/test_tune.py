"""Tuning: ranges as they are written, what decides, and a search that finds what it should and goes on where it was."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insitu import pages
from insitu.errors import InputError
from insitu.recipes import kept, registry
from insitu.studies import tune as tuning
from insitu.studies.over import Over, ranges
from insitu.studies.swept import Sweep

BASE = registry.resolved("cristiano2018", ["scheme.name=mixed-precision"])
optuna = pytest.importorskip("optuna")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("training.rate=0.001..0.1", Over("training.rate", (0.001, 0.1), listed=False)),
        ("scheme.burst=1..5", Over("scheme.burst", (1, 5), listed=False)),
        ("scheme.burst=1,5,31", Over("scheme.burst", (1, 5, 31), listed=True)),
        ("network.function=relu,tanh", Over("network.function", ("relu", "tanh"), listed=True)),
    ],
)
def test_ranges_are_read_as_they_are_written(text, wanted):
    assert ranges([text], {}, BASE) == [wanted]


def test_without_any_recipe_and_scheme_say_what_is_tuned():
    found = ranges((), {"training.rate": (0.001, 0.1)}, BASE)
    assert [one.field for one in found] == ["training.rate", "scheme.epsilon"]
    assert all(one.log for one in found)


def test_a_file_for_what_is_found_is_refused_before_a_trial(tmp_path):
    (tmp_path / "mine.toml").write_text("mine = 1\n")
    with pytest.raises(InputError, match=r"mine\.toml: "):
        tuning.tune("cristiano2018", trials=1, keep=tmp_path / "mine.toml", data="digits", out=tmp_path / "study")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ("training.rate", "field=low..high"),
        ("training.rate=", "field=low..high"),
        ("training.rate=0.1..0.1", "rises from one number to another"),
        ("training.rate=a..b", "rises from one number to another"),
        ("training.rate=0.1..inf", "rises from one number to another"),
        ("seed=1..5", "seeds are not tuned"),
        ("training.rate=0.1", "two values or more"),
        ("training.rate=0.1,0.1", "two values or more"),
        ("training.rat=0.1..0.2", "unknown field 'training.rat'"),
        ("scheme.gain=0.1..0.2", "unknown field 'scheme.gain'"),
    ],
)
def test_a_range_that_is_none_is_refused(over, words):
    with pytest.raises(InputError, match=words):
        ranges([over], {}, BASE)


def test_a_field_is_tuned_once():
    with pytest.raises(InputError, match="named twice"):
        ranges(["training.rate=0.1..0.2", "training.rate=1,2"], {}, BASE)


@given(st.floats(1e-6, 1e3), st.floats(1.01, 1e4), st.integers(0, 2**31))
def test_what_is_suggested_lies_in_the_range(low, ratio, seed):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    one = Over("x", (low, low * ratio), listed=False)
    assert low <= one.suggest(study.ask()) <= low * ratio


def test_what_decides_is_held_back():
    assert tuning.held_back("", BASE, 600) == ["data.validation=100"]
    held = registry.resolved("cristiano2018", ["data.validation=50"])
    assert tuning.held_back("", held, 600) == []
    assert tuning.held_back("accuracy_two_layer_0.2", BASE, 600) == ["seed=1000"]


def searched(monkeypatch, tmp_path, trials, of=lambda x: -((np.log10(x) + 2) ** 2)):
    """Search a field with a known best, 0.01, without training anything."""
    seen = []

    def run_cases(recipe, cases, **_):
        rows = [{"trial": case.labels["trial"], "key": of(case.changes.get("training.rate", 0.05))} for case in cases]
        seen[:] = [case.changes for case in cases]
        return Sweep(recipe, "digits", ("trial",), rows, [{}] * len(rows), [], [], tmp_path)

    monkeypatch.setattr(tuning, "run_cases", run_cases)
    base = SimpleNamespace(training=SimpleNamespace(rate=0.05))
    axes = [Over("training.rate", (1e-4, 1.0), listed=False)]
    rows, _ = tuning._search("cristiano2018", axes, trials, "key", {}, base, {})
    return rows, seen


def test_the_search_begins_with_the_recipe_and_comes_near_the_best(monkeypatch, tmp_path):
    rows, changes = searched(monkeypatch, tmp_path, 40)
    assert changes[0] == {}
    assert rows[0]["training.rate"] == 0.05
    best = max(rows, key=lambda row: row["mean"])
    assert 0.005 < best["training.rate"] < 0.02
    assert len(rows) == 40


def test_a_longer_search_begins_as_a_shorter_one(monkeypatch, tmp_path):
    short, _ = searched(monkeypatch, tmp_path, 8)
    longer, _ = searched(monkeypatch, tmp_path, 20)
    assert longer[:8] == short


@pytest.mark.slow
def test_the_command_line_leaves_table_figure_and_page(tmp_path, monkeypatch, capsys):
    from insitu.cli import app

    monkeypatch.chdir(tmp_path)
    small = ["--set", "network.hidden=[8]", "--set", "training.epochs=1"]
    keep = ["--keep", "kept.toml"]
    app.app(["tune", "cristiano2018", "--quick", "--trials", "5", *small, *keep, "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert len(told["trials"]) == 5
    assert told["of"] == "validation_accuracy"
    (folder,) = (tmp_path / "sweeps").iterdir()
    assert {"tune.csv", "tune.json", "tune.png"} <= {path.name for path in folder.iterdir()}
    assert "Trial 0 is the recipe as it stands" in pages.report([folder]).read_text()
    (one,) = kept.read("kept.toml")
    assert one.best == told["best"]["mean"]
    assert one.where["network.hidden"] == [8]
    assert one.trials == 5
    assert not {"training.epochs", "training.rate", "data.validation"} & one.where.keys()
    assert one.fields in ({}, {field: pytest.approx(told["best"][field], rel=1e-3) for field in told["fields"]})
    assert one.command.startswith("insitu tune cristiano2018 --set ")
    assert one.command.endswith(" --data digits --trials 5")
    app.app(["tune", "cristiano2018", "--quick", "--trials", "5", *small, *keep], standalone_mode=False)
    command = "".join(capsys.readouterr().out.split()).partition("insituruncristiano2018")[2]
    for field in told["fields"] if told["best"]["trial"] else ():
        assert command.count(f"{field}=") == 1  # what was found alone, not what it began with too
