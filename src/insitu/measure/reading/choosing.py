"""Which columns of a table are taken, where several mean alike, and which are missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from insitu.errors import InputError
from insitu.measure.reading.alike import alike_columns, before_and_after
from insitu.measure.reading.columns import Column, direction_of
from insitu.measure.reading.numbers import is_number, number, numbers
from insitu.measure.reading.quantities import ALLOWED, READINGS, Given, Scale, unit_of
from insitu.measure.reading.table import Table

LAYOUTS = (
    "wanted is one row a pulse with named columns (polarity, g_after_S, ...), two columns of readings (up,down), a column a "
    "ramp (up1,down1,...) or a device (polarity,cell1,cell2,...), or two files (--up, --down)"
)
_SHORTEST = 3  #: readings of a device or cycle
_OTHER = "allowed are V, mV (amplitudes), s, ms, us, ns, min, h, d (widths, times), K, C (temperatures)"


@dataclass(frozen=True)
class Used:
    """The columns that are used; ``readings`` are those after a pulse, one, or one a device."""

    readings: tuple[Column, ...]
    before: Column | None
    device: Column | None
    index: Column | None
    polarity: Column | None
    amplitude: Column | None
    width: Column | None

    @property
    def asked(self) -> list[Column]:
        """The others, as far as they stand in the table."""
        others = (self.device, self.index, self.polarity, self.amplitude, self.width, self.before)
        return [column for column in others if column is not None]


def check_names(table: Table) -> None:
    """Refuse two columns of one name that mean something, or are of one kind; of ``G`` and ``G.1`` pandas has made two."""
    alike = set(alike_columns(table))
    known = {one.name.casefold() for one in table.columns if one.name and (one.means or one in alike)}
    plain = [re.sub(r"\.\d+$", "", one.name.casefold()) for one in table.columns]
    names = [stem if stem in known else one.name.casefold() for stem, one in zip(plain, table.columns, strict=True)]
    for name, times in Counter(names).items():
        if times > 1 and name in known:
            places = [place for place, one in enumerate(names) if one == name]
            raise InputError(
                f"{table.name}, line {table.line}: columns {' and '.join(str(place + 1) for place in places)} are both named "
                f"'{table.columns[places[0]].name}'; rename one, or take it out"
            )


def check_unit(table: Table, column: Column, given: Given) -> None:
    """Refuse a column with a unit that is not known."""
    reads = column.means not in ("amplitude", "width", "time", "temperature")
    if column.odd and not (reads and given.unit is not None):
        said = "or say it, for example --unit uS, or --unit 5e-6 --zero 10e-6 for normalised ones"
        allowed = f"{ALLOWED}; {said}" if reads else _OTHER
        raise InputError(
            f"{table.name}, line {table.line}: column {column.place + 1} '{column.name}' has the unit '{column.odd}', "
            f"which is not known; {allowed}"
        )


def one_of(table: Table, means: str, given: Given) -> Column | None:
    """Return the column of readings before or after a pulse; None if there is none."""
    found = table.all(means)
    told = unit_of(given.unit, *READINGS) if isinstance(given.unit, str) else None
    first = told.quantity if told else "current" if given.read_voltage is not None else "conductance"
    for quantity in (first, "conductance", "", "resistance", "current"):
        alike = [column for column in found if column.quantity == quantity]
        if len(alike) > 1:  # "G" beside "G after"
            alike = [column for column in alike if means in column.name.lower()] or alike
        if len(alike) > 1:
            raise InputError(
                f"{table.name}, line {table.line}: columns '{alike[0].name}' and '{alike[1].name}' both seem to be readings "
                f"{means} a pulse; rename one, or take it out"
            )
        if alike:
            check_unit(table, alike[0], given)
            return alike[0]
    return None


def first_of(table: Table, means: str, ours: str) -> Column | None:
    """Return a column that may be missing: the one with our own name, else the first."""
    found = table.all(means)
    return next((column for column in found if column.name == ours), found[0] if found else None)


def repeated(table: Table, column: Column | None) -> Column | None:
    """Return a column beside curves or cells unless nearly each row has another name: that counts, as 'sample' may."""
    cells = table.cells(column) if column else []
    return column if len(set(cells)) * _SHORTEST <= len(cells) else None


def read_volts_of(table: Table, given: Given, scale: Scale | None = None) -> Column | None:
    """Return the column of the voltages at which currents were read; None if there is none, or the user says it.

    ``scale`` : of the readings; None too if they were not scaled by it.
    """
    if scale is not None and scale.volts is None:
        return None
    return _filled(table, "read_voltage", "read_voltage_V") if given.read_voltage is None else None


def unused(table: Table, taken: Iterable[Column | None]) -> list[str]:
    """Return what is said of the named columns that were not taken; nothing if there are none."""
    places = {column.place for column in taken if column}
    left = [column for column in table.columns if column.place not in places and column.name]
    names = ", ".join(f"'{column.name}'" for column in left)
    return [f"column{'s' if len(left) > 1 else ''} {names}"] if left else []


def used_columns(table: Table, given: Given, direction: int) -> Used:
    """Return the columns of a table with one row a pulse; refuse one that lacks readings or directions."""
    after, before = one_of(table, "after", given), one_of(table, "before", given)
    device = first_of(table, "device", "device_id")
    polarity = first_of(table, "polarity", "polarity") or by_its_cells(table)
    amplitude, width = _filled(table, "amplitude", "amplitude_V"), _filled(table, "width", "width_s")
    if not after:
        one_way = bool(direction) or _is_one_way(table, polarity or amplitude)
        before, after = before_and_after(table, device, one_way) or (before, None)
    readings = (after,) if after else alike_columns(table)
    if polarity and not amplitude and _holds_volts(table, polarity):
        polarity, amplitude = None, polarity
    names = ", ".join(f"'{column.name}'" for column in table.columns)
    if not readings:
        raise InputError(f"{table.name}, line {table.line}: no column of {names} is known as readings; {LAYOUTS}")
    if not (polarity or amplitude or direction):
        raise InputError(
            f"{table.name}, line {table.line}: no column of {names} says which pulses go up; add polarity (+1 or -1), or "
            f"amplitude_V with its sign; or {LAYOUTS.removeprefix('wanted is ')}"
        )
    for column in (amplitude, width):
        if column:
            check_unit(table, column, given)
    index = _filled(table, "index", "pulse_index")
    apart = (
        after
        and before
        and {after.quantity, before.quantity} in ({"conductance", "current"}, {"resistance", "current"})
    )
    return Used(
        readings,
        before if after and not apart else None,
        device if after else repeated(table, device),
        None if index == polarity else index,
        polarity,
        amplitude,
        width,
    )


def _holds_volts(table: Table, polarity: Column) -> bool:
    """Whether a polarity is written as the voltage of the pulse, above and below 0."""
    values = numbers([cell for cell in table.cells(polarity) if cell], table.comma)
    return values.size > 0 and values.min() < 0 < values.max() and not (np.abs(values) == 1).all()


def _is_one_way(table: Table, way: Column | None) -> bool:
    """Whether all pulses have one polarity, or amplitudes of one sign."""
    cells = table.cells(way) if way else []
    ways = {direction_of(cell) or float(np.sign(number(cell, table.comma))) for cell in cells}
    return len(ways) < 2


def _filled(table: Table, means: str, ours: str) -> Column | None:
    """Return a column that may be missing, unless it is blank in every row."""
    column = first_of(table, means, ours)
    return column if column and any(table.cells(column)) else None


def by_its_cells(table: Table) -> Column | None:
    """Return a column that is known by no name, and holds nothing but words for up and down, or +1 and -1."""
    for column in table.columns:
        words = {cell for cell in table.cells(column) if cell} if column.name and not column.means else set()
        ways = {direction_of(word) for word in words} if len(words) < 9 else {0}
        if ways == {1, -1} or (ways and 0 not in ways and not any(map(is_number, words))):
            return column
    return None
