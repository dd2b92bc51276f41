import errno
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, integer_dtypes

from insitu.errors import RunError
from insitu.runs import writing
from insitu.runs.writing import atomic_write, disk_errors, pack_npz, plain, to_json, unpack_npz

ARRAYS = st.dictionaries(
    st.text("abcxyz_", min_size=1, max_size=5),
    st.one_of(
        arrays(np.float64, array_shapes(max_dims=3, max_side=4)),
        arrays(integer_dtypes(), array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
        arrays(np.bool_, (3,)),
    ),
    max_size=4,
)


@pytest.mark.parametrize("content", [(b"bytes",), ("text",), (b"one ", "by one")])
def test_content_of_every_kind_arrives(tmp_path, content):
    atomic_write(tmp_path / "file", *content)
    assert (tmp_path / "file").read_bytes() in (b"bytes", b"text", b"one by one")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_failing_writer_leaves_the_old_file_and_no_litter(tmp_path):
    atomic_write(tmp_path / "file", b"old")

    class Interrupted(str):
        def encode(self, **_):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "file", b"half of the new", Interrupted())
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_planted_link_is_not_followed(tmp_path, monkeypatch):
    """Temporary names cannot be guessed; and if one could, what it leads to is not written."""
    (tmp_path / "victim").write_text("precious")
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    os.symlink(tmp_path / "victim", tmp_path / ".page.html.guessed.tmp")
    with pytest.raises(RunError, match=r"page\.html: cannot be written"):
        atomic_write(tmp_path / "page.html", "new")
    monkeypatch.undo()
    os.symlink(tmp_path / "victim", tmp_path / "page.html")
    atomic_write(tmp_path / "page.html", "new")
    assert (tmp_path / "victim").read_text() == "precious"
    assert (tmp_path / "page.html").read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_what_is_no_file_is_neither_waited_for_nor_read_for_ever(tmp_path):
    os.mkfifo(tmp_path / "result.json")
    os.symlink("/dev/zero", tmp_path / "recipe.toml")
    for read, name in ((writing.read_json, "result.json"), (writing.read_toml, "recipe.toml")):
        with pytest.raises(RunError, match=rf"{name}: cannot be read, it is no file"):
            read(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_really_full_disk(tmp_path):
    with pytest.raises(RunError, match="the disk is full"), disk_errors(tmp_path), open("/dev/full", "wb", 0) as full:
        full.write(b"x")


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "the disk is full; free some space"), (errno.EACCES, "choose another folder with --out")],
)
def test_a_refusing_system_becomes_a_sentence(tmp_path, monkeypatch, code, words):
    atomic_write(tmp_path / "file", b"old")

    def refuse(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(writing.os, "fsync", refuse)
    with pytest.raises(RunError, match=words):
        atomic_write(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_not_there_becomes_a_sentence(tmp_path):
    with pytest.raises(RunError, match="cannot be written"):
        atomic_write(tmp_path / "no" / "file", b"x")


def test_disk_errors_lets_bugs_and_own_errors_through(tmp_path):
    for error in (FileNotFoundError(errno.ENOENT, "gone"), RunError("mine"), ZeroDivisionError()):
        with pytest.raises(type(error)) as caught, disk_errors(tmp_path):
            raise error
        assert caught.value is error


@given(ARRAYS)
@settings(max_examples=50, deadline=None)
def test_arrays_come_back_bit_for_bit(given_arrays):
    packed = pack_npz(given_arrays)
    found = unpack_npz(packed, Path("file"))
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
    assert pack_npz(given_arrays) == packed


def test_arrays_open_in_plain_numpy(tmp_path):
    (tmp_path / "a.npz").write_bytes(pack_npz({"file": np.arange(3)}))
    with np.load(tmp_path / "a.npz") as archive:
        np.testing.assert_array_equal(archive["file"], [0, 1, 2])


def test_objects_are_never_pickled():
    with pytest.raises(ValueError, match="allow_pickle"):
        pack_npz({"a": np.array([{}], dtype=object)})


def test_pickled_arrays_are_never_read(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([{}], dtype=object))
    with pytest.raises(RunError, match="damaged"):
        unpack_npz((tmp_path / "a.npz").read_bytes(), Path("a.npz"))


def test_json_knows_numpy_paths_and_no_nan():
    value = {"a": np.float32(0.5), "b": np.arange(3), "c": (math.nan, math.inf, 1), "d": Path("x"), "e": np.True_}
    assert json.loads(to_json(value)) == {"a": 0.5, "b": [0, 1, 2], "c": [None, None, 1], "d": "x", "e": True}
    assert plain(np.int64(3)) == 3
    assert type(plain(np.int64(3))) is int
