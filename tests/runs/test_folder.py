import os
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics import metrics_of

from insitu.errors import RunError
from insitu.runs import RunFolder, run_name
from insitu.runs.folder import require_free

MANIFEST = {"recipe": "tiny", "seed": 0, "random_stream": 1, "dataset": {"name": "digits", "sha256": "0"}}


def _create(out: Path, name: str = "one", **options) -> RunFolder:
    return RunFolder.create(out, name, {"seed": 3}, MANIFEST, **options)


def test_names_sort_by_time():
    assert run_name("shi2018", 0, datetime(2026, 11, 22, 15, 45, 1)) == "shi2018-20261122-154501-s0"


def test_a_new_folder_is_complete_and_opens_again(tmp_path):
    folder = _create(tmp_path / "deep" / "runs")
    assert sorted(path.name for path in folder.path.iterdir()) == ["manifest.json", "recipe.toml"]
    assert [path.name for path in folder.path.parent.iterdir()] == ["one"]
    again = RunFolder.open("one", tmp_path / "deep" / "runs")
    assert again == folder == RunFolder.open(folder.path)
    assert again.manifest == {"format": 1, **MANIFEST}
    assert again.read_toml("recipe.toml") == {"seed": 3}
    assert again.result is None


def test_a_taken_name_is_refused_and_left_alone(tmp_path):
    first = _create(tmp_path)
    first.write_json("result.json", {"accuracy": 1.0})
    with pytest.raises(RunError, match="exists already; choose another --name"):
        _create(tmp_path)
    assert first.result == {"accuracy": 1.0}
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_automatic_names_give_way(tmp_path):
    names = [_create(tmp_path, unique=True).path.name for _ in range(3)]
    assert names == ["one", "one-2", "one-3"]


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "/etc/x", "", ".", ".hidden", "a\\b", "C:x", " x", "a\0b"])
def test_a_name_that_would_leave_out_is_refused(tmp_path, name):
    with pytest.raises(RunError, match=r"it stays inside"):
        _create(tmp_path / "runs", name)
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=20))
def test_no_name_ever_leaves_out(name):
    out = Path("/some/runs")
    try:
        require_free(out, name)
    except RunError:
        return
    assert Path(os.path.normpath(out / name)).parent == out
    assert len(name.splitlines()) == 1


def test_an_unwritable_out_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="cannot be written"):
        _create(tmp_path / "file" / "runs")


def test_a_full_disk_while_creating_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="the disk is full"):
        _create(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (None, "not a run folder"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "its format is None"),
        ('{"format": 2}', "written by a newer insitu"),
    ],
)
def test_what_is_not_a_run_folder_is_refused(tmp_path, manifest, words):
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(RunError, match=words):
        RunFolder.open(tmp_path)
    with pytest.raises(RunError, match="no such run folder"):
        RunFolder.open("nothing", tmp_path)


DATA = MANIFEST["dataset"]


@pytest.mark.parametrize(
    "change",
    [
        *({"recipe": 3}, {"seed": []}, {"seed": True}, {"random_stream": "1"}, {"dataset": None}, {"code": []}),
        *({"dataset": DATA | {key: {}}} for key in ("name", "sha256")),
        {"dataset": DATA | {"data_dir": {"a": 1}}},
    ],
    ids=str,
)
def test_a_manifest_with_a_wrong_part_is_refused(tmp_path, change):
    folder = _create(tmp_path)
    assert folder.manifest
    folder.write_json("manifest.json", {"format": 1, **MANIFEST, **change})
    with pytest.raises(RunError, match="does not say recipe, seed"):
        folder.manifest


def test_a_manifest_that_lost_a_part_is_refused(tmp_path):
    folder = _create(tmp_path)
    folder.write_json("manifest.json", {"format": 1, "recipe": "tiny"})
    with pytest.raises(RunError, match="does not say recipe, seed"):
        folder.manifest


def test_metrics_are_rows_in_order(tmp_path):
    folder = _create(tmp_path)
    rows = [{"images": i, "accuracy": np.float64(i / 10)} for i in range(3)]
    for kept in (rows, rows[:1]):
        folder.write_metrics(kept)
        assert metrics_of(folder) == kept


def test_arrays_and_damaged_arrays(tmp_path):
    folder = _create(tmp_path)
    folder.write_npz("arrays.npz", {"weights": np.eye(3)})
    np.testing.assert_array_equal(folder.read_npz("arrays.npz")["weights"], np.eye(3))
    whole = (folder.path / "arrays.npz").read_bytes()
    (folder.path / "arrays.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RunError, match=r"arrays\.npz: damaged"):
        folder.read_npz("arrays.npz")
    with pytest.raises(RunError, match=r"other\.npz: not found"):
        folder.read_npz("other.npz")


def test_damaged_toml_is_a_sentence(tmp_path):
    folder = _create(tmp_path)
    (folder.path / "recipe.toml").write_text("seed = ")
    with pytest.raises(RunError, match=r"recipe\.toml: damaged"):
        folder.read_toml("recipe.toml")


def test_only_an_unused_folder_is_discarded(tmp_path):
    used, unused = _create(tmp_path, "used"), _create(tmp_path, "unused")
    used.write_metrics([{"a": 1}])
    for folder in (used, unused):
        folder.discard_if_unused()
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_the_figures_folder_is_made_on_first_use(tmp_path):
    folder = _create(tmp_path)
    assert not (folder.path / "figures").exists()
    assert folder.figures.is_dir()
    assert folder.figures == folder.path / "figures"


def test_no_figure_leaves_the_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "figures").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="figures: is a link, and nothing is written outside of a run folder"):
        RunFolder(tmp_path / "run").figures
