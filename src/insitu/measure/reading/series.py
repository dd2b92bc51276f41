"""Readings of cells that take no pulses of learning: over time, or over cycles, one row each or a column a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, suggest
from insitu.measure.reading.alike import alike_columns
from insitu.measure.reading.choosing import (
    check_names,
    check_unit,
    first_of,
    one_of,
    read_volts_of,
    unused,
)
from insitu.measure.reading.columns import Column, shown
from insitu.measure.reading.longs import (
    ALL,
    Faults,
    check_widths,
    fault_of,
    given_scale,
    labelled,
    names_of,
    read_volts,
    readings_of,
    values_of,
)
from insitu.measure.reading.numbers import is_missing
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.reader import table_in
from insitu.measure.reading.readings import left_out
from insitu.measure.reading.table import Table
from insitu.measure.reading.where import chosen_rows
from insitu.units import si

_LEVEL = ("level", "state", "lvl", "target")  #: begin the name of a column that is a level, not a device
_SINCE = {"cycle": "a number of cycles, 0 or more", "time": "a time since the write, 0 or more"}
_HEATS = (1.0, 2000.0)  #: K
_STATES = ("low", "high", "up", "down")
_HEAT = ("temperature", "temperature_K")
_WANTED = "device_id, level, temperature_K where there are several"


@dataclass(frozen=True)
class Series:
    """Readings, in the order of the file.

    Parameters
    ----------
    device, level : (n,) names; '' where there is one only.
    at : (n,) time, s, or number of cycles, or of the reading.
    temperature : (n,) K; None where the file does not give it.
    g : (n,) S.
    source, layout, unit, aside : as in :class:`insitu.measure.pulses.Pulses`.
    """

    device: NDArray[np.str_]
    level: NDArray[np.str_]
    at: NDArray[np.float64]
    temperature: NDArray[np.float64] | None
    g: NDArray[np.float64]
    source: str
    layout: str
    unit: str
    aside: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Devices, in the order of the file."""
        return tuple(dict.fromkeys(self.device.tolist()))

    def only(self, kept: NDArray[np.bool_]) -> Series:
        """Return some of the readings."""
        heat = None if self.temperature is None else self.temperature[kept]
        columns = {name: getattr(self, name)[kept] for name in ("device", "level", "at", "g")}
        return replace(self, temperature=heat, **columns)

    def without(self, names: Sequence[str]) -> Series:
        """Return the readings of the devices but these."""
        for name in names:
            if name not in self.names:
                raise InputError(f"--without: there is no device '{name}'; {suggest(name, self.names)}")
        kept = ~np.isin(self.device, np.array(names, str))
        if not kept.any():
            raise InputError("--without: leaves no device")
        return self.only(kept)

    def describe(self) -> str:
        """Return how many readings there are, of how many devices, as a sentence."""
        n, levels = len(self.names), len(set(self.level.tolist()))
        of = f"{n} devices" if n > 1 else "one device"
        at = f" at {levels} levels" if levels > 1 else ""
        return f"{self.g.size:,} readings of {of}{at}, from {si(self.g.min(), 'S')} to {si(self.g.max(), 'S')}"

    def told(self) -> tuple[str, ...]:
        """Return what a file was taken for: layout, readings, what was left aside."""
        heat = f"; {said_heat(self.temperature)}" if self.temperature is not None else ""
        return (
            f"File: {self.layout}.",
            f"Readings: {self.describe()} ({self.unit}){heat}.",
            f"Left aside: {'; '.join(self.aside) or 'nothing'}.",
        )


def said_heat(temperature: NDArray[np.float64]) -> str:
    """Return temperatures, K, in words."""
    return f"at {', '.join(f'{one:.4g}' for one in np.unique(temperature))} K"


def read_series(
    path: str | PathLike[str],
    axis: str,
    *,
    given: Given | None = None,
    where: Mapping[str, str] | None = None,
    skip_bad: bool = False,
    needed: bool = True,
) -> Series:
    """Return the readings of a file.

    Parameters
    ----------
    axis : what they are over, ``time`` or ``cycle``; a column that only counts serves as cycles.
    needed : whether the file has to have that column; without it readings are counted.
    given, where, skip_bad : as in :func:`insitu.measure.read_pulses`.

    Raises
    ------
    InputError : what is wrong, with its line and what is allowed.
    """
    given = given or Given()
    table, name, source = table_in(Path(path))
    check_names(table)
    over = _over(table, axis, needed)
    columns = _readings(table, given, cycles=axis == "cycle")
    device, level, heat = (first_of(table, *one) for one in (("device", "device_id"), ("level", "level"), _HEAT))
    for column in filter(None, (over, heat)):
        check_unit(table, column, given)
    faults: Faults = {}
    others = [column for column in (over, device, level, heat) if column is not None]
    check_widths(table, (*others, *columns), faults)
    at = np.arange(len(table.rows), dtype=float) if over is None else _in_units(table, over, faults)
    kelvin = None if heat is None else _in_units(table, heat, faults)
    _within(table, over if needed else None, at, (0.0, np.inf), _SINCE[axis], faults)
    _within(table, heat, kelvin, _HEATS, "a temperature from 1 to 2,000 K", faults)
    names, levels = names_of(table, device, faults), names_of(table, level, faults)
    read_at = read_volts(table, given)
    scales = [given_scale(table, column, given, read_at) for column in columns]
    g = [readings_of(table, *one, faults) for one in zip(columns, scales, strict=True)]
    n, as_levels = len(columns), _are_levels(columns, device)
    blank = {(row, c.place) for c in columns for row, cell in enumerate(table.cells(c)) if n > 1 and is_missing(cell)}
    left = left_out(name, [faults[key] for key in sorted(faults) if key not in blank], len(table.rows) * n, skip_bad)
    aside = unused(table, [*others, *columns, read_volts_of(table, given, scales[0])])
    found = Series(
        device=labelled(names, columns, n > 1 and not as_levels),
        level=labelled(levels, columns, as_levels),
        at=np.tile(at, n),
        temperature=None if kelvin is None else np.tile(kelvin, n),
        g=np.concatenate(g),
        source=source,
        layout=f"{_kind(n)} ({_names(others, columns)}), {table.written}",
        unit=scales[0].words,
        aside=(*table.aside, *aside, *([left] if left else [])),
    )
    kept = np.tile(_usable(table, faults, where), n) & ~np.isnan(found.g)
    if not kept.any():
        raise InputError(f"{name}: holds no reading that can be used")
    return found.only(kept)


