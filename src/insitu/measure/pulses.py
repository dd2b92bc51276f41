"""Measured pulses: what was read before and after each, in the order in which they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insitu.arraytypes import Doubles
from insitu.devices.table import checked_pulses
from insitu.errors import InputError, suggest
from insitu.units import si

#: how a pulse follows the one before: at its first reading, from the very reading after it, or from a further one
START, SAME, FURTHER = 0, 1, 2
_COLUMNS = ("of", "polarity", "before", "after", "link", "amplitude", "width", "line")
SAME_CONDITION = 0.01  #: of an amplitude or a width: as near as a generator that was read back
_WILD = 0.02  #: part of the readings at either end that may be anything: strays
_MOVED = 10.0  #: times as far as readings of one state usually are apart, or as a third of a step: it is another
_OFTEN = 3  #: times that an extreme reading comes, and times as often as the next one, from which on readings pile up
LEAST = 20  #: fewest pulses of a direction from which anything is fitted


@dataclass(frozen=True)
class Pulses:
    """Pulses of one or several devices, device after device, each in its order.

    Parameters
    ----------
    names : of the devices.
    of : (n,) which device, as a place in ``names``.
    polarity : (n,) +1 (up, LTP, SET) or -1 (down, LTD, RESET).
    before, after : (n,) conductance read before and after each pulse, S.
    link : (n,) START, SAME or FURTHER.
    source : a sentence on where they come from.
    conditions : amplitude and width, as far as known: a sentence for the validity of a fit.
    layout, unit : of the file, as it was understood: in words. aside : what was left aside, in words.
    amplitude, width : (n,) of each pulse, V and s; None where they are not known.
    line : (n,) of the file in which the reading after each pulse stands; None where that is not known.
    at : (amplitude, width) up and down, V and s, at which a device is fitted to pulses that differ; None if they do not.
    """

    names: tuple[str, ...]
    of: NDArray[np.intp]
    polarity: NDArray[np.int8]
    before: Doubles
    after: Doubles
    link: NDArray[np.int8]
    source: str = ""
    conditions: str = ""
    layout: str = ""
    unit: str = ""
    aside: tuple[str, ...] = ()
    amplitude: Doubles | None = None
    width: Doubles | None = None
    line: NDArray[np.intp] | None = None
    at: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def signs(self) -> tuple[int, ...]:
        """+1 and -1, as far as there are pulses of either."""
        return tuple(sign for sign in (1, -1) if (self.polarity == sign).any())

    @property
    def linked(self) -> int:
        """How many pulses follow another one."""
        return int((self.link != START).sum())

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest reading, S."""
        both = np.concatenate([self.before, self.after])
        return float(both.min()), float(both.max())

    @property
    def begins(self) -> NDArray[np.bool_]:
        """(n,) whether a pulse is the first of a train of its polarity."""
        return np.append(True, (self.polarity[1:] != self.polarity[:-1]) | (self.link[1:] == START))

    def only(self, devices: ArrayLike) -> Pulses:
        """Return the pulses of some devices, given as places in ``names``."""
        chosen = np.asarray(devices, np.intp)
        place = np.full(len(self.names), -1)
        place[chosen] = np.arange(chosen.size)
        keep = place[self.of] >= 0
        rows = np.flatnonzero(keep)[np.argsort(place[self.of[keep]], kind="stable")]
        some = self.rows(rows)
        return replace(some, names=tuple(self.names[i] for i in chosen), of=place[some.of])

    def rows(self, rows: NDArray[np.intp], **changed: Any) -> Pulses:
        """Return some pulses, with columns ``changed``; all devices keep their place."""
        columns: dict[str, Any] = {
            name: None if (one := getattr(self, name)) is None else one[rows] for name in _COLUMNS
        }
        return replace(self, **{**columns, **changed})

    def at_device(self) -> Pulses:
        """Return the pulses at whose amplitude and width the device is; the same where all are."""
        if self.at is None:
            return self
        keep = np.ones(self.of.size, bool)
        for i, values in enumerate((self.amplitude, self.width)):
            if values is not None:
                wanted = np.where(self.polarity > 0, self.at[0][i], self.at[1][i])
                keep &= np.isclose(np.abs(values), wanted, rtol=SAME_CONDITION)
        return self.rows(np.flatnonzero(keep))

    @property
    def piled(self) -> NDArray[np.bool_]:
        """(2, devices) whether readings of a device pile up at their lowest, and at their highest, as at a bound.

        The very same reading comes again and again then, more often than the ones next to it, which no noise does; or twice,
        where no other does.
        """
        found = np.zeros((2, len(self.names)), bool)
        for k in range(len(self.names)):
            _, count = np.unique(self.after[self.of == k], return_counts=True)
            rounded = count.size < LEAST or count[1:-1].max() > 1
            for end, inward in enumerate((count, count[::-1])):
                often = inward[0] > _OFTEN and (inward.size < 2 or inward[0] > _OFTEN * inward[1])
                found[end, k] = often or (inward[0] > 1 and not rounded)
        return found

    def without(self, names: Sequence[str]) -> Pulses:
        """Return the pulses of the devices but these."""
        for name in names:
            if name not in self.names:
                raise InputError(f"--without: there is no device '{name}'; {suggest(name, self.names)}")
        left = [k for k, name in enumerate(self.names) if name not in names]
        if not left:
            raise InputError("--without: leaves no device")
        return self.only(left) if names else self

    def describe(self) -> str:
        """Return how many pulses of how many devices there are, as a sentence."""
        up, n = int((self.polarity > 0).sum()), self.of.size
        devices = f"{len(self.names)} devices" if len(self.names) > 1 else "one device"
        low, high = self.range
        return f"{up:,} up and {n - up:,} down pulses of {devices}, readings from {si(low, 'S')} to {si(high, 'S')}"

    def understood(self) -> dict[str, object]:
        """Return what a file was taken for: layout, devices, pulses, unit and range of the readings, what was left aside."""
        up = int((self.polarity > 0).sum())
        return {
            "layout": self.layout,
            "devices": list(self.names),
            "pulses_up": up,
            "pulses_down": self.of.size - up,
            "readings": self.unit,
            "range_S": list(self.range),
            "conditions": self.conditions,
            "left_aside": list(self.aside),
        }

    def told(self) -> tuple[str, ...]:
        """Return the same as sentences: layout, pulses, what was left aside; only the second where there was no file."""
        unit = f" ({self.unit})" if self.unit else ""
        pulses = f"Pulses: {self.describe()}{unit}{'; ' if self.conditions else ''}{self.conditions}."
        if not self.layout:
            return (pulses,)
        return f"File: {self.layout}.", pulses, f"Left aside: {'; '.join(self.aside) or 'nothing'}."


