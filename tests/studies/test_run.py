"""``insitu.run`` and what it returns, on the recipe made for tests: the same as the command line, from Python."""

import json
import os
import statistics
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE / "datasets"), str(HERE / "recipes"), str(HERE / "pages")]

from idx_files import write_folder  # noqa: E402
from page_runs import make_run  # noqa: E402

import insitu  # noqa: E402
from insitu.errors import InputError, RunError  # noqa: E402
from insitu.recipes import loading, registry, running  # noqa: E402
from insitu.studies.opened import OpenedRun, Runs  # noqa: E402
from insitu.studies.run import resume  # noqa: E402


@pytest.fixture(autouse=True)
def _around(monkeypatch, tmp_path):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    monkeypatch.chdir(tmp_path)


def test_a_run_gives_accuracy_table_and_folder():
    found = insitu.run("tiny", set={"steps": 4, "learning": {"rate": 0.25}}, seed=3, seeds=1, out="mine", quiet=True)
    assert isinstance(found, OpenedRun)
    state = found.folder.read_npz("arrays.npz")["state"]
    assert found.accuracy == found.result["accuracy"] == state.mean() / 255
    assert (found.recipe, found.seed) == ("tiny", 3)
    assert found.settings["learning"]["rate"] == 0.25
    assert found.table.loc["pulses_up", "value"] == 4000
    assert found.folder.path.parent == Path("mine")
    assert found.as_dict() == found.folder.result
    again = insitu.open_run(found.folder.path.name, out="mine")
    assert again == found
    assert insitu.open_run(found) == found  # a run is a path too


def test_it_is_what_the_command_line_does(command):
    theirs = ("run", "tiny", "--set", "steps=3", "--device", "ideal", "--seed", "1", "--name", "theirs", "--json")
    printed = json.loads(command(*theirs)[1])
    ours = insitu.run("tiny", set={"steps": 3}, device="ideal", seed=1, name="ours", quiet=True).as_dict()
    assert printed | {"run": ""} == ours | {"run": ""}
    assert Path("runs/theirs/recipe.toml").read_text() == Path("runs/ours/recipe.toml").read_text()


def test_several_seeds_are_a_sequence_of_runs():
    found = insitu.run("tiny", seeds=np.int64(3), seed=5, workers=1, quiet=True)
    assert isinstance(found, Runs)
    assert [one.seed for one in found] == found.table["seed"].tolist() == [5, 6, 7]
    assert found.accuracy == statistics.fmean(one.accuracy for one in found)
    assert found.table["accuracy"].tolist() == [one.accuracy for one in found]
    assert [one.result["accuracy"] for one in found[1:]] == found.table["accuracy"].tolist()[1:]
    assert found.folders == [one.folder.path for one in found]
    assert found.as_dict()["mean"]["accuracy"] == found.accuracy
    found.raise_failures()


def test_a_seed_that_fails_is_listed_and_loses_no_other():
    found = insitu.run("tiny", set={"trouble": "bug", "trouble_seed": 1}, seeds=2, workers=1, quiet=True)
    assert [one.seed for one in found] == [0]
    assert [failed["seed"] for failed in found.failed] == [1]
    assert isinstance(found.errors[0], ZeroDivisionError)
    assert "1 failed" in repr(found)
    with pytest.raises(RunError, match="1 of 2 seeds failed; seed 1: a bug"):
        found.raise_failures()
    with pytest.raises(ZeroDivisionError):
        insitu.run("tiny", set={"trouble": "bug"}, quiet=True)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"recipe": "tny"}, "did you mean 'tiny'"),
        ({"set": {"stepps": 3}}, "did you mean 'steps'"),
        ({"set": {"steps": "many"}}, 'steps: got "many"'),
        ({"set": {"learning": 3}}, "learning: got 3; it is a table"),
        ({"set": {"learning.rate": float("nan")}}, "learning.rate: got NaN"),
        ({"set": {"learning.rate": None}}, "learning.rate: got "),
        ({"set": "steps"}, "write it as key=value"),
        ({"seed": -1}, "seed: got -1"),
        ({"seeds": 0}, "seeds: got 0; allowed is a whole number from 1 to 10000"),
        ({"seeds": 1.5}, "seeds: got 1.5"),
        ({"workers": 0}, "workers: got 0"),
        ({"device": 3}, "device: got 3; allowed is str or PathLike or Device"),
        ({"quick": True}, "tiny has no short form"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(wishes, words):
    with pytest.raises(InputError, match=words) as told:
        insitu.run(**{"recipe": "tiny", "quiet": True} | wishes)
    assert "\n" not in str(told.value)
    assert not Path("runs").exists()


def test_it_says_what_it_does_unless_it_is_to_be_quiet(capsys):
    insitu.run("tiny", quiet=True)
    shown = capsys.readouterr()
    assert shown.err == ""
    insitu.run("tiny", seeds=2, workers=1)
    err = capsys.readouterr().err
    assert err.startswith("Data: images in MNIST's file format")
    assert "Seed 1 finished" in err


def test_ctrl_c_says_how_to_go_on_and_resume_goes_on(monkeypatch, capsys):
    whole = insitu.run("tiny", quiet=True)
    execute = running.carry_out

    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "carry_out", stopped)
    with pytest.raises(KeyboardInterrupt):
        insitu.run("tiny", name="half")
    assert "Stopped; to go on: insitu run --resume runs/half" in capsys.readouterr().err
    monkeypatch.setattr(running, "carry_out", execute)
    assert resume("half", quiet=True).accuracy == whole.accuracy
    assert resume(whole).result == whole.result
    assert "is finished" in capsys.readouterr().err


