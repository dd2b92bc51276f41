"""Readings with heavy tails: noticed from the pulses alone, before any law, and then given a likelihood that they fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.families import Free
from insitu.measure.pulses import SAME, START, Pulses
from insitu.units import si

STRAYS, DEGREES = (
    "tails.strays",
    "tails.nu",
)  #: the part of readings that are anything; degrees of freedom of Student's t
TAILS = {STRAYS: Free(0.01, 1e-5, 0.3, True), DEGREES: Free(4.0, 1.5, 50.0, True)}
_NODES = 12  #: normal numbers of which a Student t is made
_FLOOR = (
    1e-6  #: part of the readings that may be anything beside those of a Student t: one of them is no proof against it
)
_BIN, _BINS = 25, 8  #: pulses of a bin of conductance, and most bins, of a device and polarity
_STRAY, _NAMED = 5.0, 10  #: deviations of a reading that is named, and how many are
#: fewest readings, part of them that follow another, and distance of their quartiles over their size, of telegraph noise
_JUMPS, _IN_TURN, _ALIKE = 8, 0.3, 0.4
_FAR, _LARGE = 6.0, 4.0  #: deviations of a stray reading, and of one that may be in a tail
_MANY = 0.004  #: part of the readings that are large, from which on tails are looked for
_LEAST = 0.003  #: of the range: what is nearer to its forecast is no stray
_BEYOND = 0.03  #: of the range within trains: as far outside of it lies a stray reading that ends one
_MOST = 0.2  #: part of the readings of a device that may be set aside for the search of its range


def off(pulses: Pulses) -> Doubles:
    """Return (n,) how far each change is off that of the other pulses of its device and polarity at like conductances.

    In units of a deviation of the core (1.48 times the median distance), with the median in bins of the reading before. No
    law is needed for it; where a law is steep within a bin, deviations come out larger, and fewer readings are noticed.
    """
    change, found = pulses.after - pulses.before, np.zeros(pulses.of.size)
    for k in range(len(pulses.names)):
        own = pulses.of == k
        low, high = np.quantile(pulses.after[own], (0.05, 0.95))
        for sign in (1, -1):
            mine = np.flatnonzero(own & (pulses.polarity == sign))
            if mine.size < 2:
                continue
            bins = min(max(mine.size // _BIN, 1), _BINS)
            rank = np.argsort(np.argsort(pulses.before[mine], kind="stable"), kind="stable") * bins // mine.size
            away = np.empty(mine.size)
            for one in range(bins):
                away[rank == one] = change[mine[rank == one]] - np.median(change[mine[rank == one]])
            least = max(
                0.37 * float(np.median(abs(away))), _LEAST * float(high - low), 1e-30
            )  # S: of a cell that is stuck
            for one in range(bins):
                here = rank == one
                found[mine[here]] = away[here] / max(1.48 * float(np.median(abs(away[here]))), least)
    return found


def noticed(pulses: Pulses) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return which readings before, and which after, a pulse are off alone: (n,) each; None if no tails are to be seen.

    A reading is off alone if the change to it is six deviations off, and the change from it takes back half of that or
    more; one that begins or ends a train, if the change is and the reading next to it, of the train before or after, is not
    there too. A jump of the state itself is no such reading. Tails are seen where a reading within a train is off alone, one
    that begins or ends a train is and lies beyond all those within, or more changes than a few are four deviations off.
    """
    r, n = off(pulses), pulses.of.size
    far = np.abs(r) > _FAR
    joined = np.append(pulses.link[1:] == SAME, False)
    jump, onward = pulses.after - pulses.before, np.append(pulses.after[1:], 0.0) - pulses.before
    back = far & joined & (np.abs(onward) < 0.5 * np.abs(jump)) & (np.append(np.abs(r[1:]), 0.0) > _LARGE)
    first, last = _lone(pulses, far)
    beyond = (first & _outside(pulses, pulses.before)) | (last & _outside(pulses, pulses.after))
    if not back.any() and not beyond.any() and int((np.abs(r) > _LARGE).sum()) < 3 + _MANY * n:
        return None
    after = back | last
    before = first | np.append(False, (after & joined)[:-1])
    for k in range(len(pulses.names)):  # so many are no strays
        own = pulses.of == k
        if (after | before)[own].mean() > 2 * _MOST:
            after, before = after & ~own, before & ~own
    return after, before


