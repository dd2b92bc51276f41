"""``insitu sweep`` as a user meets it, on the recipe made for tests."""

import json
import sys
from pathlib import Path

import pytest
from refusing import refused

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE / "datasets"), str(HERE / "recipes")]

from idx_files import write_folder  # noqa: E402

from insitu.recipes import registry  # noqa: E402

SWEEP = ("sweep", "tiny", "--vary", "steps=2,3", "--seeds", "2", "--workers", "1", "--out", "sweep")


@pytest.fixture
def insitu(command, monkeypatch, tmp_path):
    """Return the command line, with what these tests want around it."""
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    monkeypatch.setenv("COLUMNS", "100")
    return command


def test_one_object_with_rows_and_their_mean_and_spread(insitu):
    code, out, err = insitu(*SWEEP, "--vary", "learning.rate=0.25,0.5", "--set", "seed=3", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["recipe"], found["dataset"], found["folder"], found["failed"]) == ("tiny", "idx", "sweep", [])
    assert [(row["steps"], row["learning.rate"], row["seed"]) for row in found["rows"]] == [
        (steps, rate, seed) for steps in (2, 3) for rate in (0.25, 0.5) for seed in (3, 4)
    ]
    assert found["summary"][0]["mean"]["pulses_up"] == 2000
    assert json.loads(Path("sweep/rows.json").read_text()) == found["rows"]
    assert "8 points; 8 to do, 1 at a time" in err
    assert "chatter on standard output" in err
    assert json.loads(insitu(*SWEEP, "--vary", "learning.rate=0.25,0.5", "--set", "seed=3", "--json")[1]) == found


def test_without_json_there_is_a_table_of_means(insitu):
    code, out, _ = insitu(*SWEEP)
    assert code == 0
    assert "tiny on idx: mean ± sample standard deviation over the seeds" in " ".join(out.split())
    assert next(line.split() for line in out.splitlines() if line.split()[:1] == ["3"])[-1] == "3,000"
    assert "All numbers, one row a point: sweep/rows.csv" in out
    assert "nothing is left to do" in insitu(*SWEEP)[2]
    alone = insitu(*SWEEP[:4], "--out", "one")[1]
    assert "tiny on idx: one seed" in alone
    assert "±" not in alone  # a single seed has no spread


def test_fields_that_change_together(insitu):
    found = json.loads(insitu("sweep", "tiny", "--vary", "steps+learning.rate=2+0.5,3+0.25", "--out", "s", "--json")[1])
    assert [(row["steps"], row["learning.rate"]) for row in found["rows"]] == [(2, 0.5), (3, 0.25)]


def test_schemes_with_fields_of_their_own(insitu):
    small = ("cell.parts=lsp", "network.hidden=[4]", "training.epochs=1")
    options = ("--workers", "1", "--json", *(part for item in small for part in ("--set", item)))
    code, out, err = insitu("sweep", "cristiano2018", "--vary", "scheme.name=blind-pulses,exact", *options)
    assert code == 0, err
    blind, exact = json.loads(out)["rows"]
    assert blind["pulses_per_image"] > 0 == exact["pulses_per_image"]


def test_the_folder_has_a_default(insitu):
    assert insitu(*SWEEP[:-2])[0] == 0
    assert Path("sweeps/tiny/rows.csv").exists()


@pytest.mark.parametrize("trouble", ["input", "bug"])
def test_a_failing_point_is_reported_and_loses_no_other(insitu, trouble):
    code, out, err = insitu(*SWEEP, "--vary", f"trouble=none,{trouble}", "--set", "trouble_seed=1", "--json")
    assert code == 2
    found = json.loads(out)
    assert len(found["rows"]) == 6
    assert [(failed["steps"], failed["seed"]) for failed in found["failed"]] == [(2, 1), (3, 1)]
    assert err.splitlines()[-1].startswith(f"error: 2 of 8 points failed; steps=2, trouble={trouble}, seed=1: ")
    assert ("ZeroDivisionError" in err) == (trouble == "bug")


def test_ctrl_c_says_how_to_go_on(insitu, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("insitu.studies.executors.run_point", stopped)
    code, out, err = insitu(*SWEEP)
    assert (code, out) == (130, "")
    assert "finished are in sweep, the same command goes on" in err


BAD = [
    (["sweep"], "Missing argument"),
    (["sweep", "tiny", "--out", "s"], "Missing option '--vary'"),
    (["sweep", "tny", "--vary", "steps=2", "--out", "s"], "did you mean 'tiny'"),
    (["sweep", "tiny", "--vary", "steps", "--out", "s"], "write it as key=value1,value2"),
    (["sweep", "tiny", "--vary", "stepps=2", "--out", "s"], "did you mean 'steps'"),
    (["sweep", "tiny", "--vary", "steps=0", "--out", "s"], "steps: got 0"),
    (["sweep", "tiny", "--vary", "seed=1,2", "--out", "s"], "use --seeds"),
    (["sweep", "tiny", "--vary", "steps=2", "--seeds", "0", "--out", "s"], "--seeds"),
    (["sweep", "tiny", "--vary", "steps=2", "--set", "rate=1", "--out", "s"], "did you mean 'learning.rate'"),
    (["sweep", "tiny", "--vary", "steps=2", "--data-dir", "nowhere", "--out", "s"], "no such folder"),
    (["sweep", "tiny", "--vary", "steps=2", "--out", "data/train-images-idx3-ubyte.gz"], "cannot be written"),
    (["sweep", "tiny", "--vary", "trouble=full", "--out", "s"], "the disk is full"),
    ([*SWEEP, "--set", " steps =2"], "steps: is given by --vary, and by --set"),
    (
        ["sweep", "tiny", "--vary", "steps=2", "--workers", "2", "--cluster", "tcp://a:1"],
        "--workers: got 2; the cluster at tcp://a:1 has its own",
    ),
    (
        ["sweep", "yi2022", "--vary", "array.device=ideal", "--device", "ideal"],
        "array.device: is given by --vary, and by --device",
    ),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(insitu, arguments, words):
    refused(insitu(*arguments), words)