def _usable(table: Table, faults: Faults, where: Mapping[str, str] | None) -> NDArray[np.bool_]:
    """Return which rows are chosen and have nothing wrong with them as a whole."""
    rows, chosen = np.ones(len(table.rows), bool), chosen_rows(table, where or {})
    rows[[row for row, place in faults if place == ALL]] = False
    return rows if chosen is None else rows & chosen


def _kind(columns: int) -> str:
    return "one row a reading" if columns == 1 else f"{columns} columns of readings"


def _over(table: Table, axis: str, needed: bool) -> Column | None:
    """Return the column that readings are over; refuse a table of another kind of measurement."""
    cycles = axis == "cycle"
    found = table.all(axis) or (table.all("index") if cycles and not table.all("time") else [])
    pulses = [*table.all("polarity"), *([] if cycles and table.all("cycle") else table.all("up") + table.all("down"))]
    if pulses:
        raise InputError(
            f"{table.name}, line {table.line}: looks like pulses ('{shown(pulses[0])}'); those are fitted without --kind"
        )
    if found or not needed:
        return found[0] if found else None
    other = table.all("time" if cycles else "cycle")
    if other:
        kinds = "--kind retention or --kind noise" if cycles else "--kind endurance"
        raise InputError(
            f"{table.name}, line {table.line}: has readings over '{shown(other[0])}' and none over "
            f"{'cycles' if cycles else 'time'}; those are for {kinds}"
        )
    names = ", ".join(f"'{shown(column)}'" for column in table.columns)
    wanted = "cycle, g_low_S, g_high_S" if cycles else "time_s, g_S"
    raise InputError(
        f"{table.name}, line {table.line}: no column of {names} is {'a number of cycles' if cycles else 'a time'}; wanted is "
        f"one row a reading with columns {wanted} (or currents, resistances), and {_WANTED}"
    )


def _readings(table: Table, given: Given, cycles: bool) -> tuple[Column, ...]:
    """Return the columns of readings: those of states, one, or one a cell or level."""
    states = [*table.all("low"), *table.all("high")] or (table.all("up") + table.all("down") if cycles else [])
    one = None if states else one_of(table, "after", given)
    columns = tuple(states) or ((one,) if one else alike_columns(table))
    if not columns:
        names = ", ".join(f"'{shown(column)}'" for column in table.columns)
        raise InputError(
            f"{table.name}, line {table.line}: no column of {names} is known as readings; name it g_S, i_A or r_ohm, or one "
            "a device: cell1, cell2, ..."
        )
    for column in columns:
        check_unit(table, column, given)
    return columns


def _in_units(table: Table, column: Column, faults: Faults) -> NDArray[np.float64]:
    """Return the values of a column, in SI units."""
    if column.means == "temperature" and column.unit is None:
        raise InputError(
            f"{table.name}, line {table.line}: column '{column.name}' has no unit; name it temperature_K or temperature_C"
        )
    values = values_of(table, column, faults)
    if column.unit is None:
        return values
    return column.unit.zero + column.unit.factor * values


def _within(
    table: Table,
    column: Column | None,
    values: NDArray[np.float64] | None,
    ends: tuple[float, float],
    wanted: str,
    faults: Faults,
) -> None:
    """Note values of a column beyond two ends as faults of their rows, and make them NaN; of no column nothing."""
    if column is None or values is None:
        return
    cells = table.cells(column)
    for at in np.flatnonzero((values < ends[0]) | (values > ends[1])).tolist():
        faults.setdefault((at, ALL), fault_of(table, at, column, cells[at], wanted))
        values[at] = np.nan


def _are_levels(columns: Sequence[Column], device: Column | None) -> bool:
    """Whether several columns of readings are levels of a device, and not devices."""
    said = all(one.means in _STATES or one.name.lower().startswith(_LEVEL) for one in columns)
    return len(columns) > 1 and (said or device is not None)


def _names(others: Sequence[Column], columns: Sequence[Column]) -> str:
    some = [*others, *columns[:4]]
    return ", ".join(map(shown, some)) + (", ..." if len(columns) > 4 else "")
