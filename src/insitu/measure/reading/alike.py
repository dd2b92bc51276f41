"""Columns whose names differ in a number only: of devices, of ramps, or of before and after each pulse."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.errors import InputError
from insitu.measure.reading.columns import Column, column_of
from insitu.measure.reading.numbers import numbers
from insitu.measure.reading.table import Table

_LAST = re.compile(r"\d+(?=\D*$)|(?<=[\s_-])[A-Z]$")  #: what they differ in
_CHAINED = 0.95  #: part of the rows that begin elsewhere than the row before, and there where that has ended
_FEWEST = 5  #: such rows
#: Readings with noise: how far a row begins from where the one before ended, over its own change, 80 % of the rows. Of 10,800
#: pairs of simulated cells, alike or not, none was below 0.58; of 4,000 of one direction, where one may run ahead, 0.15.
_MOST, _NEAR, _NEAR_ONE_WAY = 0.8, 0.5, 0.1
_BLOCK = 8  #: rows over which noise is averaged
_SLOW = 3.0  #: times as large as of noise is a mean over so many rows where two cells differ


def alike_columns(table: Table) -> tuple[Column, ...]:
    """Return columns of numbers whose names differ in a number or a letter at the end only: cell1, cell2, ..."""
    found = [c for c in table.columns if not c.means and not np.isnan(numbers(table.cells(c), table.comma)).all()]
    stems = {_stem(column) for column in found if column.name}
    return tuple(found) if len(stems) == 1 and len(found) > 1 and all(column.name for column in found) else ()


def before_and_after(table: Table, device: Column | None, one_way: bool) -> tuple[Column, Column] | None:
    """Return the columns of readings before and after each pulse, such as G0 and G1 in any order; None if there are none.

    Parameters
    ----------
    one_way : whether all pulses are of one direction, so that a ramp beside another may run one pulse ahead of it.

    Raises
    ------
    InputError : they may be of two devices as well, or begin where the row below has ended.
    """
    pair = sorted(alike_columns(table), key=_place)
    if len(pair) != 2:
        return None
    first, second = pair
    names = np.array(table.cells(device) if device else [""] * len(table.rows))
    order = np.argsort(names, kind="stable")
    before, after = (numbers(table.cells(column), table.comma)[order] for column in pair)
    mine = names[order][1:] == names[order][:-1]
    # cells that are stuck or have two levels seem to go on from each other: told by their names
    bare = column_of(0, _stem(first)).means == "after"
    near, undecided = _goes_on(before, after, mine, one_way) if bare else (False, False)
    if near or _is_same(before, after, mine):
        return replace(first, means="before"), replace(second, means="after")
    both = f"{table.name}, line {table.line}: columns '{first.name}' and '{second.name}'"
    if _is_same(after, before, mine) or (bare and _goes_on(after, before, mine, one_way)[0]):
        raise InputError(
            f"{both}: '{first.name}' is where the row below begins, as if rows were in the wrong order; name them "
            "g_before_S and g_after_S as they are, with a row a pulse in the order of the pulses"
        )
    if undecided and [_place(column) for column in pair] == [(0, ""), (1, "")]:
        raise InputError(
            f"{both} may be readings before and after each pulse, or two devices: noise hides which; name them "
            "g_before_S and g_after_S, or cell0 and cell1"
        )
    return None


def _stem(column: Column) -> str:
    return _LAST.sub("", column.name)


def _place(column: Column) -> tuple[int, str]:
    found = _LAST.search(column.name)
    text = found[0] if found else ""
    return (int(text), "") if text.isdecimal() else (-1, text)


def _is_same(before: Doubles, after: Doubles, mine: NDArray[np.bool_]) -> bool:
    """Whether what one column ends at begins the next row of the other, to the last digit.

    Rows that begin as the row before say nothing: two cells that are stuck, or at bounds, seem to go on from each other.
    """
    told = mine & (before[1:] != before[:-1])
    goes_on = (after[:-1] == before[1:])[told]
    return bool(goes_on.size >= _FEWEST and goes_on.mean() >= _CHAINED)


def _goes_on(before: Doubles, after: Doubles, mine: NDArray[np.bool_], one_way: bool) -> tuple[bool, bool]:
    """Whether rows begin near where the row before has ended, and whether that cannot be told for noise."""
    between, within = before[1:] - after[:-1], after[1:] - before[1:]
    known = mine & ~np.isnan(between) & ~np.isnan(within)
    between, within = between[known], within[known]
    if between.size < _FEWEST:
        return False, False
    ratios = []
    for size in (1, _BLOCK):
        gap, step = (_most_of_means(values, size) for values in (between, within))
        ratios.append(gap / step if step else np.inf)
    slow = _BLOCK * _most_of_means(between, _BLOCK) ** 2 > _SLOW * _most_of_means(between, 1) ** 2
    least = min(ratios)
    near = least < (_NEAR_ONE_WAY if one_way else _NEAR)
    return near, not near and (least < _NEAR or not slow)


def _most_of_means(values: Doubles, size: int) -> float:
    """Return what 80 % of the means over so many values are below, by magnitude; inf where there are none."""
    whole = values[: values.size // size * size].reshape(-1, size).mean(1)
    return float(np.quantile(abs(whole), _MOST)) if whole.size else np.inf
