"""Numbers as they stand in cells, with a decimal point or a decimal comma."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: from here on, instruments mean an overflow or no value at all (9.9e37, 9.91e37)
_OVERFLOW = 9.8e37
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,4})?", re.ASCII)


@lru_cache(maxsize=1 << 14)
def number(cell: str, comma: bool = False) -> float:
    """Return a finite number, or NaN for a cell that holds none."""
    text = (
        cell.strip().lower().replace("\u2212", "-").replace("d", "e")
    )  # a minus sign of print, an exponent of Fortran
    if comma:
        text = "" if "." in text else text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return math.nan
    value = float(text)
    return value if abs(value) < _OVERFLOW else math.nan


def numbers(cells: Iterable[str], comma: bool) -> NDArray[np.float64]:
    """Return the number of each cell, NaN where there is none."""
    return np.array([number(cell, comma) for cell in cells], float)


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number, with a point or a comma."""
    return not (math.isnan(number(cell)) and math.isnan(number(cell, comma=True)))


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value; nA is a unit."""
    return cell.strip() != "nA" and cell.strip().lower() in ("", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--")


def has_commas(cells: Iterable[str]) -> bool:
    """Whether the numbers among some cells are written with a decimal comma."""
    commas = points = 0
    for cell in cells:
        if "," in cell:
            commas += not math.isnan(number(cell, comma=True))
        elif "." in cell:
            points += not math.isnan(number(cell))
    return commas > points
