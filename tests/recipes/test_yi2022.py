"""The second system end to end, as a user runs it, reduced in size."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from metrics import metrics_of
from refusing import refused

sys.path.insert(0, str(Path(__file__).parents[1] / "datasets"))

from idx_files import write_folder

from insitu.datasets import braille, load_digits
from insitu.recipes import registry, yi2022
from insitu.recipes.loading import resolve
from insitu.recipes.yi2022_images import shifted
from insitu.runs import RunFolder

METHODS = ("two_layer", "one_layer", "pseudo_inverse", "hebb", "maximum_likelihood", "backpropagation")
SMALL = ["two_layer.updates=150", "one_layer.updates=60", "data.examples=60"]
FIGURES = {"words", "energy", "training", "distortion", "conductances"}


def _run(insitu, *sets, name="run", extra=()):
    arguments = [part for item in (*SMALL, *sets) for part in ("--set", item)]
    code, out, err = insitu("run", "yi2022", "--json", "--name", name, *arguments, *extra)
    assert code == 0, err
    return json.loads(out)


@pytest.fixture
def insitu(command, monkeypatch):
    """Return the command line without any image data: words need none."""
    monkeypatch.setenv("INSITU_DATA", "nowhere")
    return command


@pytest.fixture
def _no_figures(monkeypatch):
    """Leave out what takes most of the time of a small run."""
    monkeypatch.setattr("insitu.reports.braille_figures.draw_all", lambda *_: None)
    monkeypatch.setattr("insitu.reports.spiking_figures.draw_all", lambda *_: None)


def test_the_file_and_the_fields_agree():
    assert resolve(yi2022.Recipe, registry.toml_text("yi2022")) == yi2022.Recipe()


def test_words_on_the_noisy_device(insitu):
    result = _run(insitu)
    assert set(result["recall"]) == set(METHODS)
    for key, found in result["recall"].items():
        assert list(found) == ["0.1", "0.2", "0.3"]
        assert all(0 <= value <= 1 for value in found.values())
        for p, value in found.items():
            assert result[f"accuracy_{key}_{p}"] == value
            assert value <= result["recall"]["maximum_likelihood"][p] + 0.02  # the same words for all methods
    assert result["recall"]["two_layer"]["0.2"] > 0.9
    for p, value in result["recall"]["one_layer"].items():  # ahead once it has learned all of its updates
        assert value > result["recall"]["pseudo_inverse"][p] - 0.05
    assert result["dataset"] == "braille"
    assert result["device"] == "yi2022-taox"
    assert result["words"] == list(braille.NAMES)
    assert result["tiles"] == 4
    assert result["cells"] == 2 * (61 * 32 + 33 * 9 + 60 * 60)
    folder = RunFolder.open(result["run"])
    arrays = folder.read_npz("arrays.npz")
    writes = sum(int(value.sum()) for key, value in arrays.items() if key.endswith("writes"))
    ledger = result["ledger"]
    first = 5 * result["cells"]  # the first weights are written too
    assert writes == result["pulses_up"] + result["pulses_down"] >= first
    for phases in ledger.values():
        assert phases["test"]["pulses_up"] == phases["test"]["pulses_down"] == 0
        assert phases["learning"]["reads"] > 0
    assert {path.stem for path in folder.figures.iterdir()} == FIGURES
    assert {row["network"] for row in metrics_of(folder)} == {"two_layer", "one_layer"}


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_equal_seeds_give_equal_results_and_resume_finds_the_words(insitu):
    timed = {"run", "train_seconds"}
    first, again, other = (_run(insitu, f"seed={s}", name=n) for s, n in ((1, "a"), (1, "b"), (2, "c")))
    assert {k: v for k, v in first.items() if k not in timed} == {k: v for k, v in again.items() if k not in timed}
    assert first["recall"] != other["recall"]
    (Path(again["run"]) / "result.json").unlink()
    code, out, err = insitu("run", "--resume", again["run"], "--json")
    assert code == 0, err
    assert json.loads(out)["recall"] == first["recall"]


@pytest.mark.parametrize(
    ("sets", "extra"),
    [
        (["array.weights=ideal"], ()),
        (["scheme.name=mixed-precision"], ()),
        pytest.param(*(["scheme.dead_band=1e-5"], ()), marks=pytest.mark.slow),
        (["two_layer.mode=coupled", "two_layer.updates=300"], ()),
        pytest.param(*(["scheme.name=mixed-precision"], ("--device", "shi2018-cbram")), marks=pytest.mark.slow),
        pytest.param(*(["one_layer.hysteresis=[-0.5, 0.5]"], ()), marks=pytest.mark.slow),
    ],
)
@pytest.mark.usefixtures("_no_figures")
def test_every_way_to_write_and_to_learn(insitu, sets, extra):
    recall = _run(insitu, *sets, extra=extra)["recall"]
    assert recall["two_layer"]["0.1"] > 0.9
    assert recall["one_layer"]["0.1"] > 0.9


@pytest.mark.usefixtures("_no_figures")
def test_closed_loop_on_another_device(insitu):
    found = _run(insitu, "two_layer.updates=60", "one_layer.updates=20", extra=("--device", "shi2018-cbram"))
    assert found["recall"]["two_layer"]["0.1"] > 0.9
    assert found["pulses_up"] + found["pulses_down"] > 10 * found["cells"]  # pulse by pulse


@pytest.mark.usefixtures("_no_figures")
def test_own_words_erased_cells_and_other_distortions(insitu):
    sets = ['data.words=["red","green","blue"]', "data.cells=6", "data.flips=[0.05]", "data.erased=1"]
    result = _run(insitu, *sets)
    assert result["words"] == ["red", "green", "blue"]
    assert list(result["recall"]["two_layer"]) == ["0.05"]
    assert result["recall"]["two_layer"]["0.05"] > 0.85


@pytest.mark.usefixtures("_no_figures")
def test_a_table_for_people(insitu):
    arguments = [part for item in SMALL for part in ("--set", item)]
    code, out, _ = insitu("run", "yi2022", *arguments)
    assert code == 0
    assert "yi2022 on braille, seed 0" in out
    assert "exact words, two layers, 10 % of the dots flipped" in " ".join(out.split())


@pytest.mark.parametrize("scheme", [pytest.param("write-verify", marks=pytest.mark.slow), "mixed-precision"])
def test_images(command, tmp_path, monkeypatch, scheme):
    digits = load_digits()
    images = [part.reshape(-1, *digits.shape) for part in (digits.train_images, digits.test_images)]
    parts = [images[0], digits.train_labels, images[1], digits.test_labels]
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "digits", parts)))
    sets = ["data.task=mnist", "images.hidden=[40]", "images.epochs=3", f"scheme.name={scheme}", "data.validation=200"]
    code, out, err = command("run", "yi2022", "--json", *[p for s in sets for p in ("--set", s)])
    assert code == 0, err
    result = json.loads(out)
    assert result["dataset"] == "idx"
    assert result["accuracy"] > 0.8
    assert result["validation_accuracy"] > 0.8
    assert result["settling_steps"] > 1
    folder = RunFolder.open(result["run"])
    assert {path.stem for path in folder.figures.iterdir()} == {"energy", "training", "conductances"}
    arrays = folder.read_npz("arrays.npz")
    assert result["pulses_up"] + result["pulses_down"] == arrays["0.writes"].sum() + arrays["1.writes"].sum()
    assert [row["epoch"] for row in metrics_of(folder)] == [1, 2, 3]
    assert result["tiles"] == 10 * 2 + 1


def test_shifted_images_are_the_same_images():
    images = np.arange(24, dtype=np.float32).reshape(2, 12)
    moved = [shifted(images, (3, 4), 1, 0, k) for k in range(40)]
    ways = {tuple(m.ravel()) for m in moved}
    assert len(ways) == 9
    assert all(np.array_equal(np.sort(m), np.sort(images)) for m in moved)
    assert shifted(images, (3, 4), 0, 0, 0) is images


def test_estimates_grow_with_the_work():
    recipe = resolve(yi2022.Recipe, registry.toml_text("yi2022"))
    longer = resolve(yi2022.Recipe, registry.toml_text("yi2022"), ["two_layer.updates=6000"])
    words = yi2022.own_data(recipe)
    assert 0 < yi2022.estimate_seconds(recipe, words) < yi2022.estimate_seconds(longer, words)
    images = resolve(yi2022.Recipe, registry.toml_text("yi2022"), ["data.task=mnist"])
    assert yi2022.own_data(images) is None
    assert yi2022.estimate_seconds(images, load_digits()) > 2


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (['data.words=["turing","hop-per"]'], ["'hop-per' has the character '-'", "a to z"]),
        (['data.words=["turing","turing"]'], ["'turing' is there 2 times"]),
        (['data.words=["hippopotamus"]'], ["12 letters", "10 cells", "raise data.cells"]),
        (["data.words=[]"], ["at least one word"]),
        (["data.flips=[0.1, 1.5]"], ["data.flips.1", "got 1.5", "at most 1"]),
        (["data.flips=[-0.1]"], ["data.flips.0", "at least 0"]),
        (["training.flips=[0.1, -0.4]"], ["training.flips.1", "at least 0"]),
        (["training.flips=[0.4, 0.1]"], ["flip: got 0.4 to 0.1", "lower probability first"]),
        (["one_layer.rate=-0.2"], ["one_layer.rate", "at least 0"]),
        (["data.erased=11"], ["erased: got 11", "0 to 10"]),
        (["two_layer.mode=nudged", "two_layer.beta=0.0"], ["beta: got 0", "without a nudge"]),
        (["two_layer.mode=centered"], ["two_layer.mode"]),
        (["one_layer.blocks=61"], ["only 60 units"]),
        (["scheme.name=guess"], ["scheme.name"]),
        (["array.device=yi2022-taxo"], ["did you mean 'yi2022-taox'"]),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_run(insitu, tmp_path, sets, words):
    arguments = [part for item in (*SMALL, *sets) for part in ("--set", item)]
    refused(insitu("run", "yi2022", *arguments), *words)
    assert not list(tmp_path.glob("runs/*"))


def test_a_sweep_brings_its_own_words(insitu, tmp_path):
    vary = ["--vary", "two_layer.hidden=8,16"]
    sets = [part for item in SMALL for part in ("--set", item)]
    code, out, err = insitu(
        "sweep", "yi2022", *vary, *sets, "--workers", "1", "--json", "--out", str(tmp_path / "sweep")
    )
    assert code == 0, err
    found = json.loads(out)
    assert found["dataset"] == "braille"
    assert len(found["rows"]) == 2


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_the_first_system_runs_on_the_second_device(command, tmp_path, monkeypatch):
    digits = load_digits()
    images = [part.reshape(-1, *digits.shape) for part in (digits.train_images, digits.test_images)]
    parts = [images[0], digits.train_labels, images[1], digits.test_labels]
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "digits", parts)))
    sets = ["network.neurons=40", "training.presentations=12000", "training.evaluations=0", "pruning.method=none"]
    arguments = [p for s in sets for p in ("--set", s)]
    code, out, err = command("run", "shi2018", "--json", "--device", "yi2022-taox", *arguments)
    assert code == 0, err
    assert json.loads(out)["accuracy"] > 0.6
