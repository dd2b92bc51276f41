"""Numbers as they stand in cells, with a decimal point or a decimal comma."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

#: from here on, instruments mean an overflow or no value at all (9.9e37, 9.91e37)
_OVERFLOW = 9.8e37
_PARTS = r"([+-]?)(\d+(?:{0}\d*)?|{0}\d+)(?:[eEdD]([+-]?\d{{1,4}}))?"
_POINT, _COMMA = (re.compile(_PARTS.format(mark), re.ASCII) for mark in (r"\.", ","))


def number(cell: str, comma: bool = False) -> float:
    """Return a finite number, or NaN for a cell that holds none."""
    text = cell.strip().replace("\u2212", "-")
    found = (_COMMA if comma else _POINT).fullmatch(text)
    if not found:
        return math.nan
    sign, digits, power = found.groups()
    value = float(f"{sign}{digits.replace(',', '.')}e{power or 0}")
    return value if abs(value) < _OVERFLOW else math.nan


def numbers(cells: Iterable[str], comma: bool) -> NDArray[np.float64]:
    """Return the number of each cell, NaN where there is none."""
    return np.array([number(cell, comma) for cell in cells], float)


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number, with a point or a comma."""
    return not (math.isnan(number(cell)) and math.isnan(number(cell, comma=True)))


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in ("", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--")


def has_commas(cells: Iterable[str]) -> bool:
    """Whether the numbers among some cells are written with a decimal comma."""
    commas = points = 0
    for cell in cells:
        if "," in cell:
            commas += not math.isnan(number(cell, comma=True))
        elif "." in cell:
            points += not math.isnan(number(cell))
    return commas > points
