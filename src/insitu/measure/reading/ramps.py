"""Curves: readings after consecutive pulses of one direction, each in a column of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.measure.reading.choosing import check_unit
from insitu.measure.reading.columns import Column
from insitu.measure.reading.longs import LAYOUTS, alike_columns
from insitu.measure.reading.numbers import is_missing, numbers
from insitu.measure.reading.quantities import Given, scale_of
from insitu.measure.reading.readings import Readings, refuse_strides
from insitu.measure.reading.table import Table

_DEVICES = re.compile(r"(?i)(device|dev|cell|sample)s?[\s_-]*\w*")
_RAMPS = re.compile(r"(?i)(ramp|rmp|cycle|train|run|curve)s?[\s_-]*\d+")


@dataclass(frozen=True)
class Ramps:
    """Curves of a file.

    Parameters
    ----------
    curves : (device, +1 or -1, readings in S; NaN is one that cannot be read) of each.
    layout, unit, aside, bad : as in :class:`Readings`.
    """

    curves: tuple[tuple[str, int, NDArray[np.float64]], ...]
    layout: str
    unit: str
    aside: tuple[str, ...]
    bad: tuple[str, ...]


def ramps_of(table: Table, given: Given, direction: int = 0) -> Ramps | None:
    """Return the curves of a table; None if it has one row a pulse.

    Parameters
    ----------
    direction : of all of them; 0 is as the table says.
    """
    columns, ways = _columns(table, direction)
    if not columns:
        return None
    _check_index(table, columns)
    curves, width = [], len(table.columns)
    bad = [
        f"{table.name}, line {row.line}: has {len(row.cells)} cells, but the table has {width} columns"
        for row in table.rows
        if len(row.cells) > width
    ]
    for column, way in zip(columns, ways, strict=True):
        check_unit(table, column, given)
        scale = scale_of(table.name, _shown(column), column.unit, column.quantity, given)
        cells = table.cells(column)
        last = max((at for at, cell in enumerate(cells) if not is_missing(cell)), default=-1)
        g = scale.siemens(numbers(cells[: last + 1], table.comma))
        scale.check(table.name, _shown(column), g)
        long = np.array([len(row.cells) > width for row in table.rows[: last + 1]], bool)
        for at in np.flatnonzero(np.isnan(g) & ~long).tolist():
            words = f"the {'up' if way > 0 else 'down'} curve" if not column.name else column.name
            bad.append(
                f"{table.name}, line {table.rows[at].line}: {words} is {cells[at][:60]!r}; allowed is a finite number"
            )
        device = column.name if _DEVICES.fullmatch(column.name) else ""
        curves.append((device, way, np.where(long, np.nan, g)))
    several = {device for device, _, _ in curves} != {""}
    kind = "a column a device" if several else "two curves" if len(ways) == 2 and not direction else "a column a ramp"
    left = [column.name for column in table.columns if column not in columns and column.name and not column.means]
    return Ramps(
        tuple(curves),
        f"{kind} ({', '.join(_shown(column) for column in columns[:4])}{', ...' if len(columns) > 4 else ''}), "
        f"{table.written}",
        scale.words,
        (*table.aside, *([f"column {', '.join(left)}"] if left else [])),
        tuple(bad),
    )


def of_ramps(*files: Ramps) -> Readings:
    """Return curves as readings, those of several files in turn, the longer file first; each curve is a train of its own."""
    ordered = sorted(files, key=lambda one: -len(one.curves))
    turns = [curve for turn in zip_longest(*(one.curves for one in ordered)) for curve in turn if curve is not None]
    sizes = [g.size for _, _, g in turns]
    starts = np.cumsum([0, *(size + 1 for size in sizes)])[:-1]  # a gap in the count begins a train
    after = np.concatenate([g for _, _, g in turns])
    return Readings(
        device=np.repeat([device for device, _, _ in turns], sizes),
        number=np.concatenate(
            [start + np.arange(size, dtype=float) for start, size in zip(starts, sizes, strict=True)]
        ),
        polarity=np.repeat(np.array([way for _, way, _ in turns], np.int8), sizes),
        before=np.full(after.size, np.nan),
        after=after,
        layout="; ".join(dict.fromkeys(one.layout for one in files)),
        unit="; ".join(dict.fromkeys(one.unit for one in files)),
        aside=tuple(dict.fromkeys(text for one in files for text in one.aside)),
        bad=tuple(text for one in files for text in one.bad),
    )


def _shown(column: Column) -> str:
    return column.name or f"column {column.place + 1}"


def _columns(table: Table, direction: int) -> tuple[Sequence[Column], Sequence[int]]:
    """Return the columns that are curves, and the direction of each."""
    named = [column for column in table.columns if column.means in ("up", "down")]
    if named and not table.all("polarity"):
        _check_directions(table, named, direction)
        return named, [1 if column.means == "up" else -1 for column in named]
    if table.line and not direction:
        ramps = [column for column in alike_columns(table) if _RAMPS.fullmatch(column.name)]
        if not ramps or table.all("polarity") or table.all("amplitude"):
            return (), ()
        return ramps, [_rise(table, column) for column in ramps]
    if table.line:
        if table.all("after"):
            return (), ()
        unknown = [column for column in table.columns if not column.means and column.name]
        columns: Sequence[Column] = alike_columns(table) or (unknown if len(unknown) == 1 else ())
        if not columns:
            names = ", ".join(f"'{column.name}'" for column in table.columns)
            raise InputError(f"{table.name}, line {table.line}: no column of {names} is known as readings; {LAYOUTS}")
        return columns, [direction] * len(columns)
    columns = table.columns[1:] if len(table.columns) > 2 - bool(direction) and _is_count(table) else table.columns
    if direction:
        return columns, [direction] * len(columns)
    if len(columns) != 2:
        raise InputError(
            f"{table.name}, line {table.rows[0].line}: bare numbers are taken as two curves, readings after up and after "
            f"down pulses, but here {'is one column' if len(columns) == 1 else f'are {len(columns)} columns'}; {LAYOUTS}"
        )
    return columns, [1, -1]


def _check_directions(table: Table, named: Sequence[Column], direction: int) -> None:
    for means, sign in (("up", 1), ("down", -1)):
        names = [column.name.casefold() for column in named if column.means == means]
        if direction == -sign and names:
            raise InputError(
                f"{table.name}, line {table.line}: '{names[0]}' is a column of {means} pulses, in a file of others"
            )
        if len(set(names)) < len(names) and len(names) == len(named):
            raise InputError(
                f"{table.name}, line {table.line}: two columns are named '{names[0]}'; rename one, or take it out"
            )


def _is_count(table: Table) -> bool:
    """Whether the first column only counts the rows."""
    values = numbers(table.cells(table.columns[0]), table.comma)
    steps = np.diff(values)
    return values.size > 1 and values[0] in (0, 1, steps[0]) and steps[0] >= 1 and bool((steps == steps[0]).all())


def _check_index(table: Table, columns: Sequence[Column]) -> None:
    counts = table.all("index") or ([table.columns[0]] if table.columns[0] not in columns and _is_count(table) else [])
    for column in counts[:1]:
        steps = np.diff(numbers(table.cells(column), table.comma))
        refuse_strides(table.name, _shown(column), steps[~np.isnan(steps)])


def _rise(table: Table, column: Column) -> int:
    """Return the direction in which a curve runs as a whole."""
    values = numbers(table.cells(column), table.comma)
    values = values[~np.isnan(values)]
    third = max(1, values.size // 3)
    rise = values[-third:].mean() - values[:third].mean() if values.size else 0.0
    if rise == 0:
        raise InputError(f"{table.name}: column '{column.name}' neither rises nor falls; name columns up1, down1, ...")
    return 1 if rise > 0 else -1