def pulses(
    polarity: ArrayLike,
    before: ArrayLike,
    after: ArrayLike,
    *,
    device: ArrayLike | None = None,
    index: ArrayLike | None = None,
    source: str = "",
    conditions: str = "",
) -> Pulses:
    """Return checked pulses.

    Parameters
    ----------
    polarity, before, after : (n,) as in :class:`Pulses`.
    device : (n,) name of each pulse's device; None is one device.
    index : (n,) whole numbers that count the pulses of a device; after a gap, or where they do not rise, a new train
        starts. None: each device has one train, in the given order. Where the reading before a pulse says that the cell
        was brought elsewhere, a new train starts too.

    Raises
    ------
    InputError
        On unequal lengths, readings that are not finite or no conductances, polarities other than +1 and -1, or fewer
        than 20 pulses of either polarity.
    """
    g_before, g_after, sign = checked_pulses(before, after, polarity)
    n = sign.size
    names = np.asarray([""] * n if device is None else device, str)
    number = np.arange(n) if index is None else np.asarray(index)
    if names.shape != (n,) or number.shape != (n,):
        raise InputError("device, index: allowed are columns as long as the others, one value a pulse")
    both = np.concatenate([g_before, g_after])
    low, high = np.quantile(both, (_WILD, 1 - _WILD)) if n > 1 / _WILD else (both.min(initial=0), both.max(initial=0))
    if low < -0.1 * high or high > 1:
        raise InputError(
            f"readings: run from {both.min():.3g} to {both.max():.3g}, which are no conductances in siemens; say what they "
            "mean, for example --unit 5e-6 --zero 10e-6 (5 uS a unit, 10 uS at 0)"
        )
    if (most := max(up := int((sign > 0).sum()), n - up)) < LEAST:
        raise InputError(
            f"polarity: {up} up and {n - up} down pulses are too few to fit anything to; measure at least {LEAST} of either, "
            f"{LEAST - most} more of those that are most"
        )
    known = {name: place for place, name in enumerate(dict.fromkeys(names.tolist()))}
    of = np.array([known[name] for name in names.tolist()], np.intp)
    order = np.argsort(of, kind="stable")
    of, number = of[order], number[order]
    sign, g_before, g_after = (a[order] for a in (sign, g_before, g_after))
    link = np.zeros(n, np.int8)
    follows = (of[1:] == of[:-1]) & (np.ones(n - 1, bool) if index is None else np.diff(number) == 1)
    follows &= ~_moved(g_before, g_after, follows)
    link[1:] = np.where(follows, np.where(g_before[1:] == g_after[:-1], SAME, FURTHER), START)
    labels = tuple(name or "device" for name in known)
    return Pulses(labels, of, sign.astype(np.int8), g_before, g_after, link, source, conditions)


def _moved(before: Doubles, after: Doubles, follows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (n - 1,) before which pulses a cell was brought elsewhere, after the last reading of the pulse before.

    The reading before is far from that one, and those after both pulses are with the ones before them: else one is stray.
    """
    apart = np.abs(before[1:] - after[:-1])
    usual = float(np.median(apart[follows])) if follows.any() else 0.0
    by = np.abs(after - before)
    stays = (by[1:] < np.abs(after[1:] - after[:-1])) & (by[:-1] < apart / 2)
    return np.asarray((apart > _MOVED * max(usual, float(np.median(by)) / 3)) & stays)
