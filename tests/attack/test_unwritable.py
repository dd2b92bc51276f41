"""Folders that cannot be written and files that cannot be read, also where the tests run as root: one sentence each."""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from refusing import refused

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE / name) for name in ("attack", "datasets", "recipes")]

from idx_files import write_folder  # noqa: E402
from own_files import blobs, write_csv  # noqa: E402

from insitu.devices import library  # noqa: E402
from insitu.ledger import costset  # noqa: E402
from insitu.recipes import registry  # noqa: E402

_VERSION, _OVERRIDES = 0x20080522, 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of capabilities(7)


@pytest.fixture
def powerless() -> Iterator[None]:
    """Let permissions count for root too."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions are those of POSIX")
    if os.geteuid():
        yield
        return
    system = ctypes.CDLL(None, use_errno=True)
    head, sets = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    if system.capget(head, sets):
        pytest.skip("nothing is forbidden to root here")
    before = sets[0]
    sets[0] &= ~_OVERRIDES
    system.capset(head, sets)
    try:
        yield
    finally:
        sets[0] = before
        system.capset(head, sets)


@pytest.fixture
def insitu(command, monkeypatch, tmp_path, powerless):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(PermissionError):
        (tmp_path / "closed/x").write_text("")
    return command


VARY = ("--vary", "steps=1,2", "--workers", "1")
WRITING = [
    ("run", "tiny", "--out", "closed"),
    ("run", "tiny", "--seeds", "2", "--workers", "1", "--out", "closed"),
    ("sweep", "tiny", *VARY, "--out", "closed"),
    ("sweep", "tiny", *VARY, "--out", "closed/x"),
    ("ladder", "shi2018", "--quick", "--out", "closed/x"),
    ("requirements", "yi2022", "--quick", "--out", "closed/x"),
    ("tune", "shi2018", "--quick", "--out", "closed/x"),
    ("assess", "ideal", "--quick", "--out", "closed/x"),
    ("league", "ideal", "--quick", "--trials", "0", "--out", "closed/x"),
    ("matrix", "ideal", "--out", "closed/x.csv"),
    ("devices", "ideal", "--plot", "closed/x.png"),
    ("devices", "ideal", "--pulses", "closed/x.csv"),
]


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_a_folder_that_cannot_be_written(insitu, words):
    refused(insitu(*words), "closed", "cannot be written")


def test_a_run_whose_folder_was_closed(insitu, tmp_path):
    assert insitu("run", "tiny", "--name", "one")[0] == 0
    folder = tmp_path / "runs/one"
    folder.chmod(0o500)
    refused(insitu("report", "runs/one"), "cannot be written")
    folder.chmod(0o700)
    (folder / "result.json").unlink()
    folder.chmod(0o500)
    refused(insitu("run", "--resume", "one"), "cannot be written")


def test_a_cache_that_cannot_be_written(insitu, monkeypatch):
    monkeypatch.setenv("INSITU_CACHE", "closed/x")
    refused(insitu("run", "tiny"), "kernel cache", "INSITU_CACHE")


@pytest.mark.parametrize("file", ["manifest.json", "recipe.toml", "checkpoint.bin", "result.json", "metrics.jsonl", ""])
@pytest.mark.parametrize("words", [("run", "--resume", "one"), ("report", "runs/one")], ids=lambda words: words[0])
def test_a_run_that_cannot_be_read(insitu, tmp_path, file, words):
    assert insitu("run", "tiny", "--name", "one")[0] == 0
    if file == "checkpoint.bin":
        (tmp_path / "runs/one/result.json").unlink()
    (tmp_path / "runs/one" / file).chmod(0)
    code, _, err = insitu(*words, *(["--json"] if words[0] == "run" else []))
    (tmp_path / "runs/one").chmod(0o700)
    assert "Traceback" not in err
    assert code in (0, 2)
    assert (code == 2) == ("error: " in err)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "tiny", "--data", "mine.csv"),
        ("run", "tiny", "--data-dir", "data"),
        ("fit", "mine.csv"),
        ("costs", "mine.toml"),
        ("devices", "mine.toml"),
        ("devices", "mine.py"),
        ("run", "shi2018", "--device", "mine.toml"),
        ("run", "tiny", "--data", "images"),
    ],
    ids=" ".join,
)
def test_a_file_that_cannot_be_read(insitu, tmp_path, words):
    write_csv(tmp_path / "mine.csv", "a,b,c,d,label", *blobs()).chmod(0)
    for file, source in {"mine.toml": costset.__file__, "mine.py": library.__file__}.items():
        shutil.copyfile(source, tmp_path / file)
        (tmp_path / file).chmod(0)
    for path in (tmp_path / "data").iterdir():
        path.chmod(0)
    (tmp_path / "images/a").mkdir(parents=True)
    (tmp_path / "images/a").chmod(0)
    refused(insitu(*words), "read")
