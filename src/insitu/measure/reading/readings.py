"""Readings in the order of a file, whatever its layout, and how pulses follow from them: before, after, which train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, require_bool
from insitu.measure.pulses import SAME_CONDITION, Pulses, pulses
from insitu.measure.reading.reference import At, reference
from insitu.units import si

_MOST_BAD = 0.05
_BACK = 0.5  #: part of the range
_MOST_ONES = 0.3  #: part of the steps of an index that are 1, beyond which its gaps part trains


@dataclass(frozen=True)
class Readings:
    """One entry a pulse of a file, those that cannot be used among them.

    Parameters
    ----------
    device : (n,) names. number : (n,) of the pulse; NaN is not known, which begins a new train.
    polarity : (n,) +1 or -1; 0 is not known.
    before : (n,) reading before, S; NaN is the one after the pulse before. after : (n,) reading after, S; NaN is none.
    layout, unit : what was understood, in words. aside : what was left aside, in words.
    bad : what cannot be read, each with its line. chosen : (n,) which are wanted; None is all.
    amplitude, width : (n,) V, s; None where the file does not give them. names : of these two in the file.
    index : name of the column that counts pulses; '' if there is none.
    line : (n,) of the file; None where there are several files.
    """

    device: NDArray[np.str_]
    number: NDArray[np.float64]
    polarity: NDArray[np.int8]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    layout: str
    unit: str
    aside: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    chosen: NDArray[np.bool_] | None = None
    amplitude: NDArray[np.float64] | None = None
    width: NDArray[np.float64] | None = None
    names: tuple[str, str] = ("", "")
    index: str = ""
    line: NDArray[np.intp] | None = None


def without_bad(name: str, readings: Readings, skip: bool) -> Readings:
    """Return readings of which bad ones are named as left aside; refuse them, or too many of them."""
    left = left_out(name, readings.bad, readings.after.size, skip)
    return replace(readings, aside=(*readings.aside, left)) if left else readings


def left_out(name: str, bad: Sequence[str], n: int, skip: bool) -> str:
    """Return what is said of those of n readings that cannot be read and are left out; empty if there are none.

    Raises
    ------
    InputError : a bad one, by its line, or there are too many of them.
    """
    require_bool("skip_bad", skip)
    if not bad:
        return ""
    if not skip:
        more = f" ({len(bad)} such in all)" if len(bad) > 1 else ""
        raise InputError(f"{bad[0]}{more}; mend it, or leave up to 5 % of the readings out with --skip-bad")
    if len(bad) > _MOST_BAD * n:
        raise InputError(
            f"{name}: {len(bad)} of {n} readings cannot be read, and --skip-bad leaves out 5 %; first {bad[0]}"
        )
    return "; ".join(one.split("; allowed")[0] for one in bad[:3]) + (f"; {len(bad) - 3} more" if len(bad) > 3 else "")


def pulses_of(name: str, readings: Readings, source: str, at: At | None = None) -> Pulses:
    """Return the pulses of readings, device after device; those of several amplitudes or widths only with ``at``.

    Raises
    ------
    InputError : there are none, or nothing can be learned from them.
    """
    order, number = _by_device(readings)
    device, number = readings.device[order], number[order]
    after, before, polarity = readings.after[order], readings.before[order], readings.polarity[order]
    mine = device[1:] == device[:-1]
    number = _counted_on(number, polarity, after, mine)
    shared = np.isnan(before[1:]) | (before[1:] == after[:-1])  # a reading serves as that before the next pulse
    if readings.index:
        refuse_strides(name, readings.index, np.diff(number)[mine & shared])
    earlier = np.full(after.size, np.nan)
    earlier[1:] = np.where(mine & (np.diff(number) == 1), after[:-1], np.nan)
    back = _brought_back(polarity, after, earlier) & np.isnan(before)
    earlier[back] = np.nan
    before = np.where(np.isnan(before), earlier, before)
    kept = ~np.isnan(before) & ~np.isnan(after) & (polarity != 0)
    if not kept.any():
        n = np.count_nonzero(~np.isnan(after))
        by = f", as {readings.index} counts them" * bool(readings.index)
        what = "has one reading only" if n == 1 else f"of {n} readings no two follow each other{by}"
        raise InputError(f"{name}: {what}; a pulse needs a reading before and one after it")
    aside = readings.aside
    if back.any():
        aside = (*aside, f"changes to where trains begin, which no pulse of the file made: {np.count_nonzero(back):,}")
    if readings.chosen is not None:
        others = int(np.count_nonzero(kept & ~readings.chosen[order]))
        aside = (*aside, f"pulses that were not chosen: {others:,}") if others else aside
        kept &= readings.chosen[order]
        if not kept.any():
            raise InputError(f"{name}: no pulse of the chosen rows has a reading before it")
    both = np.concatenate([before[kept], after[kept]])
    if both.min() == both.max():
        raise InputError(f"{name}: all readings are {si(float(both[0]), 'S')}: no pulse changed anything")
    rows = order[kept]
    chosen = None
    if at is None:
        conditions = _conditions(name, readings, rows)
    else:
        values = (readings.amplitude, readings.width)
        part = [None if one is None else one[rows] for one in values]
        lines = None if readings.line is None else readings.line[rows]
        conditions, chosen = reference(name, polarity[kept], part[0], part[1], at, lines)
    found = pulses(
        *(a[kept] for a in (polarity, before, after)),
        device=device[kept],
        index=number[kept],
        source=source,
        conditions=conditions,
    )
    given = {name: getattr(readings, name) for name in ("amplitude", "width", "line")}
    pulse: dict[str, Any] = {name: None if values is None else values[order[kept]] for name, values in given.items()}
    return replace(found, layout=readings.layout, unit=readings.unit, aside=aside, at=chosen, **pulse)


def _brought_back(
    polarity: NDArray[np.int8], after: NDArray[np.float64], earlier: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which pulses, in a file of one direction, seem to go back over half of the range and from there on again.

    The cell was brought back by what is not in the file.
    """
    signs = np.unique(polarity[polarity != 0])
    if signs.size != 1 or np.isnan(after).all():
        return np.zeros(after.size, bool)
    by = signs[0] * (earlier - after)
    following = np.append(np.abs(np.diff(after)), 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray((by > _BACK * (np.nanmax(after) - np.nanmin(after))) & ~(following > by / 2))


def _counted_on(
    number: NDArray[np.float64], polarity: NDArray[np.int8], after: NDArray[np.float64], mine: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return numbers that go on where a file counts the pulses of each train from 1, up and down in turn, or some backwards.

    Parameters
    ----------
    mine : (n - 1,) whether a pulse is of the device of the one before it. Where a reading goes against its pulse, and further
        than any within a train, the cell was changed in between, and a new train begins.
    """
    back = mine & (np.diff(number) == -1)
    back &= np.append(back[1:], False) | np.append(False, back[:-1])  # two in a row are no train that begins anew
    number = number + np.append(0.0, np.cumsum(np.where(back, 2.0, 0.0)))
    change, on = np.diff(after), mine & (np.diff(number) == 1)
    if not on.any() or np.isnan(change[on]).all():
        return number
    begins = mine & (number[1:] == 1) & (number[:-1] > 1) & (polarity[1:] == -polarity[:-1])
    begins &= -polarity[1:] * change <= np.nanmax(abs(change[on]))
    return np.asarray(number + np.append(0.0, np.cumsum(np.where(begins, number[:-1], 0.0))))


def _by_device(readings: Readings) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the order that brings the rows of a device together, and the number of each pulse of its device."""
    names, of = np.unique(readings.device, return_inverse=True)
    first = np.full(names.size, of.size)
    np.minimum.at(first, of, np.arange(of.size))
    order, number = np.argsort(first[of], kind="stable"), readings.number
    in_turn = np.count_nonzero(np.diff(of)) >= names.size > 1
    if in_turn and (np.diff(number) == 1).all():  # it counts the rows of the file, not the pulses of a device
        number = np.empty(of.size)
        number[order] = np.concatenate([np.arange(n) for n in np.bincount(of)[np.argsort(first)]])
    return order, number


def refuse_strides(name: str, column: str, steps: NDArray[np.float64]) -> None:
    """Refuse an index that goes up by more than one from reading to reading, as a rule."""
    up = steps[steps > 0]
    stride = float(np.median(up)) if up.size else 1.0
    if stride <= 1 or (up == 1).mean() > _MOST_ONES:
        return
    even = bool((up == stride).mean() > 0.5)
    by = f"{stride:g}" if even else f"{up.min():g} to {up.max():g}"
    or_else = (
        f", or, if {stride:g} pulses together are to be one pulse of the device, number the rows 0, 1, 2, ... or leave that "
        "column out"
    ) * even
    raise InputError(
        f"{name}: {column} goes up by {by}, so there is a reading after every {by} pulses only, and nothing is fitted across "
        f"pulses that were not read; read after each{or_else}"
    )


def _conditions(name: str, readings: Readings, rows: NDArray[np.intp]) -> str:
    """Return amplitude and width as a sentence; refuse pulses that are not identical."""
    known, polarity = [], readings.polarity[rows]
    for sign, direction in ((1, "up"), (-1, "down")):
        parts = []
        for column, unit, values in zip(readings.names, "Vs", (readings.amplitude, readings.width), strict=True):
            if values is None or not (polarity == sign).any():
                continue
            mine = values[rows][polarity == sign]
            found, count = np.unique(mine[~np.isnan(mine)], return_counts=True)
            if not found.size:
                continue
            if found[-1] - found[0] > SAME_CONDITION * np.abs(found).max():
                some = ", ".join(f"{value:g}" for value in found[:5]) + (", ..." if found.size > 5 else "")
                once = ""
                if readings.line is not None and count.min() == 1 < count.max():
                    single = found[count.argmin()]
                    line = readings.line[rows][polarity == sign][np.flatnonzero(mine == single)[0]]
                    once = f"; {single:g} only in line {line}"
                key = "amplitude_V" if unit == "V" else "width_s"
                raise InputError(
                    f"{name}: {direction} pulses have {found.size} values of {column} ({some} {unit}{once}); a device "
                    f"answers identical pulses, so choose one for each direction, for example --where {key}={found[0]:g}, "
                    "and fit each on its own; or fit all of them together, with steps that grow with both, for the device "
                    f"at one, --at {key}={found[0]:g}, or at that of the most pulses, --at most"
                )
            parts.append(si(float(np.median(found)), unit))
        if parts:
            known.append(f"{direction} pulses of {' and '.join(parts)}")
    return ", ".join(known) if known else "identical pulses; amplitude and width are not in the file"
