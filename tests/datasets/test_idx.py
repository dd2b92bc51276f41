import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from idx_files import idx

from insitu.datasets.idx import read_idx, read_labels
from insitu.errors import DataError

IMAGES = arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, max_side=6))


@given(images=IMAGES, packed=st.booleans())
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_back(tmp_path_factory, images, packed):
    path = tmp_path_factory.mktemp("idx") / "images"
    path.write_bytes(gzip.compress(idx(images)) if packed else idx(images))
    found = read_idx(path, 3)
    np.testing.assert_array_equal(found, images)
    assert found.dtype == np.uint8
    assert found.flags.writeable
    assert found.flags.c_contiguous


@given(images=IMAGES, cut=st.integers(1, 400), packed=st.booleans())
@settings(max_examples=50, deadline=None)
def test_a_truncated_file_is_refused(tmp_path_factory, images, cut, packed):
    path = tmp_path_factory.mktemp("idx") / "images"
    whole = gzip.compress(idx(images)) if packed else idx(images)
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    with pytest.raises(DataError, match=r"truncated|begins with|bytes"):
        read_idx(path, 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds 0 bytes"),
        (b"<html>not found</html>", "begins with 0x3c68746d"),
        (idx(np.zeros((2, 3, 3))) + b"x", "too long"),
        (idx(np.zeros((2, 3, 3)))[:-1], "truncated: its header says 2 x 3 x 3 = 18 bytes, 17 follow"),
        (idx(np.zeros((0, 3, 3))), "holds no data"),
        (idx(np.zeros(40)), "IDX images begin with 0x00000803"),
        (b"\x1f\x8b\x08rubbish", "gzip file is truncated or damaged"),
    ],
)
def test_wrong_content_is_named(tmp_path, content, words):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_idx(path, 3)


def test_no_more_is_unpacked_than_the_header_says(tmp_path):
    """A small packed file may hold gigabytes, or claim to."""
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(idx(np.zeros((2, 3, 3))) + bytes(30_000_000)))
    tracemalloc.start()
    with pytest.raises(DataError, match="too long: its header says 2 x 3 x 3 = 18 bytes, more follow"):
        read_idx(path, 3)
    path.write_bytes(gzip.compress(b"\0\0\x08\x03" + b"\0\0\x40\0" * 3))
    with pytest.raises(DataError, match=r"16384 x 16384 x 16384 bytes, and more than 536,870,912 are not read"):
        read_idx(path, 3)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "nothing", 3)


def test_labels_beyond_nine_are_refused(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(idx(np.array([1, 2, 10, 3])))
    with pytest.raises(DataError, match="label 10 at position 2; labels are 0 to 9"):
        read_labels(path)
