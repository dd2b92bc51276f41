"""Layouts: one row a pulse, two curves, a column a ramp, a column a device; and which of them a table has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.measure.reading.columns import Column
from insitu.measure.reading.longs import long_readings
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.readings import Readings
from insitu.measure.reading.strangers import refuse_strangers
from insitu.measure.reading.table import Table

LAYOUTS = (
    "wanted is one row a pulse with named columns (polarity, g_after_S, ...), two columns of readings (up,down), a column a "
    "ramp (up1,down1,...) or a device (polarity,cell1,cell2,...), or two files (--up, --down)"
)
_WORDS = {1: "up", -1: "down"}


@dataclass(frozen=True)
class Ramp:
    """Readings after consecutive pulses of one direction, S; NaN is one that cannot be read."""

    device: str
    polarity: int
    after: NDArray[np.float64]


def readings_of(table: Table, given: Given, where: Mapping[str, str]) -> Readings:
    """Return what a table of up and down pulses holds.

    Raises
    ------
    InputError : it is none of the layouts, or of another kind of measurement.
    """
    refuse_strangers(table)
    ramps = _directed(table)
    if ramps and not table.all("polarity"):
        if where:
            raise InputError(f"{table.name}: has no columns of pulses, so there is nothing to choose rows by")
        return of_ramps([_ramps(table, ramps, given)])
    return long_readings(table, given, where)


def ramps_of(table: Table, direction: int, given: Given) -> Readings | tuple:
    """Return the readings of a file that holds pulses of one direction only."""


def _directed(table: Table) -> list[tuple[Column, int]]:
    return []
