"""Files of other measurements, which look like pulses: sweeps of current over voltage, traces over time."""

from __future__ import annotations

import numpy as np

from insitu.errors import InputError
from insitu.measure.reading.numbers import numbers
from insitu.measure.reading.table import Table

_MANY = 10  #: values of an amplitude, beyond which it is no set of pulses
_WANTED = "wanted are readings at one small voltage after each of many identical pulses, one row a pulse"


def refuse_strangers(table: Table) -> None:
    """Refuse a table of another kind of measurement, in a sentence that says which it is.

    Raises
    ------
    InputError : it is an I-V sweep or a trace over time.
    """
    if table.all("polarity") or table.all("up") or table.all("down"):
        return
    volts, time = table.all("amplitude"), table.all("time")
    if volts and len(volts) + len(time) < len([column for column in table.columns if column.name]) and not time:
        found = np.unique(numbers(table.cells(volts[0]), table.comma))
        if np.count_nonzero(~np.isnan(found)) > _MANY:
            raise InputError(
                f"{table.name}: looks like an I-V sweep: '{volts[0].name}' runs through {found.size} voltages; {_WANTED}"
            )
    if time and not table.all("before"):
        values = numbers(table.cells(volts[0]), table.comma) if volts else np.zeros(1)
        if not table.all("after") or (values == 0).any() or np.unique(values).size > _MANY:
            raise InputError(
                f"{table.name}: looks like a trace over time ('{time[0].name}'), as of an oscilloscope; {_WANTED}"
            )
    if not table.line and len(table.columns) in (2, 3):
        _refuse_bare(table)


def _refuse_bare(table: Table) -> None:
    """Refuse numbers without names of which the first column runs in equal steps, and no other does."""
    first, *others = (np.diff(numbers(table.cells(column), table.comma)) for column in table.columns)
    if first.size < _MANY or np.isnan(first).any():
        return
    step = np.abs(first).max()
    if step == 0 or np.abs(np.abs(first) - step).mean() > 0.02 * step:
        return
    turns = np.count_nonzero(np.diff(np.sign(first)))
    even = [np.nanmax(np.abs(other)) - np.nanmin(np.abs(other)) < 1e-3 * step for other in others if other.size]
    if turns:
        raise InputError(
            f"{table.name}: looks like an I-V sweep: the first column runs up and down in steps of {step:.3g}; {_WANTED}"
        )
    if len(table.columns) == 2 and not any(even) and not np.isclose(np.abs(first), step, rtol=1e-9).all():
        return
    if len(table.columns) == 2 and not any(even):
        raise InputError(
            f"{table.name}: the first column goes up in equal steps of {step:.3g}, like a time or a number of pulses, so "
            f"there is one curve, of a direction that is not said, or a trace of an oscilloscope; {_WANTED}, or two files "
            "of one curve each, --up and --down"
        )
