"""Curves: readings after consecutive pulses of one direction, each in a column of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from insitu.measure.reading.choosing import check_unit, unused
from insitu.measure.reading.columns import Column, shown
from insitu.measure.reading.curves import check_index, curve_columns, rise
from insitu.measure.reading.numbers import is_missing, numbers
from insitu.measure.reading.quantities import Given, Scale, scale_of
from insitu.measure.reading.readings import Readings
from insitu.measure.reading.table import Table

_DEVICE = re.compile(r"(?i)(device|dev|cell|sample)[\s_-]*(\d+|[a-z](?![a-z0-9]))")  #: in the name of a column


@dataclass(frozen=True)
class Ramps:
    """Curves of a file.

    Parameters
    ----------
    curves : (device, +1 or -1, readings in S; NaN is one that cannot be read) of each.
    layout, unit, aside, bad : as in :class:`Readings`. line : of each row, of all curves.
    """

    curves: tuple[tuple[str, int, NDArray[np.float64]], ...]
    layout: str
    unit: str
    aside: tuple[str, ...]
    bad: tuple[str, ...]
    line: tuple[int, ...]


def ramps_of(table: Table, given: Given, direction: int = 0) -> Ramps | None:
    """Return the curves of a table; None if it has one row a pulse.

    Parameters
    ----------
    direction : of all of them; 0 is as the table says.
    """
    columns, ways = curve_columns(table, direction)
    if not columns:
        return None
    check_index(table, columns)
    for column in columns:
        check_unit(table, column, given)
    scales = [scale_of(table.name, shown(one), one.unit, one.quantity, given) for one in columns]
    width, bad = len(table.columns), []
    long = np.array([len(row.cells) > width for row in table.rows])
    for at in np.flatnonzero(long).tolist():
        row = table.rows[at]
        bad.append(f"{table.name}, line {row.line}: has {len(row.cells)} cells, but the table has {width} columns")
    curves = []
    for column, way, scale in zip(columns, ways, scales, strict=True):
        g, unread = _curve(table, column, scale, long)
        words = column.name or f"the {'up' if way > 0 else 'down'} curve"
        bad += [
            f"{table.name}, line {table.rows[at].line}: {words} is {cell[:60]!r}; allowed is {wanted}"
            for at, cell, wanted in unread
        ]
        device = _DEVICE.search(column.name)
        curves.append((device[0] if device else "", way or rise(table, column, g), g))
    several = {device for device, _, _ in curves} != {""}
    kind = "a column a device" if several else "two curves" if len(ways) == 2 and not direction else "a column a ramp"
    names = ", ".join(map(shown, columns[:4])) + (", ..." if len(columns) > 4 else "")
    return Ramps(
        tuple(curves),
        f"{kind} ({names}), {table.written}",
        scales[0].words,
        (*table.aside, *unused(table, [*columns, *table.all("index")])),
        tuple(bad),
        tuple(row.line for row in table.rows),
    )


def _curve(
    table: Table, column: Column, scale: Scale, long: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], list[tuple[int, str, str]]]:
    """Return the readings of a column up to its last, NaN where there is none; and the bad: row, cell, what is allowed."""
    cells = table.cells(column)
    last = max((at for at, cell in enumerate(cells) if not is_missing(cell)), default=-1)
    g = np.where(long[: last + 1], np.nan, scale.siemens(numbers(cells[: last + 1], table.comma)))
    unread = [(at, cells[at], "a finite number") for at in np.flatnonzero(np.isnan(g) & ~long[: last + 1]).tolist()]
    far, wanted = scale.strange(g)
    unread += [(at, cells[at], wanted) for at in np.flatnonzero(far).tolist()]
    g[far] = np.nan
    scale.check(table.name, shown(column), g)
    return g, sorted(unread)


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
        line=np.concatenate([files[0].line[:size] for size in sizes]) if len(files) == 1 else None,
    )