def _lone(pulses: Pulses, far: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether the first, and the last, reading of a train is ``far`` off and the train beside it is not there too."""
    near = (pulses.link[1:] == START) & (pulses.of[1:] == pulses.of[:-1])
    gap = np.abs(pulses.before[1:] - pulses.after[:-1])  # from the end of a train to the start of the next
    jump = np.abs(pulses.after - pulses.before)
    first = far & (pulses.link != SAME) & ~np.append(False, near & (gap < 0.5 * jump[1:]))
    joined = np.append(pulses.link[1:] == SAME, False)
    return first, far & ~joined & ~np.append(near & (gap < 0.5 * jump[:-1]), False)


def _outside(pulses: Pulses, readings: Doubles) -> NDArray[np.bool_]:
    """Return which readings lie beyond those within the trains of their device, by 3 % of the range of these and more."""
    found = np.zeros(readings.size, bool)
    inner = np.append(pulses.link[1:] == SAME, False)
    for k in range(len(pulses.names)):
        own, within = pulses.of == k, inner & (pulses.of == k)
        if within.sum() > _BIN:
            low, high = float(pulses.after[within].min()), float(pulses.after[within].max())
            margin = _BEYOND * (high - low)
            found |= own & ((readings < low - margin) | (readings > high + margin))
    return found


def tidied(pulses: Pulses) -> Pulses:
    """Return the pulses without those that a reading that is off alone begins or ends; the same if there are none."""
    seen = noticed(pulses)
    if seen is None or not (gone := seen[0] | seen[1]).any():
        return pulses
    rows = np.flatnonzero(~gone)
    left = np.append(True, np.diff(rows) > 1)
    link = np.where(left & (pulses.link[rows] != START), START, pulses.link[rows]).astype(np.int8)
    return pulses.rows(rows, link=link)


def components(numbers: Mapping[str, Doubles]) -> tuple[Doubles, Doubles]:
    """Return the noise of readings at several points as normal numbers, (2, m, points), and strays, (points,).

    Of each its part of the readings, and its variance over that of the core.

    A Student t of nu degrees of freedom is a normal number whose precision is one of a chi-squared distribution over nu; the
    integral over the logarithm of that is a sum of twelve terms: right to 3 % of the density, for nu from 2 to 10, up to
    eight deviations.
    """
    if DEGREES not in numbers:
        stray = numbers[STRAYS]
        return np.stack([1.0 - stray, np.ones(stray.size)])[:, None], stray
    nu = numbers[DEGREES]
    u = np.linspace(-18.0 / nu - 3.0 / np.sqrt(nu), 4.0 / np.sqrt(nu), _NODES)
    log = nu / 2 * (u - np.exp(u))
    weight = np.exp(log - log.max(axis=0))
    return np.stack([weight / weight.sum(axis=0) * (1.0 - _FLOOR), np.exp(-u)]), np.full(nu.size, _FLOOR)


def wild_of(pulses: Pulses) -> Doubles:
    """Return (devices,) over how much the readings of each device range, S: the deviation of a stray one."""
    found = [
        np.ptp(np.r_[pulses.before[pulses.of == k], pulses.after[pulses.of == k]]) for k in range(len(pulses.names))
    ]
    return np.array(found)


@dataclass(frozen=True)
class Tails:
    """Heavy tails of the noise of readings, as they were found.

    Parameters
    ----------
    kind : one of ``TAILS``. value : its number. rows : of readings that are five deviations of the core off, and more.
    jump : by how much they are off, S, where they come in turn and are off alike: telegraph noise; None if they do not.
    """

    kind: str
    value: float
    rows: NDArray[np.intp]
    jump: float | None = None

    def sentence(self, pulses: Pulses) -> str:
        """Return what was found, with the lines of the file."""
        n = self.rows.size
        what = (
            f"{self.value:.2g} of them are anything"
            if self.kind == STRAYS
            else f"they are those of Student's t with {self.value:.2g} degrees of freedom"
        )
        where = pulses.line if pulses.line is not None else np.arange(1, pulses.of.size + 1)
        name = "line" if pulses.line is not None else "pulse"
        some = ", ".join(map(str, np.sort(where[self.rows])[:_NAMED].tolist())) + (", ..." if n > _NAMED else "")
        lie = f"{n} lie{'s' if n == 1 else ''} five deviations off and more ({name}{'s' if n > 1 else ''} {some})"
        jumps = (
            f" They come in turn and are off by about {si(self.jump, 'S')}, as where a cell jumps between two levels "
            "(telegraph noise): read a state that is left alone, and fit that with --kind noise."
            if self.jump
            else ""
        )
        return (
            f"Readings have heavy tails: {what}; {lie if n else 'none lies five deviations off'}. The fit weighs them less, "
            f"and the noise of readings in the device is that of the others alone.{jumps}"
        )


def tails_of(kind: str, value: float, error: Doubles, variance: Doubles) -> Tails:
    """Return the tails of a fit, from the error of each forecast and its variance were there no tails."""
    rows = np.flatnonzero(error**2 > _STRAY**2 * variance)
    size, jump = error[rows], None
    if rows.size >= _JUMPS:
        in_turn = ((np.diff(rows) == 1) & (np.sign(size[1:]) == np.sign(size[:-1]))).mean()
        low, middle, high = np.quantile(np.abs(size), (0.25, 0.5, 0.75)).tolist()
        jump = middle if in_turn > _IN_TURN and high - low < _ALIKE * middle else None
    return Tails(kind, value, rows, jump)


def as_normal(
    error: Doubles, variance: Doubles, noise: Doubles, tails: Doubles, stray: float, wild: Doubles
) -> Doubles:
    """Return (n,) the variance of a normal number for which each error is as improbable as it is here.

    Errors over its root are standard normal for a perfect fit, whatever the tails.

    Parameters
    ----------
    error : of each forecast. variance, noise : of the state and of the core of the reading. wild : deviation of strays.
    """
    from scipy.special import log_ndtr, ndtri_exp

    spread = np.sqrt(variance + noise * tails[1][:, None])
    log = [np.log(w) + log_ndtr(-np.abs(error) / s) for w, s in zip(tails[0], spread, strict=True)]
    z = -ndtri_exp(np.logaddexp.reduce([*log, np.log(stray) + log_ndtr(-np.abs(error) / wild)]))
    flat = 1.0 / ((tails[0][:, None] / spread).sum(axis=0) + stray / wild) ** 2  # where the error is 0
    near = z < 1e-3
    return np.asarray(np.where(near, flat, np.square(error / np.where(near, 1.0, z))))
