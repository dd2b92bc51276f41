"""Files of other measurements, which look like pulses: sweeps of current over voltage, traces over time."""

from __future__ import annotations

import numpy as np

from insitu.errors import InputError
from insitu.measure.reading.alike import alike_columns
from insitu.measure.reading.choosing import by_its_cells
from insitu.measure.reading.numbers import numbers
from insitu.measure.reading.table import Table

_MANY = 10  #: values of an amplitude, beyond which it is no set of pulses
_EVEN = 1e-3  #: of a step: closer to each other than the steps of a measured curve are
_WANTED = "wanted are readings at one small voltage after each of many identical pulses"


def refuse_strangers(table: Table, direction: int = 0) -> None:
    """Refuse a table of another kind of measurement, in a sentence that says which it is.

    Parameters
    ----------
    direction : of all its pulses, if that was said; 0 if not.

    Raises
    ------
    InputError : it is an I-V sweep, a trace over time, or windows over cycles.
    """
    where = f"{table.name}, line {table.line}"
    if table.all("low") and table.all("high") and not table.all("after"):
        raise InputError(
            f"{where}: looks like windows over cycles ('{table.all('low')[0].name}', '{table.all('high')[0].name}'); "
            f"those go by --kind endurance, or over time by --kind retention; of pulses {_WANTED}"
        )
    if any(table.all(means) for means in ("polarity", "up", "down")) or by_its_cells(table):
        return
    volts, time = table.all("amplitude"), table.all("time")
    values = numbers(table.cells(volts[0]), table.comma) if volts else np.zeros(1)
    many = np.unique(values[~np.isnan(values)]).size > _MANY
    if time and not direction and (many or (values == 0).any() or not table.all("after")):
        raise InputError(
            f"{where}: looks like a trace over time ('{time[0].name}'), as of an oscilloscope; {_WANTED}, one row each; "
            "cells that were left alone go by --kind retention or --kind noise"
        )
    if volts and many:
        raise InputError(
            f"{where}: looks like an I-V sweep: '{volts[0].name}' runs through many voltages; {_WANTED}, one row each"
        )
    if not (direction or table.all("after") or alike_columns(table)):
        _refuse_abscissa(table)


def _refuse_abscissa(table: Table) -> None:
    """Refuse columns of which the first runs in equal steps and no other does."""
    first, *others = (np.diff(numbers(table.cells(column), table.comma)) for column in table.columns)
    step = np.abs(first).max(initial=0.0)
    if first.size < _MANY or not others or not step > 0 or not _even(first):
        return
    turns, where = np.count_nonzero(np.diff(np.sign(first))), f"{table.name}, line {table.rows[0].line} and on"
    if 0 < turns < first.size / 5:
        raise InputError(
            f"{where}: looks like an I-V sweep: the first column runs up and down in steps of {step:.3g}; {_WANTED}, "
            "one row each"
        )
    if not turns and len(others) == 1 and not _even(others[0][~np.isnan(others[0])]):
        raise InputError(
            f"{where}: the first column goes in equal steps of {step:.3g}, like pulses that are counted, a voltage or a "
            "time: it looks like one curve of a direction that is not said, an I-V sweep, or a trace of an oscilloscope; "
            f"{_WANTED}, as columns up and down, or as two files, --up and --down"
        )


def _even(steps: np.ndarray) -> bool:
    sizes = np.abs(steps)
    return not np.isnan(steps).any() and bool(np.ptp(sizes) < _EVEN * sizes.max(initial=0.0))
