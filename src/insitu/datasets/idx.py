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
_LARGEST = 2**29  #: bytes of a file, unpacked: 500 MB, as much as 680,000 images of MNIST


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the array of unsigned bytes in one IDX file.

    Parameters
    ----------
    path : the file, plain or gzip (told apart by content, not by name).
    dimensions : 3 for images (n, height, width), 4 with colours, 2 for rows of a table, 1 for labels (n,).

    Raises
    ------
    DataError : the file cannot be read, is truncated, too long, empty, or of another type.
    """
    try:
        with open(path, "rb") as packed:
            is_gzip = packed.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_gzip else open(path, "rb") as file:
            shape = _shape(path, file.read(4 + 4 * dimensions), dimensions)
            data = bytearray(file.read(math.prod(shape) + 1))  # no more is unpacked, however much is packed
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path}: the gzip file is truncated or damaged ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    size, says = math.prod(shape), f"its header says {_times(shape)} = {math.prod(shape)} bytes"
    if len(data) > size:
        raise DataError(f"{path}: the file is too long: {says}, more follow")
    if len(data) < size:
        raise DataError(f"{path}: the file is truncated: {says}, {len(data)} follow")
    # a bytearray, so that the array is writable: compiled kernels treat read-only arrays as another type
    return np.frombuffer(data, np.uint8).reshape(shape)


def _shape(path: Path, head: bytes, dimensions: int) -> tuple[int, ...]:
    """Return the shape that a header tells; DataError if it is none, or of nothing or too much."""
    if len(head) < 4 + 4 * dimensions:
        raise DataError(
            f"{path}: holds {len(head)} bytes, less than the {4 + 4 * dimensions} of an IDX header; the file is truncated"
        )
    expected = struct.pack(">HBB", 0, _UINT8, dimensions)
    if head[:4] != expected:
        kind = "labels" if dimensions == 1 else "images"
        raise DataError(f"{path}: begins with 0x{head[:4].hex()}, but IDX {kind} begin with 0x{expected.hex()}")
    shape = struct.unpack(f">{dimensions}I", head[4:])
    if not 0 < math.prod(shape) <= _LARGEST:
        fault = "so it holds no data" if 0 in shape else f"and more than {_LARGEST:,} are not read"
        raise DataError(f"{path}: its header says {_times(shape)} bytes, {fault}")
    return shape


def read_labels(path: Path, classes: int = 10) -> NDArray[np.uint8]:
    """Return the (n,) labels of an IDX file; DataError if one is not in 0..classes-1."""
    labels = read_idx(path, 1)
    if labels.max() >= classes:
        where = int(np.argmax(labels >= classes))
        raise DataError(f"{path}: label {labels[where]} at position {where}; labels are 0 to {classes - 1}")
    return labels


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
