"""Rows and cells of a file, of text or of Excel, before anything is known of what they mean."""

from __future__ import annotations

import csv
import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from insitu.errors import InputError
from insitu.measure.reading.numbers import is_missing, is_number
from insitu.measure.reading.text import WANTED, lines_of

_SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", " ": "spaces", ",": "commas"}  # as they win in a tie
_SPACED = "parted by spaces"
_COMMENT = ("#", "%", "//")
_LARGEST = 500 * 10**6  #: bytes


@dataclass(frozen=True)
class Row:
    """Cells of a line, without the spaces around them, and whether a blank line stands before it."""

    line: int
    cells: tuple[str, ...]
    gap: bool = False


@dataclass(frozen=True)
class Grid:
    """Rows of a file.

    Parameters
    ----------
    name : of the file. rows : those that are neither blank nor comments.
    comments : the others that are not blank. written : how, in words.
    """

    name: str
    rows: tuple[Row, ...]
    comments: tuple[Row, ...] = ()
    written: str = ""


def read_bytes(path: Path) -> bytes:
    """Return what a file holds."""
    try:
        kind, size = path.stat().st_mode, path.stat().st_size
        data = path.read_bytes() if stat.S_ISREG(kind) and size <= _LARGEST else b""
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give the path of a CSV file") from error
    except ValueError as error:  # a path with a NUL
        raise InputError(f"{str(path)!r}: is no path; give that of a CSV file") from error
    if not stat.S_ISREG(kind):
        raise InputError(f"{path}: is no file; {WANTED}")
    if size > _LARGEST:
        raise InputError(f"{path.name}: is larger than {_LARGEST // 10**6} MB; {WANTED} of at most so many")
    return data


def grid_of(path: Path, data: bytes) -> Grid:
    """Return the rows of a file.

    Raises
    ------
    InputError : it is no table, or what reads it is missing.
    """
    excel = path.suffix.lower() in (".xlsx", ".xlsm")
    if excel or data.startswith(b"PK\x03\x04"):
        return _excel(path.name, data)
    kept = [(at, line) for at, line in enumerate(lines_of(path.name, data), 1) if line.strip()]
    lines = [line for _, line in kept if not line.lstrip().startswith(_COMMENT)]
    separator = _separator(lines[-300:])
    if separator == "," and _is_one_column(lines):
        separator = ";"
    return _grid(
        path.name, [Row(at, _cells(line, separator)) for at, line in kept], f"parted by {_SEPARATORS[separator]}"
    )


def _grid(name: str, rows: Sequence[Row], written: str) -> Grid:
    kinds: dict[bool, list[Row]] = {False: [], True: []}
    last, gap = 0, False
    for row in rows:
        gap, last = gap or row.line > last + 1, row.line
        if not any(row.cells):
            gap = True
            continue
        counts = row.cells[0] == "#" and any(row.cells[1:]) and written != _SPACED  # the name of a column
        comment = row.cells[0].startswith(_COMMENT) and not (counts or is_missing(row.cells[0]))
        kinds[comment].append(replace(row, gap=gap))
        gap = gap and comment
    return Grid(name, tuple(kinds[False]), tuple(kinds[True]), written)


def _separator(lines: Sequence[str]) -> str:
    """Return what parts the lines into most numbers and fewest pieces of such; in a tie, most lines into as many cells.

    In a tie of these too it is what is no decimal comma.
    """

    def gain(separator: str) -> tuple[int, int]:
        parted = [[cell for cell in _split(line, separator) if cell.strip()] for line in lines]
        cells = [cell for row in parted for cell in row]
        plain = sum(map(_is_plain, cells))
        digits = sum(any(letter.isdecimal() for letter in cell) for cell in cells)
        even = max(Counter(len(row) for row in parted if len(row) > 1).values(), default=0)
        return (2 * plain - digits if plain else len(cells) - _LARGEST), even

    return max(_SEPARATORS, key=gain)


def _is_one_column(lines: Sequence[str]) -> bool:
    """Whether a column of numbers with decimal commas stands under a name that has none."""
    first = next((at for at in range(len(lines), 0, -1) if not is_number(lines[at - 1])), 0)
    return 0 < first < len(lines) and "," not in lines[first - 1] and not any("." in line for line in lines[first:])


def _is_plain(cell: str) -> bool:
    behind_or_before_a_comma = r"0\d+|.*,"
    return is_number(cell) and not re.fullmatch(behind_or_before_a_comma, cell.strip())


def _split(line: str, separator: str) -> list[str]:
    try:  # each line on its own: a stray quotation mark ends with it
        return next(csv.reader([line.strip(" ")], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:  # a cell of more than 131,072 characters
        return line.split(separator)


def _cells(line: str, separator: str) -> tuple[str, ...]:
    if separator == " ":
        line = re.sub(r"(?<=\w)\s+(?=[(\[])", "", line.replace("\t", " "))  # a unit belongs to the name before it
    return tuple(cell.strip() for cell in _split(line, separator))


def _excel(name: str, data: bytes) -> Grid:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise InputError(
            f"{name}: Excel files need openpyxl, which is not installed: pip install 'insitu[excel]'; or save it as CSV"
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _LARGEST:
                raise InputError(f"{name}: unpacks to more than {_LARGEST // 10**6} MB")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {sheet.title: _sheet(sheet) for sheet in book.worksheets}
    except InputError:
        raise
    except Exception as error:  # openpyxl lets out whatever the broken part of a file gives rise to
        raise InputError(f"{name}: cannot be read as Excel ({type(error).__name__}); {WANTED}") from error
    filled = {title: rows for title, rows in sheets.items() if rows}
    if not filled:
        return _grid(name, [], "of Excel")
    title = max(filled, key=lambda one: sum(is_number(cell) for row in filled[one] for cell in row.cells))
    written = "of Excel" if len(filled) < 2 else f"of Excel, the sheet of most numbers, '{title}', of {len(filled)}"
    return _grid(name, filled[title], written)


def _sheet(sheet: object) -> list[Row]:
    return [
        Row(at, tuple("" if value is None else str(value).strip() for value in values))
        for at, values in enumerate(sheet.iter_rows(values_only=True), 1)  # type: ignore[attr-defined]
        if any(value is not None for value in values)
    ]
