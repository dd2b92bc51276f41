"""``--then-age``: tests after storage stand beside the result, and change nothing else of a run."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from undrawn import undrawn

from insitu.errors import InputError
from insitu.recipes import accounts, registry
from insitu.recipes.storage import require_storable, times
from insitu.runs import RunFolder

SMALL = {
    "shi2018": (
        "network.neurons=8",
        "training.presentations=1437",
        "training.epochs=1",
        "wta.presentations=1",
        "wta.spikes=3",
    ),
    "cristiano2018": ("network.hidden=[6]", "training.epochs=1", "training.twin=false"),
    "words": ("two_layer.updates=4", "one_layer.updates=4", "data.examples=10"),
    "images": ("data.task=mnist", "images.hidden=[6]", "images.epochs=1"),
}
KEYS = {
    "shi2018": {"accuracy", "accuracy_vote"},
    "words": {f"accuracy_{key}_layer_{flip}" for key in ("two", "one") for flip in (0.1, 0.2, 0.3)},
}
LATER = ("--then-age", "1e8,1e-6", "--then-age", "1e4")


@given(st.lists(st.floats(1e-12, 1e18), max_size=5))
def test_times_are_in_order_each_once_however_they_are_given(found):
    assert times(",".join(map(repr, found)) if found else ()) == times(found) == tuple(sorted(set(found)))


@pytest.mark.parametrize("wrong", ["x", "1,,2", "-1", 0, float("nan"), [1.0, None], True])
def test_what_is_no_time_is_one_sentence(wrong):
    with pytest.raises(InputError, match="--then-age: got"):
        times(wrong)


@pytest.mark.parametrize(
    ("recipe", "sets", "name"),
    [
        ("shi2018", (), "shi2018-cbram"),
        ("yi2022", ("array.device=nandakumar2018-pcm", "array.weights=ideal"), "nandakumar2018-pcm"),
        ("cristiano2018", ("msp.drift=off", "lsp.leak=off"), "ambrogio2018-pcm and ambrogio2018-3t1c"),
        ("cristiano2018", ("cell.parts=msp", "msp.drift=off"), "ambrogio2018-pcm"),
    ],
)
def test_devices_without_time_are_refused_before_anything_runs(recipe, sets, name):
    with pytest.raises(InputError, match=f"--then-age: {name} would hold for ever"):
        require_storable(recipe, registry.resolved(recipe, sets))


@pytest.fixture
def insitu(command, monkeypatch, tmp_path):
    """The command line on the embedded digits, drawing nothing but what is tested."""
    undrawn(monkeypatch)
    monkeypatch.setattr("insitu.datasets.find", lambda *_: __import__("insitu").datasets.load_digits())
    monkeypatch.delenv("INSITU_DATA", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code, out, err = command("run", *arguments)
        assert code == 0, err
        return out

    return run


def untimed(result):
    return {key: value for key, value in result.items() if "second" not in key and key not in ("run", "storage")}


def arguments(which):
    recipe = which if which in ("shi2018", "cristiano2018") else "yi2022"
    device = () if recipe == "cristiano2018" else ("--device", "nandakumar2018-pcm")
    return [recipe, "--json", *device, *(part for item in SMALL[which] for part in ("--set", item))]


@pytest.mark.parametrize("which", SMALL)
def test_every_recipe_is_tested_after_storage(insitu, which):
    result = json.loads(insitu(*arguments(which), *LATER))
    assert [row["seconds"] for row in result["storage"]] == [1e-6, 1e4, 1e8]
    first, *_, last = ({key: row[key] for key in row if key != "seconds"} for row in result["storage"])
    before = {key: result[key] for key in KEYS.get(which, {"accuracy"})}
    if which == "cristiano2018":  # weights are carried up before, and are not all the same afterwards
        assert first["accuracy"] == pytest.approx(before["accuracy"], abs=0.1)
    else:
        assert first == before  # a microsecond changes no answer
    assert last != first


def test_at_once_or_later_it_says_the_same_and_changes_nothing_else(insitu):
    plain = json.loads(insitu(*arguments("words"), "--name", "plain"))
    stored = json.loads(insitu(*arguments("words"), "--name", "stored", *LATER))
    assert untimed(stored) == untimed(plain)
    kept = [RunFolder.open(f"runs/{name}").read_npz("arrays.npz") for name in ("plain", "stored")]
    for name, array in kept[0].items():
        np.testing.assert_array_equal(array, kept[1][name])
    afterwards = json.loads(insitu("--resume", "plain", "--json", *LATER))
    assert {key: value for key, value in afterwards.items() if key != "storage"} == plain
    assert afterwards["storage"] == stored["storage"]
    shown = insitu("--resume", "plain")
    assert "After storage, without learning" in shown
    assert "10,000 s" in shown
    page = Path("runs/plain/report.html").read_text()
    assert "After storage" in page
    assert "What stored cells still know" in page


def test_a_run_that_was_stopped_remembers_what_is_to_be_tested(insitu, monkeypatch):
    monkeypatch.setattr("insitu.recipes.yi2022_words.relaxing", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        insitu(*arguments("words"), "--name", "half", "--then-age", "1e4")
    monkeypatch.setattr("insitu.recipes.yi2022_words.relaxing", accounts.relaxing)
    found = json.loads(insitu("--resume", "half", "--json"))
    assert [row["seconds"] for row in found["storage"]] == [1e4]
