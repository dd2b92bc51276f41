"""From files of measured pulses to pulses: the one way in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from insitu.errors import InputError
from insitu.measure.pulses import Pulses
from insitu.measure.reading.grid import grid_of, read_bytes
from insitu.measure.reading.longs import long_readings
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.ramps import Ramps, of_ramps, ramps_of
from insitu.measure.reading.readings import Readings, pulses_of, without_bad
from insitu.measure.reading.reference import at_of
from insitu.measure.reading.strangers import refuse_strangers
from insitu.measure.reading.table import Table, table_of


def read_pulses(
    path: str | PathLike[str] | None = None,
    *,
    up: str | PathLike[str] | None = None,
    down: str | PathLike[str] | None = None,
    unit: float | str | None = None,
    zero: float = 0.0,
    read_voltage: float | None = None,
    magnitude: bool = False,
    where: Mapping[str, str] | None = None,
    skip_bad: bool = False,
    at: str | Mapping[str, float | Sequence[float]] | None = None,
) -> Pulses:
    """Return the pulses of a file, or of one of up and one of down pulses; docs/fit.md has the layouts.

    Parameters
    ----------
    path : table of pulses, text or .xlsx. up, down : two tables in its place, each of one direction.
    unit : of the readings, in place of what the file says: ``"uS"``, ``"kOhm"``, ``"nA"``, or the siemens of one unit of
        normalised ones, ``g = zero + unit * value``.
    zero : their 0, S.
    read_voltage : at which currents were read, V: ``g = current / read_voltage``.
    magnitude : whether signs of readings mean nothing.
    where : column -> value, or several with commas between: only the rows that have one of them. What was read before
        a pulse is taken from the whole file.
    at : amplitude and width of the device, where pulses of several are fitted together; ``"most"`` is the most frequent.
    skip_bad : whether rows that cannot be read are left out, up to 5 % of them.

    Raises
    ------
    InputError : what is wrong, with its line and what is allowed.
    """
    given = Given(unit, zero, read_voltage, magnitude)
    if (path is None) == (up is None and down is None):
        raise InputError("file: give one file of pulses, or those of up and down pulses apart, --up FILE --down FILE")
    if path is not None:
        table, name, source = table_in(Path(path))
        refuse_strangers(table)
        ramps = ramps_of(table, given)
        if ramps and where:
            raise InputError(f"{name}: has no rows of named columns, so there is nothing to choose rows by")
        readings = of_ramps(ramps) if ramps else long_readings(table, given, where or {})
    else:
        if where:
            raise InputError("where: rows are chosen in one file of up and down pulses, not in two")
        readings, name, source = _two(up, down, given)
    readings = without_bad(name, readings, skip_bad)
    if unit is not None or read_voltage is not None:
        source += f", {readings.unit}"
    return pulses_of(name, readings, source, at_of(at))


def table_in(path: Path) -> tuple[Table, str, str]:
    """Return the table in a file, the name of the file, and a sentence that says which it is."""
    data = read_bytes(path)
    source = f"{path.name} (SHA-256 {hashlib.sha256(data).hexdigest()[:12]}...)"
    return table_of(grid_of(path, data)), path.name, source


def _two(up: str | PathLike[str] | None, down: str | PathLike[str] | None, given: Given) -> tuple[Readings, str, str]:
    """Return the readings of two files, each of one direction; their name and source."""
    found: list[Ramps | Readings] = []
    names, sources = [], []
    for file, direction in ((up, 1), (down, -1)):
        if file is not None:
            table, name, source = table_in(Path(file))
            refuse_strangers(table, direction)
            found.append(ramps_of(table, given, direction) or long_readings(table, given, {}, direction))
            names.append(name)
            sources.append(source)
    ramps = [one for one in found if isinstance(one, Ramps)]
    readings = [one for one in found if isinstance(one, Readings)]
    whole = [of_ramps(*ramps)] if ramps else []
    return _joined([*readings, *whole]), " and ".join(names), " and ".join(sources)


def _joined(parts: list[Readings]) -> Readings:
    """Return readings of several files as of one; what is of another file is another train."""
    one, *others = parts
    for other in others:
        gap = np.nanmax(one.number, initial=0) - np.nanmin(other.number, initial=0) + 2
        arrays = ("device", "number", "polarity", "before", "after")
        other = replace(other, number=other.number + gap)
        one = replace(
            one,
            **{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in arrays},
            amplitude=_both(one, other, "amplitude"),
            width=_both(one, other, "width"),
            layout="; ".join(dict.fromkeys([one.layout, other.layout])),
            unit="; ".join(dict.fromkeys([one.unit, other.unit])),
            aside=tuple(dict.fromkeys(one.aside + other.aside)),
            bad=one.bad + other.bad,
            names=(one.names[0] or other.names[0], one.names[1] or other.names[1]),
            index=one.index or other.index,
            line=None,
        )
    return one


def _both(one: Readings, other: Readings, name: str) -> np.ndarray:
    values = [getattr(part, name) for part in (one, other)]
    unknown = [np.full(part.after.size, np.nan) for part in (one, other)]
    return np.concatenate([b if a is None else a for a, b in zip(values, unknown, strict=True)])
