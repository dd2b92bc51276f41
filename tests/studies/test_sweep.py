"""The sweep on a recipe made for tests, which is quick and can be made to fail."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

RECIPES = Path(__file__).parents[1] / "recipes"
sys.path[:0] = [str(RECIPES), str(RECIPES.parent / "datasets")]

from idx_files import write_folder  # noqa: E402

from insitu.datasets import load_digits  # noqa: E402
from insitu.errors import InputError, RunError  # noqa: E402
from insitu.recipes import registry, shi2018  # noqa: E402
from insitu.recipes.loading import resolve  # noqa: E402
from insitu.runs import RunFolder  # noqa: E402
from insitu.runs.writing import plain  # noqa: E402
from insitu.studies import sweep  # noqa: E402

DIGITS = load_digits()
VARY = {"learning.rate": [0.25, 0.5], "steps": [2, 3]}


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Return a function that sweeps the tiny recipe in this process, without any output."""
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")

    def call(vary=VARY, **wishes):
        return sweep("tiny", vary, dataset=DIGITS, **{"out": tmp_path / "sweep", "seeds": 2, "workers": 1, **wishes})

    return call


def _executions(monkeypatch) -> list[dict]:
    """Return the list of all recipes that are executed from now on, as they are."""
    import tiny_recipe.tiny as module

    seen, original = [], module.execute

    def execute(recipe, dataset, session):
        seen.append({"rate": recipe.learning.rate, "steps": recipe.steps, "seed": recipe.seed, "session": session})
        return original(recipe, dataset, session)

    monkeypatch.setattr(module, "execute", execute)
    return seen


def test_every_combination_and_seed_is_one_row(tiny, tmp_path, monkeypatch):
    seen = _executions(monkeypatch)
    found = tiny(set=["seed=5"])
    places = [(r["learning.rate"], r["steps"], r["seed"]) for r in found.rows]
    assert places == [(a, s, seed) for a in (0.25, 0.5) for s in (2, 3) for seed in (5, 6)]
    assert all(row["pulses_up"] == 1000 * row["steps"] for row in found.rows)
    assert (found.failed, found.errors, found.fields) == ([], [], ("learning.rate", "steps"))
    assert [entry["seeds"] for entry in found.summary()] == [2, 2, 2, 2]
    assert json.loads((tmp_path / "sweep/rows.json").read_text()) == found.rows
    with open(tmp_path / "sweep/rows.csv", newline="") as file:
        assert [float(row["accuracy"]) for row in csv.DictReader(file)] == [row["accuracy"] for row in found.rows]
    record = json.loads((tmp_path / "sweep/sweep.json").read_text())
    assert record["vary"] == VARY
    assert record["seeds"] == [5, 6]
    assert record["dataset"] == {"name": "digits", "sha256": DIGITS.sha256}
    assert all(point["session"].result_only for point in seen)
    assert not any(point["session"].folder.path.exists() for point in seen)


def test_a_row_is_what_a_run_of_its_own_gives(tiny, tmp_path):
    from rich.console import Console

    from insitu.recipes.running import Job, execute

    row = tiny({"steps": [4]}, seeds=1).rows[0]
    table = {"seed": 0, "steps": 4, "learning": {"rate": 0.5}, "array": {"device": "ideal"}}
    job = Job("tiny", "tiny_recipe.tiny", table, DIGITS, RunFolder.create(tmp_path, "alone", {}, {}))
    assert execute(job, Console(quiet=True))["accuracy"] == row["accuracy"]


def test_the_same_call_again_does_only_what_is_missing(tiny, tmp_path, monkeypatch):
    seen = _executions(monkeypatch)
    first = tiny()
    assert len(seen) == 8
    victim = next((tmp_path / "sweep/points").iterdir())
    assert tiny().rows == first.rows
    assert len(seen) == 8
    more = tiny({"learning.rate": [0.25, 0.5], "steps": [2, 3, 4]}, seeds=3)
    assert len(seen) == 18
    assert [row for row in more.rows if row["steps"] < 4 and row["seed"] < 2] == first.rows
    victim.write_text(victim.read_text()[:-20])  # a damaged point is done anew
    assert tiny().rows == first.rows
    assert len(seen) == 19


