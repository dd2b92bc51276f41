"""A person's own data on the command line: every recipe learns from each form, answers by name, and goes on."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from refusing import refused

sys.path.insert(0, str(Path(__file__).parents[1] / "datasets"))

from own_files import blobs, write_csv, write_images

import insitu
from insitu.datasets import from_arrays
from insitu.errors import InputError

SMALL = {
    "shi2018": ("network.neurons=20", "training.presentations=2000", "training.evaluations=1"),
    "cristiano2018": ("network.hidden=[12]", "training.epochs=30", "training.decay=0.99", "training.twin=false"),
    "yi2022": ("images.hidden=[16]", "images.epochs=60", "images.rate=0.1"),
}
X, Y = blobs(each=40)


@pytest.fixture(autouse=True)
def _own(tmp_path, monkeypatch):
    """The data in the working folder; MNIST's folder is not asked."""
    monkeypatch.setenv("INSITU_DATA", "nowhere")
    write_csv(tmp_path / "table.csv", "p,q,r,s,kind", X, Y)
    np.savez(tmp_path / "rows.npz", X=X, y=Y * 5)
    write_images(tmp_path / "mine", each=30)


def _run(command, recipe, data, *more):
    sets = [part for item in SMALL[recipe] for part in ("--set", item)]
    code, out, err = command("run", recipe, "--data", data, "--json", *sets, *more)
    assert code == 0, err
    return json.loads(out), err


TABLE = ("table.csv", "table.csv", X[:30], np.array(list("abc"))[Y[:30]])
ROWS = ("rows.npz", "rows.npz", X[:30], 5 * Y[:30])
IMAGES = ("mine", "mine/", np.full((2, 6, 6, 3), [[[[200]]], [[[40]]]], np.uint8), ["bright", "dark"])


@pytest.mark.parametrize(
    ("recipe", "form"),
    [
        ("yi2022", IMAGES),
        *(
            pytest.param(recipe, form, marks=pytest.mark.slow)
            for recipe, form in (
                ("shi2018", TABLE),
                ("shi2018", IMAGES),
                ("cristiano2018", IMAGES),
                ("yi2022", TABLE),
                ("cristiano2018", TABLE),
                ("cristiano2018", ROWS),
            )
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else one[0],
)
def test_every_recipe_learns_from_every_form_and_answers_by_name(command, recipe, form):
    data, name, new, answers = form
    result, err = _run(command, recipe, data)
    assert result["dataset"] == name
    assert result["accuracy"] > 0.8  # chance is 1/3, or 1/2
    assert err.splitlines()[0].startswith(f"Data: {name} (")
    assert "scaled to its range in the training part" in err or "bytes as they are" in err
    model = insitu.open_run(result["run"]).model
    assert (model.predict(new) == np.array(answers)).mean() > 0.8
    figures = {path.stem for path in (Path(result["run"]) / "figures").glob("*.png")}
    assert ("receptive_fields" in figures) == (recipe == "shi2018" and data == "mine")
    assert len(figures) > 1


@pytest.fixture
def _no_figures(monkeypatch):
    """Leave out what takes most of the time of a small run."""
    monkeypatch.setattr("insitu.reports.perceptron_figures.draw_all", lambda *_: None)


@pytest.mark.usefixtures("_no_figures")
def test_a_finished_run_refuses_rows_of_another_table(command):
    result, _ = _run(command, "cristiano2018", "table.csv")
    model = insitu.open_run(result["run"]).model
    for wrong, words in ((X[:, 1:], "got 3 features; allowed are 4"), (X * np.nan, "NaN"), ([["a"]], "got <U1")):
        with pytest.raises(InputError, match=words):
            model.predict(wrong)


@pytest.mark.usefixtures("_no_figures")
def test_a_run_goes_on_with_the_data_it_began_with(command, tmp_path, monkeypatch):
    whole, _ = _run(command, "cristiano2018", "table.csv#kind", "--name", "whole")
    folder = tmp_path / "runs" / "whole"
    manifest = json.loads((folder / "manifest.json").read_text())["dataset"]
    assert manifest["data"] == f"{tmp_path / 'table.csv'}#kind"
    assert manifest["names"] == ["a", "b", "c"]
    (folder / "result.json").unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, out, err = command("run", "--resume", str(folder), "--json")
    assert code == 0, err
    assert json.loads(out)["accuracy"] == whole["accuracy"]
    (folder / "result.json").unlink()
    write_csv(tmp_path / "table.csv", "p,q,r,s,kind", X + Y[:, None], Y)
    refused(command("run", "--resume", str(folder)), "the run used the data set table.csv", "--data")


SWEEP = ["sweep", "cristiano2018", "--vary", "training.epochs=1", "--set", "network.hidden=[4]", "--workers", "1"]
LADDER = ["ladder", "yi2022", "--seeds", "1", "--epochs", "1", "--set", "images.hidden=[4]"]


@pytest.mark.parametrize("arguments", [SWEEP, pytest.param(LADDER, marks=pytest.mark.slow)], ids=lambda one: one[0])
def test_sweeps_and_studies_take_it_too(command, arguments):
    code, out, err = command(*arguments, "--data", "mine", "--json")
    assert code == 0, err
    assert json.loads(out)["dataset"] == "mine/"
    assert "Data: mine/ (48 to train on and 12 to test" in err


@pytest.mark.usefixtures("_no_figures")
def test_python_takes_a_data_set(tmp_path):
    dataset = from_arrays("blobs", X, np.array(["u", "v", "w"])[Y], seed=3)
    run = insitu.run("cristiano2018", data=dataset, set=list(SMALL["cristiano2018"]), out=tmp_path, quiet=True)
    assert run.dataset == "blobs"
    assert set(run.model.predict(X)) == {"u", "v", "w"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "shi2018", "--data", "nothing.csv"], "no such file, folder or name"),
        (["run", "shi2018", "--data", "table.csv#p"], "column 'kind' holds text"),
        (["run", "shi2018", "--data", "table.csv", "--data-dir", "mine"], "cannot be given together"),
        (
            ["run", "yi2022", "--data", "table.csv", "--set", "data.task=braille"],
            "yi2022, as it is set, brings its own data",
        ),
        (["run", "shi2018", "--data", "table.csv", "--set", "data.validation=96"], "data.validation: got 96"),
        (["sweep", "shi2018", "--vary", "seed=1", "--data", "x", "--data-dir", "y"], "seeds are not varied"),
        (["sweep", "shi2018", "--vary", "network.neurons=2", "--data", "mine/dark"], "holds no folder of images"),
        (["ladder", "shi2018", "--quick", "--data", "table.csv"], "--data cannot be given too"),
        (["requirements", "shi2018", "--data", "no.npz"], "no such file"),
        (["tiles", "shi2018", "--data", "no.npz"], "no such file"),
        (["wires", "shi2018", "--data", "no.npz"], "no such file"),
        (
            ["run", "shi2018", "--data", "table.csv", "--set", "data.coding=population", "--set", "data.threshold=2"],
            "data.threshold: has no effect here",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_code_2(command, tmp_path, arguments, words):
    refused(command(*arguments), words)
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())
