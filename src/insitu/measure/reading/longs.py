"""One row a pulse: of one device or many, one below the other, in turn, or each in a column of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.errors import InputError
from insitu.measure.reading.choosing import Used, check_names, check_unit, read_volts_of, unused, used_columns
from insitu.measure.reading.columns import Column, direction_of, shown
from insitu.measure.reading.numbers import is_missing, number, numbers
from insitu.measure.reading.quantities import Given, Scale, scale_of
from insitu.measure.reading.readings import Readings
from insitu.measure.reading.table import Table
from insitu.measure.reading.where import chosen_rows

ALL = -1  #: in the place of a column: the whole row
_MOST_VOLTS = 10.0  #: at which a cell is read
_MOST_GAPS = 0.25  #: part of the rows with a blank one before them, from which on these mean nothing
Faults = dict[tuple[int, int], str]  #: (row, place of the column) -> what is wrong with it, with its line


def long_readings(table: Table, given: Given, where: Mapping[str, str], direction: int = 0) -> Readings:
    """Return the pulses of a table with one row a pulse.

    Parameters
    ----------
    where : column -> values: only rows that have one of them.
    direction : of all pulses; 0 is as the table says.
    """
    check_names(table)
    used = used_columns(table, given, direction)
    faults: Faults = {}
    check_widths(table, (*used.asked, *used.readings), faults)
    volts, seconds = _conditions(table, used.amplitude, faults), _conditions(table, used.width, faults)
    polarity = _polarity(table, used, volts, direction, faults)
    device = names_of(table, used.device, faults)
    number = _counted(device, table) if used.index is None else values_of(table, used.index, faults)
    before, read_at = np.full(len(table.rows), np.nan), read_volts(table, given)
    if used.before:
        raw = values_of(table, used.before, faults, blank=True)
        before = _scaled(table, used.before, given_scale(table, used.before, given, read_at), raw, faults)
    scales = [given_scale(table, column, given, read_at) for column in used.readings]
    after = [readings_of(table, *one, faults) for one in zip(used.readings, scales, strict=True)]
    for row, place in faults:
        for column, g in zip(used.readings, after, strict=True):
            if place in (ALL, column.place):
                g[row] = np.nan
    n, chosen, scale = len(after), chosen_rows(table, where), scales[0]
    signs = "" if used.polarity or direction else f", up and down by the sign of {shown(used.amplitude)}"
    by_column = not used.readings[0].means
    apart = f" of each {shown(used.device)}" if used.device else ""
    kind = f"one row a pulse, a column a device ({n}){apart}" if by_column else "one row a pulse"
    names = used.asked if n > 1 else [*used.asked, *used.readings]
    return Readings(
        device=labelled(device, used.readings, by_column),
        number=np.tile(number, n),
        polarity=np.tile(polarity, n),
        before=np.tile(before, n),
        after=np.concatenate(after),
        layout=f"{kind} ({', '.join(map(shown, names))}), {table.written}{signs}",
        unit=scale.words,
        aside=(*table.aside, *unused(table, [*used.asked, *used.readings, read_volts_of(table, given, scale)])),
        bad=tuple(faults[key] for key in sorted(faults)),
        chosen=None if chosen is None else np.tile(chosen, n),
        amplitude=None if volts is None else np.tile(volts, n),
        width=None if seconds is None else np.tile(seconds, n),
        names=(shown(used.amplitude), shown(used.width)),
        index=shown(used.index),
        line=np.tile(np.array([row.line for row in table.rows], np.intp), n),
    )


def check_widths(table: Table, columns: Iterable[Column], faults: Faults) -> None:
    """Note rows as faults that lack the cell of a column, or have more cells than the header."""
    need, width = max(column.place for column in columns) + 1, len(table.columns)
    for at, row in enumerate(table.rows):
        if not need <= len(row.cells) <= width:
            hint = "; decimal commas need semicolons or tabs between cells" if len(row.cells) > width else ""
            faults[at, ALL] = (
                f"{table.name}, line {row.line}: has {len(row.cells)} cells, but the header has {width}{hint}"
            )


def values_of(table: Table, column: Column, faults: Faults, blank: bool = False) -> NDArray[np.float64]:
    """Return the numbers of a column; NaN, and a fault of the row, where there is none."""
    cells = table.cells(column)
    values = numbers(cells, table.comma)
    for at in np.flatnonzero(np.isnan(values)).tolist():
        if not (blank and is_missing(cells[at])):
            faults.setdefault((at, ALL), fault_of(table, at, column, cells[at]))
    return values


def fault_of(table: Table, at: int, column: Column, cell: str, wanted: str = "a finite number") -> str:
    """Return what is wrong with a cell of a row, and what is allowed."""
    hint = ""
    if wanted == "a finite number" and not np.isnan(number(cell, not table.comma)):
        hint = "; decimals are written with " + ("a comma" if table.comma else "a point") + " elsewhere in the file"
    return f"{table.name}, line {table.rows[at].line}: {shown(column)} is {cell[:60]!r}; allowed is {wanted}{hint}"


def _conditions(table: Table, column: Column | None, faults: Faults) -> NDArray[np.float64] | None:
    if column is None:
        return None
    return values_of(table, column, faults) * (column.unit.factor if column.unit else 1.0)


def given_scale(table: Table, column: Column, given: Given, read_at: Callable[[], Doubles] | None) -> Scale:
    """Return what the numbers of a column of readings are; ``read_at`` : of :func:`read_volts`."""
    check_unit(table, column, given)
    return scale_of(table.name, f"'{shown(column)}'", column.unit, column.quantity, given, read_at)


def read_volts(table: Table, given: Given) -> Callable[[], Doubles] | None:
    """Return what returns the voltage, V, at which each row was read, which only currents want; None if no column says it."""
    column = read_volts_of(table, given)
    return None if column is None else cache(partial(_read_at, table, column))


def _read_at(table: Table, column: Column) -> Doubles:
    """Return the voltage of each row; where it is blank, that of all others if they have one."""
    check_unit(table, column, Given())
    cells, unit = table.cells(column), column.unit.factor if column.unit else 1.0
    values = numbers(cells, table.comma)
    known = np.unique(values[~np.isnan(values)])
    if known.size == 1:
        values[[at for at, cell in enumerate(cells) if is_missing(cell)]] = known[0]
    volts = values * unit
    for at in np.flatnonzero(~((abs(volts) > 0) & (abs(volts) <= _MOST_VOLTS))).tolist():
        wanted = f"a voltage other than 0, up to {_MOST_VOLTS:g} V (of mV the name says so), or give --read-voltage"
        raise InputError(fault_of(table, at, column, cells[at], wanted))
    return volts


def _scaled(
    table: Table, column: Column, scale: Scale, raw: NDArray[np.float64], faults: Faults
) -> NDArray[np.float64]:
    g = scale.siemens(raw)
    g[[row for row, place in faults if place == ALL]] = np.nan
    far, wanted = scale.strange(g)
    for at in np.flatnonzero(far).tolist():
        faults.setdefault((at, column.place), fault_of(table, at, column, table.cells(column)[at], wanted))
    g[far] = np.nan
    scale.check(table.name, f"'{shown(column)}'", g)
    return g


def readings_of(table: Table, column: Column, scale: Scale, faults: Faults) -> NDArray[np.float64]:
    """Return the readings of a column, S; NaN, and a fault of the cell, where there is none."""
    cells = table.cells(column)
    g = _scaled(table, column, scale, numbers(cells, table.comma), faults)
    for at in np.flatnonzero(np.isnan(g)).tolist():
        if (at, ALL) not in faults:
            none = np.isnan(number(cells[at], table.comma))
            wanted = "a finite number" if none else "a resistance other than 0"
            faults.setdefault((at, column.place), fault_of(table, at, column, cells[at], wanted))
    return g


def names_of(table: Table, column: Column | None, faults: Faults) -> NDArray[np.str_]:
    """Return the names in a column, such as those of devices; of no column empty ones."""
    if column is None:
        return np.full(len(table.rows), "")
    cells = table.cells(column)
    for at, cell in enumerate(cells):
        if not cell:
            faults.setdefault((at, ALL), fault_of(table, at, column, cell, f"the name of a {column.means}"))
            cells[at] = cells[at - 1] if at else ""  # most likely: so the train of that device ends here
    return np.array(cells, str)


def labelled(names: NDArray[np.str_], columns: Sequence[Column], by_column: bool) -> NDArray[np.str_]:
    """Return (columns x rows,) what each reading is of: the names in its row, with the name of its column where that says."""
    labels = [shown(one) if by_column else "" for one in columns]
    return np.array([f"{name} {label}".strip() for label in labels for name in names.tolist()], str)


def _counted(device: NDArray[np.str_], table: Table) -> NDArray[np.float64]:
    """Return the number of each row among those of its device, one more after a blank row: a reading may be missing there.

    Where every few rows are followed by a blank one, that is how the file is written.
    """
    number = np.empty(device.size)
    for name in np.unique(device):
        mine = device == name
        number[mine] = np.arange(np.count_nonzero(mine))
    gaps = np.array([row.gap for row in table.rows])
    return number + np.cumsum(gaps) * float(gaps.mean() < _MOST_GAPS)


def _polarity(
    table: Table, used: Used, volts: NDArray[np.float64] | None, direction: int, faults: Faults
) -> NDArray[np.int8]:
    if used.polarity is None and direction:
        return np.full(len(table.rows), direction, np.int8)
    if used.polarity is None:
        assert volts is not None
        assert used.amplitude is not None
        for at in np.flatnonzero(volts == 0).tolist():
            cell = table.cells(used.amplitude)[at]
            faults.setdefault((at, ALL), fault_of(table, at, used.amplitude, cell, "a voltage other than 0"))
        return np.sign(np.nan_to_num(volts)).astype(np.int8)
    cells = table.cells(used.polarity)
    known = {cell: direction_of(cell) for cell in set(cells)}
    if -1 not in known.values():
        known |= {cell: -1 for cell in known if number(cell, table.comma) == 0}  # 0 and 1
    wanted = {0: "+1 or -1, 1 or 0, up or down, LTP or LTD, SET or RESET", 1: "up or +1", -1: "down or -1"}[direction]
    for at, cell in enumerate(cells):
        if not known[cell] or known[cell] == -direction:
            faults.setdefault((at, ALL), fault_of(table, at, used.polarity, cell, wanted))
    return np.array([known[cell] for cell in cells], np.int8)
