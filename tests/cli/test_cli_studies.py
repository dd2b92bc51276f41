"""``insitu ladder`` and ``insitu requirements`` as a user meets them: small networks on the embedded digits."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from refusing import refused

from insitu.datasets import load_digits
from insitu.studies.tables import tables

SMALL = ("--quick", "--epochs", "1", "--set", "network.hidden=[16]", "--workers", "1")
LADDER = ("ladder", "cristiano2018", *SMALL)
REQUIREMENTS = ("requirements", "cristiano2018", *SMALL)
RUNGS = list(tables("cristiano2018").rungs)


@pytest.fixture
def insitu(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    return command


@pytest.fixture
def _few_digits(monkeypatch):
    """A third of the digits is enough to name some: what a study does with its runs is not theirs to decide."""
    digits = load_digits()
    train = {name: getattr(digits, name)[:600] for name in ("train_images", "train_labels")}
    test = {name: getattr(digits, name)[:120] for name in ("test_images", "test_labels")}
    monkeypatch.setattr("insitu.datasets.find", lambda *_, **__: replace(digits, **train, **test))


def _rows(path: str) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("_few_digits")
def test_the_ladder_leaves_table_and_figure_and_goes_on(insitu):
    code, out, err = insitu(*LADDER, "--seeds", "2", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert [rung["rung"] for rung in found["rungs"]] == RUNGS
    assert found["rungs"][0]["difference"] == 0
    assert all(rung["seeds"] == 2 and 0.1 < rung["mean"] < 1 for rung in found["rungs"])
    folder = Path(found["folder"])
    assert folder == Path("sweeps/cristiano2018-ladder-quick")
    assert (folder / "ladder.png").read_bytes().startswith(b"\x89PNG")
    assert [float(row["mean"]) for row in _rows(folder / "ladder.csv")] == [rung["mean"] for rung in found["rungs"]]
    assert len(_rows(folder / "rows.csv")) == 2 * len(RUNGS)
    code, out, err = insitu(*LADDER, "--seeds", "2")
    assert code == 0
    assert "nothing is left to do" in err
    assert "a trial that says nothing about the paper" in " ".join(out.split())
    assert all(rung in out for rung in RUNGS)


@pytest.mark.slow
def test_the_first_rung_is_the_floating_point_twin_and_the_last_the_recipe(insitu):
    sets = ("--set", "seed=3", "--set", "chip.output_noise=0.1", "--set", "lsp.c2c=0.6")  # the twin has none of these
    found = json.loads(insitu(*LADDER, *sets, "--seeds", "1", "--json")[1])
    mean = {rung["rung"]: rung["mean"] for rung in found["rungs"]}
    quick = [f"{key}={json.dumps(value)}" for key, value in tables("cristiano2018").quick.items()]
    options = [part for item in (*quick, "training.epochs=1", "network.hidden=[16]") for part in ("--set", item)]
    run = json.loads(insitu("run", "cristiano2018", *options, *sets, "--json")[1])
    assert mean["floating point"] == run["float_accuracy"]
    assert mean["all"] == run["accuracy"]


@pytest.mark.parametrize(
    ("recipe", "sets", "first"),
    [
        ("yi2022", ("two_layer.updates=4", "data.examples=10", "data.flips=[0.1]"), "words named correctly by two layers"),
        pytest.param("yi2022", ("data.task=mnist", "images.epochs=1"), "test images", marks=pytest.mark.slow),
        pytest.param("shi2018", ("network.neurons=10", "training.epochs=1"), "test images", marks=pytest.mark.slow),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_the_other_recipes_have_both_studies(insitu, recipe, sets, first):
    options = ("--quick", "--seeds", "1", "--workers", "1", *(part for one in sets for part in ("--set", one)))
    code, out, err = insitu("ladder", recipe, *options)
    assert code == 0, err
    assert first in " ".join(out.split())
    assert all(rung.split()[0] in out for rung in tables(recipe).rungs)
    code, out, err = insitu("requirements", recipe, *options, "--only", "chip.adc", "--json")
    assert code == 0, err
    assert len(json.loads(out)["factors"][0]["difference"]) == len(json.loads(out)["factors"][0]["values"])


WORDS = (
    "yi2022",
    "--seeds",
    "1",
    "--workers",
    "1",
    *("--set", "two_layer.updates=60", "--set", "one_layer.updates=2", "--set", "data.examples=40"),
)


@pytest.mark.slow
def test_how_large_a_tile_may_be(insitu):
    options = ("--sizes", "8,64", "--ohms", "1,300", "--bits", "8", "--quick", "--json")
    code, out, err = insitu("tiles", *WORDS, *options)
    assert code == 0, err
    found = json.loads(out)
    folder = Path(found["folder"])
    assert (folder / "tiles.png").read_bytes().startswith(b"\x89PNG")
    points = {(row["ohm"], row["bits"], row["tile"]): row for row in found["tiles"]}
    assert points.keys() == {(ohm, bits, size) for ohm, bits in ((1, None), (300, None), (1, 8)) for size in (8, 64)}
    assert points[300, None, 8]["mean"] > points[300, None, 64]["mean"]  # wires lose more in large tiles ...
    assert (
        points[1, 8, 8]["converters"] > 2 * points[1, 8, 64]["converters"]
    )  # ... and small ones are converted oftener
    code, out, _ = insitu("tiles", *WORDS, *options[:-1])
    assert code == 0
    assert (
        "With converters, the cheapest that loses at most 1 point: " in " ".join(out.split()) or "all of these" in out
    )
    code, _, err = insitu("report", str(folder))
    assert code == 0, err
    assert "Energy of learning, ADC behind wires of 1 ohm" in (folder / "report.html").read_text()


@pytest.mark.slow
def test_learning_around_wires(insitu):
    code, out, err = insitu("wires", *WORDS, "--ohms", "30", "--quick", "--json")
    assert code == 0, err
    found = json.loads(out)
    ideal, *rows = found["wires"]
    assert ideal["ohm"] is None
    ways = {(row["ohm"], row["behind"], row["gains"]): row["difference"] for row in rows}
    assert len(ways) == 4
    after, gained, behind, both = (ways[30.0, *way] for way in ((0, 0), (0, 1), (1, 0), (1, 1)))
    assert after < -0.1
    assert gained > after + 0.1
    assert both > behind + 0.1
    folder = Path(found["folder"])
    assert (folder / "wires.png").read_bytes().startswith(b"\x89PNG")
    code, _, err = insitu("report", str(folder))
    assert code == 0, err
    assert "Learned behind, column gains (%)" in (folder / "report.html").read_text()


@pytest.mark.slow
def test_requirements_of_some_factors(insitu):
    options = ("--only", "LSP.c2c", "--only", "F.smaller", "--seeds", "1")
    code, out, err = insitu(*REQUIREMENTS, *options, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert [factor["factor"] for factor in found["factors"]] == ["LSP.c2c", "F.smaller"]
    first = found["factors"][0]
    assert first["values"] == [0.0, 0.3, 0.6, 1.0, 2.0, 3.0]
    assert len(first["difference"]) == len(first["standard_error"]) == 6
    folder = Path(found["folder"])
    assert (folder / "requirements.png").read_bytes().startswith(b"\x89PNG")
    assert {row["factor"] for row in _rows(folder / "rows.csv")} == {"ideal", "recipe", "LSP.c2c", "F.smaller"}
    assert "11 points" in err  # ideal, recipe, 6 and 4, of which one is the recipe
    rows = {(row["factor"], row["value"]): float(row["accuracy"]) for row in _rows(folder / "rows.csv")}
    assert first["difference"][0] == pytest.approx(rows["LSP.c2c", "0.0"] - rows["ideal", "0.0"])
    assert rows["F.smaller", "4.0"] == rows["recipe", "0.0"]  # the same run
    code, out, err = insitu(*REQUIREMENTS, *options, "--against", "recipe", "--loss", "50")
    assert code == 0
    assert "nothing is left to do" in err
    assert "never from 4 to 1" in out
    assert "The recipe as it stands against floating point: " in out


@pytest.mark.slow
def test_alone_switches_all_other_imperfections_off(insitu):
    found = {}
    for how in ((), ("--alone",)):
        code, out, err = insitu(*REQUIREMENTS, "--only", "MSP.range_cv", "--seeds", "1", "--json", *how)
        assert code == 0, err
        found[how] = json.loads(out)["factors"][0]["difference"]
    assert found[()] != found[("--alone",)]


BAD = [
    (["ladder"], "Missing argument"),
    (["ladder", "cristiano2081"], "did you mean 'cristiano2018'"),
    (["requirements", "yi2022", "--only", "increments.c3c"], "did you mean 'increments.c2c'"),
    (["requirements", "shi2018", "--set", "array.weights=ideal", "--only", "c2c"], "array.c2c: has no effect here"),
    ([*LADDER, "--seeds", "0"], "--seeds"),
    ([*LADDER, "--set", "lsp.c3c=1"], "did you mean 'lsp.c2c'"),
    ([*LADDER, "--data-dir", "somewhere"], "--data-dir cannot be given too"),
    (["ladder", "cristiano2018", "--data-dir", "nowhere"], "no such folder"),
    ([*REQUIREMENTS, "--only", "LSP.c3c"], "did you mean 'LSP.c2c'"),
    ([*REQUIREMENTS, "--loss", "-1"], "--loss: got -1.0 points; allowed is a number from 0 to 100 points"),
    ([*REQUIREMENTS, "--against", "paper"], "allowed is 'ideal' or 'recipe'"),
    ([*REQUIREMENTS, "--set", "transfer.every=off"], "transfer.every: is off"),
    (["tiles", "yi2022", "--sizes", "8,a"], "--sizes: got '8,a'; allowed are whole numbers with commas between them"),
    (["tiles", "yi2022", "--sizes", "8,8"], "sizes: got 8, 8; allowed is each value once"),
    (["tiles", "yi2022", "--bits", "1"], "bits: got 1"),
    (["tiles", "yi2022", "--ohms=-1"], "ohms: got -1"),
    (["wires", "yi2022", "--ohms", "0"], "ohms: got 0"),
    (["wires", "yi2022", "--tile", "0"], "--tile"),
    ([*LADDER, "--set", "training.epochs=1"], "training.epochs: is given by --epochs, and by --set"),
]
PASSES = ["tune", "cristiano2018", "--quick", "--over", "training.epochs=1..3"]
TWICE = [
    ([*PASSES, "--epochs", "1"], "training.epochs: is given by --over, and by --epochs too"),
]


@pytest.mark.parametrize(("arguments", "words"), TWICE)
def test_what_is_tuned_has_no_value(insitu, arguments, words):
    pytest.importorskip("optuna")
    refused(insitu(*arguments), words)
    assert not Path("sweeps").exists()


STUDIES = [
    *(["ladder", "cristiano2018"], ["requirements", "yi2022"], ["tiles", "yi2022"], ["wires", "yi2022"]),
    *(["tune", "yi2022"], ["assess", "ideal"], ["energy", "yi2022"]),
    ["sweep", "yi2022", "--vary", "network.signal=spikes"],
    ["league", "ideal", "--trials", "0"],
]


@pytest.mark.parametrize("study", STUDIES, ids=lambda one: one[0])
def test_no_study_writes_into_the_folder_of_a_run(insitu, tmp_path, study):
    run = tmp_path / "run"
    run.mkdir()
    (run / "manifest.json").write_text("{}")
    refused(insitu(*study, "--quick", "--out", "run"), "--out: run is the folder of a run")
    assert [one.name for one in run.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(insitu, arguments, words):
    refused(insitu(*arguments), words)
    assert not Path("sweeps").exists()


@pytest.mark.usefixtures("_few_digits")
def test_failed_points_are_told_and_lose_no_other(insitu):
    code, out, err = insitu(*LADDER, "--seeds", "1", "--set", "msp.device=ideal", "--json")  # written blind in one rung
    assert code == 2
    assert "blind transfer, seed=0: closed_loop.blind: ConstantStep has no RESET" in err.splitlines()[-1]
    assert [rung["rung"] for rung in json.loads(out)["rungs"]] == [rung for rung in RUNGS if "blind" not in rung]
