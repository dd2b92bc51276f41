"""Tables in CSV files: a line of names, a label column, all other columns numbers."""

from __future__ import annotations

import gzip
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from insitu.datasets.building import from_arrays
from insitu.datasets.dataset import Dataset
from insitu.errors import DataError, InsituError, shortened, suggest
from insitu.memory import require_room

#: names of a label column, the first that is there counts; else the last column
LABELS = ("label", "class", "target", "y")
_PACKED = 200  #: times that a table may unpack to; one that is 99 % zeros does to 50, one of zeros alone to 560
_NUMBERS = ("id", "index", "unnamed: 0")  #: names of columns that number the rows, which would tell sorted classes


def read_csv(path: Path, label: str | None = None) -> Dataset:
    """Return the data set in a file with commas, semicolons or tabs.

    Parameters
    ----------
    label : name of the label column; None looks for one of :data:`LABELS`, and takes the last one otherwise.

    Raises
    ------
    DataError : it is no such table, a feature is no number, or nothing in it can be a label.
    InputError : it does not fit in memory.
    """
    require_room(str(path), path.stat().st_size, "give fewer rows")
    table = _table(path)
    names = [str(name) for name in table.columns]
    chosen = _label(path, names, label)
    left_out = [name for name in names if name.strip().lower() in _NUMBERS and name != chosen]
    features = [name for name in names if name != chosen and name not in left_out]
    how = "named" if label is not None else "so called" if chosen.strip().lower() in LABELS else "the last one"
    about = f"labels are column '{chosen}', {how}"
    about += f", and {' and '.join(left_out)} is left out" if left_out else ""
    remedy = f"; another label column: {path}#COLUMN, of {shortened(', '.join(names), 200)}"
    try:
        labels = _labels(table[chosen], chosen)
        X = _features(table[features])
        return from_arrays(
            path.name, X, labels, each=True if len(features) < 64 else None, features=tuple(features), about=about
        )
    except DataError as error:
        raise DataError(f"{path}: {error}{remedy if 'abel' in str(error) else ''}") from error


def _table(path: Path) -> Any:
    import pandas

    try:
        with open(path, encoding="utf-8-sig") if path.suffix != ".gz" else _unpacked(path) as file:
            first = file.readline()
        between = max(",;\t", key=first.count)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)
            table = pandas.read_csv(path, sep=between, index_col=False, skipinitialspace=True, encoding="utf-8-sig")
    except InsituError:
        raise
    except (OSError, EOFError, zlib.error, UnicodeError, ValueError, pandas.errors.ParserWarning) as error:
        raise DataError(f"{path}: cannot be read as CSV ({shortened(' '.join(str(error).split()), 200)})") from error
    if len(table.columns) < 2 or not len(table):
        raise DataError(
            f"{path}: has {len(table)} rows of {len(table.columns)} columns; allowed is a line of names, then rows of "
            "numbers with a label, between commas, semicolons or tabs"
        )
    if all(_is_number(name) for name in first.split(between)):
        raise DataError(f"{path}: begins with numbers; allowed is a first line that names the columns")
    return table


def _unpacked(path: Path) -> Any:
    """Return a packed file as text; ValueError if no table of numbers unpacks to so much, InputError if there is no room."""
    size, most = 0, _PACKED * path.stat().st_size
    with gzip.open(path) as file:
        while size <= most and (part := file.read(2**20)):
            size += len(part)
    if size > most:
        raise ValueError(f"it unpacks to more than {_PACKED} times its size")
    require_room(str(path), size, "give fewer rows")
    return gzip.open(path, "rt", encoding="utf-8-sig")


def _label(path: Path, names: Sequence[str], label: str | None) -> str:
    if label is not None:
        if label not in names:
            raise DataError(f"{path}: has no column '{label}'; {suggest(label, names)}")
        return label
    by_name = {name.strip().lower(): name for name in reversed(names)}
    return next((by_name[name] for name in LABELS if name in by_name), names[-1])


def _labels(column: Any, name: str) -> Any:
    missing = column.isna()
    if missing.any():
        raise DataError(
            f"label column '{name}': nothing, or a word for it such as NA, in row {int(missing.argmax()) + 1}"
        )
    return column.astype(str) if column.dtype == object else column.to_numpy()


def _features(table: Any) -> Any:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    for name in table.columns:
        if not is_numeric_dtype(table[name].dtype) and not is_bool_dtype(table[name].dtype):
            texts = [value for value in table[name] if isinstance(value, str)]
            text = next((value for value in texts if not _is_number(value)), texts[0])
            raise DataError(
                f"column '{name}' holds text, such as '{shortened(text, 40)}'; allowed are numbers, so leave the column "
                f"out, or code it as one column of 0 and 1 a word; if it is the label, give it: FILE#{name}"
            )
    return table.to_numpy(dtype=None if table.dtypes.nunique() == 1 else float)


def _is_number(text: str) -> bool:
    try:
        float(text.strip().strip('"'))
    except ValueError:
        return False
    return True
