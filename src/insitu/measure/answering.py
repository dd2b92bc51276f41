"""Which of the measured devices answer their pulses: those that do not are set aside, by name, before any law is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Faults
from insitu.errors import InputError
from insitu.measure.fitting import Fit
from insitu.measure.pulses import Pulses
from insitu.measure.searching import Estimate
from insitu.units import si

_SURE = 4.0  #: standard errors of an answer that is there
_SEEN = 6.0  #: and of the answer of the others, had this device given it
_FAR = 3.0  #: times beyond the readings of the others, or a part of them
_AGAINST = 0.3  #: of the answer of the others, against the pulses, that is no chance
_LITTLE, _NOTHING = 0.3, 0.02  #: of the deviation of readings of the others


@dataclass(frozen=True)
class Fault:
    """A device that does not answer.

    Parameters
    ----------
    name : of the device. kind : field of :class:`insitu.devices.base.Faults`. at : median of its readings, S.
    """

    name: str
    kind: str
    at: float

    def __str__(self) -> str:
        return f"{self.name} ({self.kind.replace('_', ' ')}, at {si(self.at, 'S')})"


def set_aside(pulses: Pulses) -> tuple[Pulses, tuple[Fault, ...]]:
    """Return the devices that answer, and the others as faults; refuse pulses that all act the wrong way.

    The answer of a device is the slope of its readings over the pulses of each train of one polarity, in the direction of
    the pulses. A device is at fault if its slope is within four standard errors of 0, and if its readings are white noise
    or move far less than those of the others; that of the others has to be six errors or more, or its readings far from
    theirs. So is one whose readings hardly move at all.

    Raises
    ------
    InputError : conductance falls with up pulses and rises with down pulses, in most devices or in some.
    """
    found = [_answer(pulses, k) for k in range(len(pulses.names))]
    slope, error, white, swing, low, middle, high = (np.array(column) for column in zip(*found, strict=True))
    sure = np.abs(slope) > _SURE * error
    if sure.any() and (slope[sure] < 0).mean() > 0.5:
        raise InputError(
            f"polarity: conductance goes down with up pulses and up with down pulses ({int((slope[sure] < 0).sum())} of "
            f"{len(pulses.names)} devices); exchange the polarities, or, if these are resistances, give conductances"
        )
    if not sure.any():
        return pulses, ()
    others, usual, floor, top = (float(np.median(a[sure])) for a in (slope, swing, low, high))
    against = ", ".join(pulses.names[k] for k in np.flatnonzero(slope < -_AGAINST * others))
    if against:
        raise InputError(
            f"polarity: conductance of {against} goes down with up pulses and up with down pulses, that of the other devices "
            "does not; exchange the polarities there, or leave it out with --without"
        )
    shows = (others > _SEEN * error) | (middle < floor / _FAR) | (middle > top * _FAR)
    broken = (~sure & shows & (white.astype(bool) | (swing < _LITTLE * usual))) | (swing < _NOTHING * usual)
    kinds = np.where(middle < floor / 2, "dead", np.where(middle < (floor + top) / 2, "stuck_low", "stuck_high"))
    faults = [Fault(pulses.names[k], str(kinds[k]), float(middle[k])) for k in np.flatnonzero(broken).tolist()]
    return pulses.only(np.flatnonzero(~broken)) if faults else pulses, tuple(faults)


def _answer(pulses: Pulses, k: int) -> tuple[float, ...]:
    """Return what the readings of a device do.

    The slope, S a pulse, and its error; whether they are white noise; their deviation, and how low they are, their median
    and how high, S.
    """
    mine = np.flatnonzero(pulses.of == k)
    sign, before, after = pulses.polarity[mine], pulses.before[mine], pulses.after[mine]
    x, y, of = _centred(sign, before, after, pulses.begins[mine])
    squares = float((x * x).sum())
    slope = float((x * y).sum() / squares)
    left = y - slope * x
    free = max(y.size - int(of[-1]) - 2, 1)
    error = float(np.sqrt((left**2).sum() / free / squares))
    readings = np.r_[before[0], after]
    # successive readings of white noise differ by twice its variance
    rough = float((np.diff(readings) ** 2).mean()) > 2 * float(readings.var()) * (1 - _SURE / np.sqrt(readings.size))
    return slope, error, float(rough), float(readings.std()), *np.quantile(readings, (0.02, 0.5, 0.98)).tolist()


def _centred(
    sign: NDArray[np.int8],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    new: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Return pulses given, in their direction, and readings, each less the mean of its train, and the train."""
    first, train = np.flatnonzero(new), np.cumsum(new) - 1
    place = np.arange(sign.size) - first[train] + 1
    of = np.r_[train, train[first]]
    x = np.r_[place * sign, np.zeros(first.size)].astype(float)
    y = np.r_[after, before[first]]
    order = np.argsort(of, kind="stable")
    x, y, of = x[order], y[order], of[order]
    size = np.bincount(of)
    return x - (np.bincount(of, x) / size)[of], y - (np.bincount(of, y) / size)[of], of


def said_aside(faults: Sequence[Fault]) -> list[str]:
    """Return a sentence on the devices that were set aside; none if there are none."""
    return [f"Set aside, for they do not answer: {', '.join(map(str, faults))}."] if faults else []


def fault_numbers(faults: Sequence[Fault], working: int) -> tuple[Faults, dict[str, Estimate]]:
    """Return the faults of a device as fractions of all that were measured, and the numbers, each with its binomial error."""
    n, found = len(faults) + working, {}
    for kind in ("dead", "stuck_low", "stuck_high"):
        names = [fault.name for fault in faults if fault.kind == kind]
        if names:
            part = len(names) / n
            error = float(np.sqrt(part * (1 - part) / n))
            found[kind] = Estimate(part, error, part, f"{', '.join(names)}, of {n} devices")
    group = Faults(**{kind: one.value for kind, one in found.items()})
    return group, {f"faults.{kind}": one for kind, one in found.items()}


def with_faults(fit: Fit, faults: Sequence[Fault], working: int) -> Fit:
    """Return a fit whose device has faults."""
    group, numbers = fault_numbers(faults, working)
    return replace(fit, device=replace(fit.device, faults=group), estimates={**fit.estimates, **numbers})
