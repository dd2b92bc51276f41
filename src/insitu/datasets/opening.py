"""From what a person names to a data set: a name, a folder or a file."""

from __future__ import annotations

import os
from pathlib import Path

from insitu.datasets.building import from_arrays
from insitu.datasets.csv_table import read_csv
from insitu.datasets.dataset import CLASSES, Dataset
from insitu.datasets.finding import is_idx_folder, read_folder, read_parts
from insitu.datasets.folders import read_images
from insitu.datasets.named import NAMES
from insitu.datasets.npz import read_npz
from insitu.errors import DataError, InputError, require_kind, suggest

_TABLES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_KINDS = "a folder of IDX files, a folder of folders of images, a .npz or a .csv"


def load(data: str | os.PathLike[str]) -> Dataset:
    """Return the data set of a name, a folder or a file.

    Parameters
    ----------
    data : one of :data:`insitu.datasets.named.NAMES`; a folder of four IDX files, or of class folders of images, or with
        train/ and test/ of those; an ``.npz`` with X_train, y_train, X_test and y_test, or X and y; a ``.csv`` with a line
        of names, whose label column ``table.csv#column`` names.

    Raises
    ------
    DataError : there is no such data, or it cannot be used. InputError : it does not fit in memory.
    """
    require_kind("data", data, (str, os.PathLike), f"a name, {_KINDS}")
    text = os.fspath(data)
    if text in NAMES:
        return NAMES[text]()
    path, label = located(text)
    table = path.name.lower().endswith(_TABLES)
    if label is not None and not table:
        raise DataError(f"{text}: a label column, after '#', is for .csv files only")
    try:
        if path.is_dir():
            return _folder(path)
        if not path.is_file():
            raise DataError(f"{text}: no such file, folder or name; {suggest(text, NAMES)}; or {_KINDS}")
        if path.suffix.lower() == ".npz":
            return read_npz(path)
        if table:
            return read_csv(path, label)
    except OSError as error:
        raise DataError(f"{error.filename or path}: cannot be read ({error.strerror})") from error
    raise DataError(f"{path}: of a kind that is not known; allowed are {_KINDS}")


def located(text: str) -> tuple[Path, str | None]:
    """Return the path in ``path`` or ``path#column``, and the column; either may have a # in its name."""
    ends = [len(text), *(place for place, sign in enumerate(text) if sign == "#")]
    there = [end for end in ends if os.path.exists(os.path.expanduser(text[:end]))]
    end = (there or ends[1:] or ends)[0]
    return Path(os.path.expanduser(text[:end])), text[end + 1 :] or None


def lasting(data: object) -> str | None:
    """Return a name or a path so that it is found again from another folder; None for anything else, such as a data set."""
    if not isinstance(data, str | os.PathLike) or os.fspath(data) in NAMES:
        return data if isinstance(data, str) else None
    path, column = located(os.fspath(data))
    return os.path.abspath(path) + (f"#{column}" if column else "")


def require_one(data: object, data_dir: object) -> None:
    """Raise InputError if data are asked for in both ways."""
    if data is not None and data_dir is not None:
        raise InputError("--data and --data-dir cannot be given together; --data takes a folder of MNIST's files too")


def _folder(path: Path) -> Dataset:
    if not is_idx_folder(path):
        return read_images(path)
    parts = read_parts(path, CLASSES, "324")
    if parts[0].ndim == 3 and max(labels.max() for labels in parts[1::2]) < 10:
        return read_folder(path)
    try:
        return from_arrays("idx", *parts, about=f"IDX files in {path}")
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
