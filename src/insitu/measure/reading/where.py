"""Which rows of a table the user chose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, suggest
from insitu.measure.reading.choosing import first_of
from insitu.measure.reading.columns import column_of
from insitu.measure.reading.numbers import number
from insitu.measure.reading.table import Table


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
