"""Folders that cannot be written, that two processes want, that are links; and a clock that goes backwards."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from refusing import refused

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE / name) for name in ("attack", "datasets", "recipes")]

from idx_files import write_folder  # noqa: E402
from systems import TINY, System, limited  # noqa: E402

from insitu.recipes import registry  # noqa: E402
from insitu.runs import RunFolder  # noqa: E402

NAMES = ["..", "../x", "a/b", "/etc/x", "~", "~nobody/x", "a\\b", "\n", "a\nb", "-x", "con", "x" * 300, "[red]x", "{x}"]


@pytest.fixture
def insitu(command, monkeypatch, tmp_path):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    return command


@pytest.mark.parametrize("words", [["run", "tiny"], ["sweep", "tiny", "--vary", "steps=1,2", "--workers", "1"]])
@pytest.mark.parametrize("place", ["file", "file/below", "/proc/insitu", "\udcff/x"])
def test_an_impossible_place(insitu, tmp_path, words, place):
    (tmp_path / "file").write_text("")
    code, out, err = insitu(*words, "--out", place)
    if code == 0:  # a name of any bytes is a name
        return
    refused((code, out, err), "cannot be written")


@pytest.mark.parametrize("name", NAMES)
def test_names_that_leave_folders(insitu, tmp_path, name):
    before = {path.name for path in tmp_path.parent.iterdir()}
    code, _, err = insitu("run", "tiny", "--name", name, "--json")
    assert code in (0, 2), err
    assert "Traceback" not in err
    assert {path.name for path in tmp_path.parent.iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} <= {"data", "runs"}
    assert all(path.parent.name == "runs" for path in tmp_path.glob("runs/*"))
    assert (code == 0) == any(RunFolder(path).result for path in tmp_path.glob("runs/*"))


@pytest.mark.parametrize("name", ["~nobody-of-this-name/x", "\0", "x" * 5000, "data\n", "file"])
def test_data_in_a_place_that_is_none(insitu, tmp_path, name):
    (tmp_path / "file").write_text("")
    refused(insitu("run", "tiny", "--data-dir", name))
    assert not (tmp_path / "runs").exists()


def test_two_processes_and_one_folder(insitu, tmp_path):
    """The second is told; a resume while the first is at work is told too; and the first loses nothing."""
    start = ("run", "tiny", "--name", "one", "--set", "steps=150", "--set", "pause=0.02")
    first = System(start, "runs/one", program=("-c", TINY)).process(tmp_path)
    while not (tmp_path / "runs/one/checkpoint.bin").exists():
        assert first.poll() is None, first.stderr.read()
    refused(insitu("run", "tiny", "--name", "one"), "exists already")
    refused(insitu("run", "--resume", "one"), "carried out by another process")
    first.send_signal(signal.SIGINT)
    assert "to go on" in first.communicate(timeout=20)[1]
    assert first.returncode == 130
    assert insitu("run", "--resume", "one", "--json")[0] == 0


@pytest.mark.parametrize("file", ["recipe.toml", "manifest.json", "checkpoint.bin", "metrics.jsonl", "result.json"])
def test_a_link_in_a_run_folder_is_not_written_through(insitu, tmp_path, file):
    assert insitu("run", "tiny", "--name", "one")[0] == 0
    folder, other = tmp_path / "runs/one", tmp_path / "precious"
    (folder / file).rename(other)
    before = other.read_bytes()
    (folder / file).symlink_to(other)
    (folder / "result.json").unlink(missing_ok=True)
    code, _, err = insitu("run", "--resume", "one", "--json")
    assert code in (0, 2)
    assert "Traceback" not in err
    assert other.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero"])
@pytest.mark.parametrize(
    "words",
    [["costs", "FILE.toml"], ["devices", "FILE.toml"], ["matrix", "ideal", "--out", "FILE"]],
    ids=lambda words: words[0],
)
def test_no_file_is_waited_for_for_ever(insitu, tmp_path, kind, words):
    name = next(word for word in words if word.startswith("FILE"))
    os.mkfifo(tmp_path / name) if kind == "pipe" else (tmp_path / name).symlink_to(kind)
    with limited():
        refused(insitu(*words))


def test_a_clock_set_back_changes_nothing(insitu, tmp_path, monkeypatch):
    import time

    assert insitu("run", "tiny", "--name", "one")[0] == 0
    now = [2e9]

    def back() -> float:
        now[0] -= 1000.0
        return now[0]

    monkeypatch.setattr(time, "time", back)
    assert insitu("run", "tiny", "--name", "two")[0] == 0
    assert insitu("sweep", "tiny", "--vary", "steps=1,2", "--workers", "1", "--out", "s")[0] == 0
    one, two = (RunFolder(tmp_path / "runs" / name).read_npz("arrays.npz") for name in ("one", "two"))
    np.testing.assert_array_equal(one["state"], two["state"])