def test_a_run_shows_itself(tmp_path):
    one = insitu.open_run(make_run(tmp_path).path)
    assert repr(one) == f"<run {one.folder.path}: shi2018 on MNIST, seed 0, accuracy 93.00 %>"
    assert "test images named correctly" in str(one)
    assert "93.00 %" in str(one)
    assert one.table.loc["accuracy", "what"] == "test images named correctly"
    assert os.fspath(one) == str(one.folder.path)
    words = insitu.open_run(make_run(tmp_path, "yi2022").path)
    assert words.accuracy == words.result["accuracy_two_layer_0.2"]


def test_several_runs_show_themselves(tmp_path):
    folders = [make_run(tmp_path, seed=seed, accuracy=accuracy) for seed, accuracy in ((0, 0.9), (1, 0.94))]
    runs = Runs.of("shi2018", [insitu.open_run(one.path).as_dict() for one in folders], [0, 1])
    assert repr(runs) == "<2 runs of shi2018, mean accuracy 92.00 %>"
    assert "2 seeds" in str(runs)
    assert "92.00 %" in runs._repr_html_()
    assert "<script" not in runs._repr_html_()
    assert runs.as_runs() is runs
    assert runs[0].as_runs()[0] == runs[0]


DEVICE = "import insitu\ndevice = insitu.load('ideal')\n"


def test_a_copied_run_executes_nothing_that_was_not_trusted(tmp_path, monkeypatch, command):
    """And what it was trusted as: a device file that changed since is no longer what the run began with."""
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "mine.py"
    file.write_text(DEVICE)
    began = insitu.run("tiny", device="mine.py", set={"steps": 3}, quiet=True)
    assert began.folder.manifest["code"].keys() == {str(file)}
    (began.folder.path / "result.json").unlink()
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "elsewhere"))
    code, _, err = command("run", "--resume", str(began.folder.path))
    assert code == 2
    assert f"its recipe executes {file}, which has not been used here as it is now" in err
    with pytest.raises(RunError, match="its recipe executes"):
        began.model
    assert command("run", "--resume", str(began.folder.path), "--trust")[0] == 0
    (began.folder.path / "result.json").unlink()
    file.write_text(DEVICE + "# changed")
    with pytest.raises(RunError, match=r"mine\.py has changed since the run began"):
        resume(began.folder.path, quiet=True)


def test_a_file_is_named_by_its_full_path(tmp_path):
    (tmp_path / "mine.py").write_text(DEVICE)
    for recipe, field in (("shi2018", "array.device"), ("cristiano2018", "msp.device"), ("yi2022", "array.device")):
        made = registry.load_module(registry.module_name(recipe)).Recipe
        found = loading.resolve(made, registry.toml_text(recipe), [f"{field}=mine.py"])
        table, _, name = field.partition(".")
        assert getattr(getattr(found, table), name) == str(tmp_path / "mine.py")


def test_a_run_that_another_process_carries_out_is_left_to_it():
    began = insitu.run("tiny", set={"steps": 3}, quiet=True).folder
    (began.path / "result.json").unlink()
    with began.locked(), pytest.raises(RunError, match="is being carried out by another process"):
        resume(began.path, quiet=True)
    assert resume(began.path, quiet=True).accuracy


def test_a_run_of_another_version_says_so(capsys):
    began = insitu.run("tiny", set={"steps": 3}, quiet=True).folder
    (began.path / "result.json").unlink()
    manifest = began.manifest
    began.write_json("manifest.json", manifest | {"versions": manifest["versions"] | {"numpy": "1.0"}})
    resume(began.path)
    assert "Warning: the run began with numpy 1.0 (now " in capsys.readouterr().err


def test_a_finished_run_gets_the_page_that_a_kill_kept_from_it():
    page = insitu.run("tiny", set={"steps": 3}, quiet=True).folder.path / "report.html"
    page.unlink()
    resume(page.parent, quiet=True)
    assert page.is_file()


def test_a_stop_between_result_and_page_says_how_to_get_the_page(monkeypatch, capsys):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("insitu.studies.run.write_page", stop)
    with pytest.raises(KeyboardInterrupt):
        insitu.run("tiny", set={"steps": 3}, name="one")
    assert "to go on: insitu run --resume runs/one" in capsys.readouterr().err
