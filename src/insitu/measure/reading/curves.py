"""Which columns of a table are curves, and of which direction."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.measure.reading.alike import alike_columns, before_and_after
from insitu.measure.reading.choosing import LAYOUTS, check_names, first_of
from insitu.measure.reading.columns import Column, shown
from insitu.measure.reading.numbers import numbers
from insitu.measure.reading.readings import refuse_strides
from insitu.measure.reading.table import Table

_RAMPS = re.compile(r"(?i)(ramp|rmp|cycle|train|run|curve)s?[\s_-]*\d+")


def curve_columns(table: Table, direction: int) -> tuple[Sequence[Column], Sequence[int]]:
    """Return the columns that are curves, and the direction of each; 0 is that in which it runs."""
    named = [column for column in table.columns if column.means in ("up", "down")]
    named = [column for column in named if column.quantity] or named  # "G LTP" beside "pulse LTP"
    if named and not table.all("polarity"):
        _check_directions(table, named, direction)
        return named, [1 if column.means == "up" else -1 for column in named]
    if table.line and not direction:
        alike = alike_columns(table)
        ramps = [one for one in alike if (_RAMPS.match if one.unit else _RAMPS.fullmatch)(one.name)]
        if not ramps or table.all("polarity") or table.all("amplitude"):
            return (), ()
        check_names(table)
        return ramps, [0] * len(ramps)
    if table.line:
        if table.all("after") or before_and_after(table, first_of(table, "device", "device_id"), one_way=True):
            return (), ()
        unknown = [column for column in table.columns if not column.means and column.name]
        columns: Sequence[Column] = alike_columns(table) or (unknown if len(unknown) == 1 else ())
        if not columns:
            names = ", ".join(f"'{column.name}'" for column in table.columns)
            raise InputError(f"{table.name}, line {table.line}: no column of {names} is known as readings; {LAYOUTS}")
        check_names(table)
        return columns, [direction] * len(columns)
    for column in table.columns:
        if set(numbers(table.cells(column), table.comma).tolist()) == {1.0, -1.0}:
            raise InputError(
                f"{table.name}, line {table.rows[0].line}: {shown(column)} holds nothing but +1 and -1, like polarities; say "
                "what the columns are in a line above them, for example pulse_index,polarity,g_after_S"
            )
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


def check_index(table: Table, columns: Sequence[Column]) -> None:
    """Refuse curves of which not every pulse was read."""
    counts = table.all("index") or ([table.columns[0]] if table.columns[0] not in columns and _is_count(table) else [])
    for column in counts[:1]:
        steps = np.diff(numbers(table.cells(column), table.comma))
        refuse_strides(table.name, shown(column), steps[~np.isnan(steps)])


def rise(table: Table, column: Column, g: NDArray[np.float64]) -> int:
    """Return the direction in which a curve, S, runs as a whole."""
    values = g[~np.isnan(g)]
    third = max(1, values.size // 3)
    rise = values[-third:].mean() - values[:third].mean() if values.size else 0.0
    if rise == 0:
        raise InputError(f"{table.name}: column '{column.name}' neither rises nor falls; name columns up1, down1, ...")
    return 1 if rise > 0 else -1