def test_a_point_is_known_by_all_that_its_result_depends_on(tiny, tmp_path, monkeypatch):
    from dataclasses import replace

    seen = _executions(monkeypatch)
    wishes = {"vary": {"steps": [2]}, "seeds": 1}
    for count, changed in enumerate(
        (
            {},
            {"set": ["learning.noise_cv=0.1"]},
            {"dataset": replace(DIGITS, sha256="other")},
            {"set": ["array.device=mine.py"]},
        ),
        1,
    ):
        sweep("tiny", **{"dataset": DIGITS, "out": tmp_path / "s", "workers": 1, **wishes, **changed})
        assert len(seen) == count
    monkeypatch.chdir(tmp_path)
    for text in ("a", "b", "a"):
        Path("mine.py").write_text(text)  # the device of a user has changed
        sweep("tiny", **wishes, dataset=DIGITS, out=tmp_path / "s", workers=1, set=["array.device=mine.py"])
    assert len(seen) == 6
    monkeypatch.setattr("insitu.studies.point.__version__", "99")
    sweep("tiny", **wishes, dataset=DIGITS, out=tmp_path / "s", workers=1)
    assert len(seen) == 7


def test_the_result_is_tables_and_shows_itself(tiny):
    found = tiny({"learning.rate": np.array([0.25, 0.5]), "steps": np.arange(2, 4)}, quiet=True)
    assert found.table.to_dict("records") == found.rows
    assert found.table.shape[0] == 8
    groups = found.table.groupby(["learning.rate", "steps"], sort=False)["accuracy"]
    np.testing.assert_allclose(found.means["accuracy"], groups.mean())
    np.testing.assert_allclose(found.means["accuracy sd"], groups.std())
    assert found.means["steps"].tolist() == [2, 3, 2, 3]
    assert repr(found) == f"<sweep of tiny on digits: 8 points, in {found.folder}>"
    assert "tiny on digits: mean" in str(found)
    assert found._repr_html_().count("<tr") == 5
    assert json.loads(json.dumps(plain(found.as_dict())))["rows"] == found.rows
    found.raise_failures()


def test_data_and_folder_are_found_and_said(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    monkeypatch.chdir(tmp_path)
    found = sweep("tiny", {"steps": [2]}, device="gokmen2016-rpu", workers=1)
    assert found.folder == Path("sweeps/tiny")
    assert found.dataset == "idx"
    assert capsys.readouterr().err.startswith("Data: images in MNIST's file format")
    assert json.loads(Path("sweeps/tiny/sweep.json").read_text())["overrides"] == ['array.device="gokmen2016-rpu"']
    assert sweep("tiny", {"steps": [2]}, data_dir=tmp_path / "data", workers=1, quiet=True).dataset == "idx"
    assert "Data" not in capsys.readouterr().err


@pytest.mark.parametrize("trouble", ["input", "late input", "bug", "full"])
def test_a_failing_point_loses_no_other(tiny, trouble):
    found = tiny({"steps": [2], "trouble": ["none", trouble]}, set=["trouble_seed=1"])
    assert [(row["trouble"], row["seed"]) for row in found.rows] == [("none", 0), ("none", 1), (trouble, 0)]
    (failed,) = found.failed
    assert {key: failed[key] for key in ("steps", "trouble", "seed")} == {"steps": 2, "trouble": trouble, "seed": 1}
    assert failed["error"] == str(found.errors[0])
    with pytest.raises(RunError, match=f"1 of 4 points failed; steps=2, trouble={trouble}, seed=1: "):
        found.raise_failures()
    assert "1 failed" in repr(found)
    again = tiny({"steps": [2], "trouble": ["none", trouble]}, set=["trouble_seed=1"])
    assert again.rows == found.rows  # the failed one is tried again, the others are kept
    assert len(again.failed) == 1


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"vary": {"stops": [1]}}, "did you mean 'steps'"),
        ({"vary": {"steps": [2, 0]}}, "steps: got 0; it must be greater than 0"),
        ({"vary": {"steps": ["x"]}}, 'steps: got "x"'),
        ({"vary": {"steps.more": [1]}}, "'steps' is a single value and has no fields"),
        ({"vary": {"steps": []}}, "'steps' has no values"),
        ({"seeds": 0}, "seeds: got 0"),
        ({"seeds": 1.5}, "seeds: got 1.5"),
        ({"set": ["rate=1"]}, "did you mean 'learning.rate'"),
        ({"set": [f"seed={2**64 - 1}"]}, "seed: got"),
    ],
)
def test_nothing_is_started_before_everything_is_checked(tiny, tmp_path, wishes, words):
    with pytest.raises(InputError, match=words) as caught:
        tiny(**wishes)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_one_sentence(tiny, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"file.*cannot be written"):
        tiny(out=tmp_path / "file" / "sweep")


