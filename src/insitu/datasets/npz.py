"""Data sets in NumPy's .npz files: X_train, y_train, X_test and y_test, or X and y."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.building import from_arrays
from insitu.datasets.dataset import Dataset
from insitu.errors import DataError, InsituError
from insitu.memory import require_room

_PARTS, _WHOLE = ("X_train", "y_train", "X_test", "y_test"), ("X", "y")


def read_npz(path: Path) -> Dataset:
    """Return the data set in a file; DataError if its arrays are not those of one, InputError if there is no room."""
    try:
        arrays = _arrays(path)
    except InsituError:
        raise
    except Exception as error:  # NumPy and zipfile raise a dozen types for damaged bytes; all mean the same here
        raise DataError(f"{path}: cannot be read as .npz, without pickle ({error})") from error
    try:
        return from_arrays(path.name, *arrays, about=f"arrays in {path}")
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _arrays(path: Path) -> list[NDArray[Any]]:
    with zipfile.ZipFile(path) as file:
        sizes = {name.removesuffix(".npy"): _bytes(file, name) for name in file.namelist() if name.endswith(".npy")}
    wanted = next((names for names in (_PARTS, _WHOLE) if set(names) <= set(sizes)), None)
    if wanted is None:
        raise DataError(
            f"{path}: holds {', '.join(sorted(sizes)) or 'no arrays'}; "
            f"allowed are {', '.join(_PARTS)}, or {' and '.join(_WHOLE)}"
        )
    require_room(str(path), sum(sizes[name] for name in wanted), "give fewer rows, or bytes in place of floats")
    with np.load(path, allow_pickle=False) as file:
        return [file[name] for name in wanted]


def _bytes(file: zipfile.ZipFile, name: str) -> int:
    """Return how many bytes an array takes, from its head."""
    with file.open(name) as array:
        version = np.lib.format.read_magic(array)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, kind = read(array)
    return math.prod(shape) * kind.itemsize
