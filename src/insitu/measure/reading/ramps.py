"""Curves: readings after consecutive pulses of one direction, each in a column of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from insitu.measure.reading.choosing import first_of, read_volts_of, repeated, unused
from insitu.measure.reading.columns import Column, shown
from insitu.measure.reading.curves import check_index, curve_columns, rise
from insitu.measure.reading.longs import Faults, given_scale, names_of, read_volts
from insitu.measure.reading.numbers import is_missing, numbers
from insitu.measure.reading.quantities import Given, Scale
from insitu.measure.reading.readings import Readings
from insitu.measure.reading.table import Table

_DEVICE = re.compile(r"(?i)(device|dev|cell|sample)[\s_-]*(\d+|[a-z](?![a-z0-9]))")  #: in the name of a column
_FINITE = "a finite number"


@dataclass(frozen=True)
class Curve:
    """Readings ``g``, S, of a device after consecutive pulses of one ``way``, +1 or -1, with the line of each.

    NaN is one that cannot be read.
    """

    device: str
    way: int
    g: NDArray[np.float64]
    line: NDArray[np.intp]


@dataclass(frozen=True)
class Ramps:
    """Curves of a file; ``layout``, ``unit``, ``aside``, ``bad`` as in :class:`Readings`."""

    curves: tuple[Curve, ...]
    layout: str
    unit: str
    aside: tuple[str, ...]
    bad: tuple[str, ...]


def ramps_of(table: Table, given: Given, direction: int = 0) -> Ramps | None:
    """Return the curves of a table; None if it has one row a pulse.

    Parameters
    ----------
    direction : of all of them; 0 is as the table says.
    """
    columns, ways = curve_columns(table, direction)
    if not columns:
        return None
    check_index(table, columns)
    faults: Faults = {}
    read_at = read_volts(table, given)
    scales = [given_scale(table, column, given, read_at) for column in columns]
    width, device = len(table.columns), repeated(table, first_of(table, "device", "device_id"))
    names = names_of(table, device, faults)
    bad = [faults[key] for key in sorted(faults)]
    long = np.array([len(row.cells) > width for row in table.rows])
    for at in np.flatnonzero(long).tolist():
        row = table.rows[at]
        bad.append(f"{table.name}, line {row.line}: has {len(row.cells)} cells, but the table has {width} columns")
    lines, parts = np.array([row.line for row in table.rows], np.intp), _parts(table, names)
    curves = []
    for column, way, scale in zip(columns, ways, scales, strict=True):
        words, of = column.name or f"the {'up' if way > 0 else 'down'} curve", _DEVICE.search(column.name)
        cells, g, wanted = _values(table, column, scale)
        g[long] = np.nan
        for place, part in enumerate(parts):
            rows = part[: max((at for at, row in enumerate(part, 1) if not is_missing(cells[row])), default=0)]
            bad += [
                f"{table.name}, line {lines[at]}: {words} is {cells[at][:60]!r}; allowed is {wanted.get(at, _FINITE)}"
                for at in rows[np.isnan(g[rows]) & ~long[rows]].tolist()
            ]
            if rows.size:
                name = f"{names[rows[0]]} {of[0] if of else ''}".strip()
                curves.append((place, Curve(name, way or rise(table, column, g[rows]), g[rows], lines[rows])))
    found = tuple(curve for _, curve in sorted(curves, key=lambda one: one[0]))
    several = {curve.device for curve in found} != {""}
    kind = "a column a device" if several else "two curves" if len(ways) == 2 and not direction else "a column a ramp"
    kind = "curves of each " + shown(device) if device else kind
    times = f", {len(parts)} times" if len(parts) > 1 else ""
    shown_names = ", ".join(map(shown, columns[:4])) + (", ..." if len(columns) > 4 else "")
    others = [*columns, *table.all("index"), *table.all("cycle"), device, read_volts_of(table, given, scales[0])]
    return Ramps(
        found,
        f"{kind} ({shown_names}){times}, {table.written}",
        scales[0].words,
        (*table.aside, *unused(table, others)),
        tuple(bad),
    )


def _parts(table: Table, names: NDArray[np.str_]) -> list[NDArray[np.intp]]:
    """Return the rows of each set of curves: of one device and cycle, until a count is back at what it began with."""
    cycle, index = (repeated(table, first_of(table, "cycle", "cycle")), first_of(table, "index", "pulse_index"))
    cycles = table.cells(cycle) if cycle else [""] * len(table.rows)
    index = index if index and len(set(table.cells(index))) > 1 else None
    counts = numbers(table.cells(index), table.comma) if index else np.arange(len(table.rows))
    parts: list[list[int]] = []
    of: dict[tuple[str, str], list[int]] = {}
    for at, key in enumerate(zip(names.tolist(), cycles, strict=True)):
        if key not in of or counts[at] == counts[of[key][0]]:
            of[key] = []
            parts.append(of[key])
        of[key].append(at)
    return [np.array(part, np.intp) for part in parts]


def _values(table: Table, column: Column, scale: Scale) -> tuple[list[str], NDArray[np.float64], dict[int, str]]:
    """Return the cells of a column, their conductances, NaN where there is none, and what is allowed for those of others."""
    cells = table.cells(column)
    g = scale.siemens(numbers(cells, table.comma))
    far, wanted = scale.strange(g)
    g[far] = np.nan
    scale.check(table.name, shown(column), g)
    return cells, g, dict.fromkeys(np.flatnonzero(far).tolist(), wanted)


def of_ramps(*files: Ramps) -> Readings:
    """Return curves as readings, those of several files in turn, the longer file first; each curve is a train of its own."""
    ordered = sorted(files, key=lambda one: -len(one.curves))
    turns = [curve for turn in zip_longest(*(one.curves for one in ordered)) for curve in turn if curve is not None]
    sizes = [curve.g.size for curve in turns]
    starts = np.cumsum([0, *(size + 1 for size in sizes)])[:-1]  # a gap in the count begins a train
    after = np.concatenate([curve.g for curve in turns])
    return Readings(
        device=np.repeat([curve.device for curve in turns], sizes),
        number=np.concatenate(
            [start + np.arange(size, dtype=float) for start, size in zip(starts, sizes, strict=True)]
        ),
        polarity=np.repeat(np.array([curve.way for curve in turns], np.int8), sizes),
        before=np.full(after.size, np.nan),
        after=after,
        layout="; ".join(dict.fromkeys(one.layout for one in files)),
        unit="; ".join(dict.fromkeys(one.unit for one in files)),
        aside=tuple(dict.fromkeys(text for one in files for text in one.aside)),
        bad=tuple(text for one in files for text in one.bad),
        line=np.concatenate([curve.line for curve in turns]) if len(files) == 1 else None,
    )