PROGRAM = """
import sys
from insitu.datasets import load_digits
from insitu.recipes import registry
from insitu.studies import sweep
registry.RECIPES["tiny"] = "tiny_recipe.tiny"
# no guard: the script of a user need not know that there are other processes
vary = {"trouble": ["none", "death"], "steps": [3, 4]} if sys.argv[2] == "death" else {"steps": [20, 21, 22, 23]}
overrides = ["trouble_seed=0", "pause=0.02"]
found = sweep("tiny", vary, dataset=load_digits(), out=sys.argv[1], set=overrides, workers=2)
print(len(found.rows), len(found.failed))
"""


def _program(out: Path, kind: str) -> subprocess.Popen:
    script = out.with_suffix(".py")
    script.write_text(PROGRAM)
    path = os.pathsep.join([str(RECIPES), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(script), str(out), kind]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_point_whose_process_dies_loses_no_other(tmp_path):
    out, _ = _program(tmp_path / "sweep", "death").communicate(timeout=60)
    assert out == "2 2\n"
    failed = json.loads((tmp_path / "sweep/sweep.json").read_text())["failed"]
    assert {entry["trouble"] for entry in failed} == {"death"}
    assert "a worker process was killed" in failed[0]["error"]


@pytest.mark.slow
def test_after_a_kill_the_same_command_does_the_rest(tmp_path):
    first = _program(tmp_path / "sweep", "kill")
    points = tmp_path / "sweep/points"
    while not points.is_dir() or not list(points.glob("*.json")):
        assert first.poll() is None
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    kept = {path: path.stat().st_mtime_ns for path in points.glob("*.json")}
    assert not (tmp_path / "sweep/rows.json").exists()
    out, _ = _program(tmp_path / "sweep", "kill").communicate(timeout=60)
    assert out == "4 0\n"
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    assert len(list(points.glob("*.json"))) == 4


@pytest.mark.slow
def test_shi2018_gives_the_same_numbers_with_and_without_its_pictures(tmp_path):
    from rich.console import Console

    from insitu.recipes.running import Job, execute

    small = ["network.neurons=10", "training.epochs=1", "training.presentations=1", "training.evaluations=2"]
    small += ["pruning.maturity=100", "wta.presentations=2"]
    (row,) = sweep(
        "shi2018", {"pruning.fraction": [0.5]}, dataset=DIGITS, out=tmp_path / "s", set=small, workers=1
    ).rows
    table = resolve(shi2018.Recipe, registry.toml_text("shi2018"), [*small, "pruning.fraction=0.5"]).model_dump(
        mode="json"
    )
    folder = RunFolder.create(tmp_path, "alone", {}, {})
    result = execute(Job("shi2018", "insitu.recipes.shi2018", table, DIGITS, folder), Console(quiet=True))
    for key in ("accuracy", "accuracy_vote", "pruned_fraction", "pulses_up", "pulses_down", "pulses_per_cell_max"):
        assert row[key] == result[key]
    assert row["ledger.learning.spikes_in"] == result["ledger"]["learning"]["spikes_in"]
    assert (folder.path / "arrays.npz").exists()


@pytest.mark.parametrize("recipe", registry.names())
def test_the_estimate_knows_of_wires_that_are_learned_behind_and_of_converters(recipe):
    def seconds(*overrides: str) -> float:
        found = registry.resolved(recipe, overrides)
        data = registry.data_of(recipe, found, lambda: DIGITS)
        return registry.estimate_seconds(registry.module_name(recipe), found, data)

    behind = ("chip.row_ohm=1", "chip.tile_rows=32", "chip.tile_columns=32")
    assert seconds() < seconds(*behind[:2], "chip.tile_columns=16") < seconds(*behind)
    assert seconds(*behind, 'chip.wires_act="after learning"') == seconds()
    assert seconds("chip.adc_bits=8") > seconds()


def test_the_estimate_of_shi2018_grows_with_the_work():
    def seconds(*overrides: str) -> float:
        return shi2018.estimate_seconds(resolve(shi2018.Recipe, registry.toml_text("shi2018"), overrides), DIGITS)

    usual = seconds()
    assert 1 < usual < 100
    for more in (
        "network.neurons=1000",
        "training.epochs=500",
        "wta.spikes=16",
        "wta.presentations=32",
        "array.encoding=pair",
    ):
        assert seconds(more) > usual
    assert seconds("stdp.every=4") < usual
    assert seconds("array.weights=digital", "array.bits=8") > seconds("array.weights=digital")
