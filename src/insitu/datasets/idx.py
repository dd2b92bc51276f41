"""The IDX file format of MNIST: a magic number, the dimensions, then bytes; plain or gzip.

Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", section "File formats".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insitu.errors import DataError

_UINT8 = 0x08  #: the type code of unsigned bytes, third byte of the magic number


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the array of unsigned bytes in one IDX file.

    Parameters
    ----------
    path : the file, plain or gzip (told apart by content, not by name).
    dimensions : 3 for images (n, height, width), 1 for labels (n,).

    Raises
    ------
    DataError : the file cannot be read, is truncated, too long, empty, or of another type.
    """
    raw = _unpacked(path)
    header = 4 + 4 * dimensions
    if len(raw) < header:
        raise DataError(
            f"{path}: holds {len(raw)} bytes, less than the {header} of an IDX header; the file is truncated"
        )
    expected = struct.pack(">HBB", 0, _UINT8, dimensions)
    if raw[:4] != expected:
        kind = "images" if dimensions == 3 else "labels"
        raise DataError(f"{path}: begins with 0x{raw[:4].hex()}, but IDX {kind} begin with 0x{expected.hex()}")
    shape = struct.unpack(f">{dimensions}I", raw[4:header])
    size = math.prod(shape)
    if not size:
        raise DataError(f"{path}: its header says {_times(shape)} bytes, so it holds no data")
    if len(raw) - header != size:
        fault = "truncated" if len(raw) - header < size else "too long"
        raise DataError(
            f"{path}: the file is {fault}: its header says {_times(shape)} = {size} bytes, {len(raw) - header} follow"
        )
    # a bytearray, so that the array is writable: compiled kernels treat read-only arrays as another type
    return np.frombuffer(bytearray(raw), np.uint8, offset=header).reshape(shape)


def read_labels(path: Path, classes: int = 10) -> NDArray[np.uint8]:
    """Return the (n,) labels of an IDX file; DataError if one is not in 0..classes-1."""
    labels = read_idx(path, 1)
    if labels.max() >= classes:
        where = int(np.argmax(labels >= classes))
        raise DataError(f"{path}: label {labels[where]} at position {where}; labels are 0 to {classes - 1}")
    return labels


def _unpacked(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: the gzip file is truncated or damaged ({error})") from error


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
