"""Readings that jump between two levels while a cell is pulsed (telegraph noise): numbers, cells that jump, and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.devices.imperfections import Telegraph
from insitu.measure.families import Free
from insitu.measure.pulses import SAME, START, Pulses
from insitu.measure.searching import OPEN, Estimate
from insitu.measure.straying import TAILS

#: distance of the levels relative to the conductance in their middle, and probability that the next reading is at the other
#: level, from the lower and from the upper one
JUMP, RISE, FALL, FRACTION = "telegraph.jump", "telegraph.rise", "telegraph.fall", "telegraph.fraction"
JUMPS = {
    JUMP: Free(0.1, 1e-3, 1.9, True),
    RISE: Free(0.1, 1e-3, 1.0, True),
    FALL: Free(0.1, 1e-3, 1.0, True),
}
FEWEST = 5  #: jumps from which on they are those of telegraph noise: fewer may be jumps of the state itself
_CHANCE = 0.01  #: that so many jumps go the way of their pulses, from which on it is no chance
_HALF = (0.3, 0.7)  #: part of the time at the upper level that is about half


def beside(tail: str) -> dict[str, Free]:
    """Return the numbers that a noise of readings has beside its deviations; none of normal noise."""
    return JUMPS if tail == JUMP else {tail: TAILS[tail]} if tail else {}


def kind_in(numbers: Mapping[str, object]) -> str:
    """Return which noise of readings there is among some numbers: one of ``TAILS``, ``JUMP``, or none beside normal noise."""
    return next((kind for kind in (JUMP, *TAILS) if kind in numbers), "")


@dataclass(frozen=True)
class Jumps:
    """Telegraph noise that was found.

    Parameters
    ----------
    jump : as in :class:`insitu.devices.imperfections.Telegraph`. upper : part of the time at the upper level.
    number : of jumps that were seen. names : of the devices that jump. rows : of the readings at the upper level.
    of_the_state : whether they look like jumps of the state, which go the way of the pulses: few go against it, or those that
        do are not to be seen in the readings.
    """

    jump: float
    upper: float
    number: int
    names: tuple[str, ...]
    rows: NDArray[np.intp]
    of_the_state: bool

    @property
    def sure(self) -> bool:
        """Whether there are jumps enough to call them telegraph noise."""
        return self.number >= FEWEST

    def sentence(self, devices: int) -> str:
        """Return what was found, of so many devices."""
        ratio = (2 + self.jump) / (2 - self.jump) - 1
        who = "" if devices == 1 else f" of {len(self.names)} of {devices} devices ({', '.join(self.names)})"
        found = (
            f"Readings{who} jump between two levels (telegraph noise), {self.jump:.1%} of their middle apart, the upper "
            f"{ratio:.1%} above the lower: {self.number} jumps, {self.upper:.0%} of the time at the upper. Conductances of "
            "the device are those in the middle."
        )
        if not self.sure:
            found += (
                " So few may be jumps of the state itself, and the device has none: measure more pulses, or read a state "
                "that is left alone and fit that with --kind noise."
            )
        elif not _HALF[0] < self.upper < _HALF[1]:
            found += " In the device both levels are as frequent."
        return found


def levels_of(levels: Doubles, pulses: Pulses) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (n,) whether the readings before, and after, each pulse are at the upper level, in view of all that follow.

    Parameters
    ----------
    levels : (3, n) of the filter, in view of the readings so far: probability of the upper level after each pulse, and of a
        jump to it, if the cell is at the lower level, and if at the upper. Before the first jump of a train either level is
        as likely; the jump itself tells where the cell has been.
    """
    n = pulses.of.size
    before, after = np.empty(n), np.empty(n)
    for k in range(n - 1, -1, -1):
        joined = k + 1 < n and pulses.link[k + 1] != START
        after[k] = before[k + 1] if joined else levels[0, k]
        before[k] = after[k] * (1 - levels[2, k]) + (1 - after[k]) * levels[1, k]
    return before > 0.5, after > 0.5


def levelled(pulses: Pulses, jump: Doubles, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Pulses:
    """Return pulses whose readings are those in the middle of the levels, ``jump`` of each device apart."""
    half = jump[pulses.of] / 2
    pairs = (pulses.before, before), (pulses.after, after)
    first, last = (g / np.where(upper, 1 + half, 1 - half) for g, upper in pairs)
    return replace(pulses, before=first, after=last)


def jumps_of(
    numbers: Mapping[str, float],
    jumping: NDArray[np.bool_],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    pulses: Pulses,
) -> Jumps:
    """Return the telegraph noise of a fit, from the levels of the readings, (n,)."""
    from scipy.stats import binom  # a second, which only such noise has to wait for

    of = jumping[pulses.of]
    further = (before[1:] != after[:-1]) & (pulses.link[1:] > SAME) & of[1:]
    at_pulses = (before != after) & of
    along = at_pulses & (after == (pulses.polarity > 0))
    middle = np.maximum((np.abs(pulses.before) + np.abs(pulses.after)) / 2, 1e-300)
    seen = np.where(after, 1, -1) * (pulses.after - pulses.before) / (middle * numbers[JUMP])
    against = seen[at_pulses & ~along]
    one_way = float(binom.sf(along.sum() - 1, at_pulses.sum(), 0.5)) < _CHANCE
    names = tuple(name for name, one in zip(pulses.names, jumping, strict=True) if one)
    part = numbers[RISE] / (numbers[RISE] + numbers[FALL])
    number = int(at_pulses.sum() + further.sum())
    of_the_state = one_way or (against.size > 0 and float(np.median(against)) < 0.5)
    return Jumps(numbers[JUMP], part, number, names, np.flatnonzero(after & of), of_the_state)


def fraction_of(jumping: NDArray[np.bool_]) -> Estimate:
    """Return the part of the devices that jump, with its binomial error; that of one device says nothing of others."""
    n, k = jumping.size, int(jumping.sum())
    if n == 1:
        return Estimate(1.0, None, 1.0, "of one device")
    part = (k + 0.5) / (n + 1)  # as sure as it is: of all, or none, there is an error too
    return Estimate(k / n, float(np.sqrt(part * (1 - part) / n)), k / n, f"{k} of {n} devices")


def telegraph_of(
    jumps: Jumps | None, jumping: NDArray[np.bool_], known: Mapping[str, Estimate]
) -> tuple[Telegraph, dict[str, Estimate]]:
    """Return telegraph noise as a device has it, and its numbers: not determined where it is not sure."""
    if jumps is None:
        return Telegraph(), {}
    told = {key: known[key] for key in JUMPS} | {FRACTION: fraction_of(jumping)}
    if not jumps.sure:
        return Telegraph(), {key: Estimate(one.value, None, one.start, OPEN) for key, one in told.items()}
    return Telegraph(fraction=told[FRACTION].value, jump=told[JUMP].value), told
