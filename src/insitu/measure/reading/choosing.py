"""Which column is taken where several mean alike, what its unit makes of it, and which rows the user chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, suggest
from insitu.measure.reading.columns import Column, column_of
from insitu.measure.reading.numbers import number
from insitu.measure.reading.quantities import ALLOWED, READINGS, Given, unit_of
from insitu.measure.reading.table import Table

_OTHER = "allowed are V, mV (amplitudes), s, ms, us, ns (widths)"


def check_names(table: Table) -> None:
    """Refuse two columns of one name that mean something."""
    count = Counter(column.name.casefold() for column in table.columns if column.means and column.name)
    for name, times in count.items():
        if times > 1:
            places = [str(column.place + 1) for column in table.columns if column.name.casefold() == name]
            raise InputError(
                f"{table.name}, line {table.line}: columns {' and '.join(places)} are both named "
                f"'{table.columns[int(places[0]) - 1].name}'; rename one, or take it out"
            )


def check_unit(table: Table, column: Column, given: Given) -> None:
    """Refuse a column with a unit that is not known."""
    reads = column.means not in ("amplitude", "width")
    if column.odd and not (reads and given.unit is not None):
        allowed = (
            f"{ALLOWED}; or say it, for example --unit uS, or --unit 5e-6 --zero 10e-6 for normalised ones"
            if reads
            else _OTHER
        )
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
            alike = [column for column in alike if len(column.name) > 2 and means in column.name.lower()] or alike
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


def chosen_rows(table: Table, where: Mapping[str, str]) -> NDArray[np.bool_] | None:
    """Return which rows have one of the wanted values in every column that the user names."""
    if not where:
        return None
    kept = np.ones(len(table.rows), bool)
    for name, wanted in where.items():
        values = [value.strip() for value in wanted.split(",")]
        column = next((column for column in table.columns if column.name.casefold() == name.strip().casefold()), None)
        factor = 1.0
        if column is None:  # our name for it
            ours = column_of(0, name)
            column = first_of(table, ours.means, name) if ours.means else None
            if column is None:
                raise InputError(
                    f"{table.name}: there is no column '{name}' to choose by; "
                    f"{suggest(name, [column.name for column in table.columns if column.name])}"
                )
            factor = (column.unit.factor if column.unit else 1.0) / (ours.unit.factor if ours.unit else 1.0)
        kept &= [any(_equal(cell, value, factor, table.comma) for value in values) for cell in table.cells(column)]
        if not kept.any():
            raise InputError(f"{table.name}: no row has {name} = {wanted}")
    return kept


def _equal(cell: str, wanted: str, factor: float, comma: bool) -> bool:
    found, value = factor * number(cell, comma), number(wanted)
    if np.isnan(found) or np.isnan(value):
        return cell == wanted
    return bool(np.isclose(found, value, rtol=1e-6, atol=0))
