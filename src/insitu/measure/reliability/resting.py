"""One trace at constant state: white noise, a level that wanders, or one that jumps between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from insitu.arraytypes import Doubles
from insitu.kernels.cache import load
from insitu.measure.families import Free
from insitu.measure.searching import Found, maximise, one_by_one

WHITE, WANDERS, JUMPS = "white", "wanders", "jumps"
_LEAST = 5  #: jumps of a trace, from which on it is said to jump
_STRONG = (
    6.0  #: difference of the criterion that is strong evidence: R. Kass, A. Raftery, J. Am. Stat. Assoc. 90, 773 (1995)
)
_RARE = 0.05  #: part of the time in a level: one that is rarer is a spike

# all of readings in units of their deviation, about their mean
_WANDER = {
    "mean": Free(0.0, -3.0, 3.0),
    "slow": Free(0.7, 1e-2, 10.0, True),
    "length": Free(10.0, 0.3, 1e5, True),
    "white": Free(0.7, 1e-2, 2.0, True),
}
_JUMP = {
    "low": Free(-1.0, -10.0, 3.0),
    "distance": Free(1.8, 0.05, 20.0, True),
    "sd": Free(0.5, 1e-2, 2.0, True),
    "up": Free(0.1, 1e-5, 1.0, True),
    "down": Free(0.1, 1e-5, 1.0, True),
}


@dataclass(frozen=True)
class Resting:
    """What the readings of a trace do.

    Parameters
    ----------
    kind : white, wanders or jumps. n : readings. mean : of them, S.
    sd : noise of a reading, jumps left out, S. error : of its logarithm.
    jump, jump_error : distance of the two levels, relative to the mean; None of one that does not jump.
    high : part of the time in the higher level. jumps : about how often it jumped.
    bic : of each kind that was tried, less that of white noise.
    """

    kind: str
    n: int
    mean: float
    sd: float
    error: float
    bic: Mapping[str, float]
    jump: float | None = None
    jump_error: float | None = None
    high: float | None = None
    jumps: float | None = None


def resting(readings: Doubles) -> Resting:
    """Return what readings at constant state do, by the lowest Bayesian information criterion, jumps by far the lowest.

    Parameters
    ----------
    readings : (n,) S, in the order in which they were taken, equally far apart, and not all the same.
    """
    n, mean, sd = readings.size, float(readings.mean()), float(readings.std())
    y, kernels = np.ascontiguousarray((readings - mean) / sd), load("resting", "noise of cells at rest")

    def wander(a: dict[str, float]) -> float:
        return float(kernels.wandering(y, a["mean"], a["slow"], np.exp(-1 / a["length"]), a["white"]))

    def jump(a: dict[str, float]) -> float:
        return float(kernels.jumping(y, a["low"], a["low"] + a["distance"], a["sd"], a["up"], a["down"]))

    slow = maximise(one_by_one(wander), _WANDER, [{"length": length} for length in (3.0, 100.0)], errors=False)
    starts = [
        {"low": low, "distance": far, "sd": 0.5, "up": often * high, "down": often * (1 - high)}
        for low, far, high in ((-1.0, 1.8, 0.5), (-0.4, 2.2, 0.2), (-1.8, 2.2, 0.8))
        for often in (0.02, 0.5)
    ]
    two = maximise(one_by_one(jump), _JUMP, starts, errors=False)
    white = -0.5 * n * (np.log(2 * np.pi) + 1)
    bic = {WHITE: 0.0} | {
        kind: (len(free) - 2) * float(np.log(n)) - 2 * (found.score - float(white))
        for kind, found, free in ((WANDERS, slow, _WANDER), (JUMPS, two, _JUMP))
    }
    if bic[JUMPS] < min(bic[WHITE], bic[WANDERS]) - _STRONG:
        found = _jumping(maximise(one_by_one(jump), _JUMP, [two.values]), n, mean, sd, bic)
        if found is not None:
            return found
    if bic[WANDERS] < 0:
        a = slow.values
        independent = max(n / (1 + 2 * a["length"]), 2.0)
        return Resting(WANDERS, n, mean, sd * float(np.hypot(a["slow"], a["white"])), (2 * independent) ** -0.5, bic)
    return Resting(WHITE, n, mean, sd * (n / (n - 1)) ** 0.5, (2 * n) ** -0.5, bic)


def _jumping(found: Found, n: int, mean: float, sd: float, bic: Mapping[str, float]) -> Resting | None:
    """Return a trace that jumps; None if it has spikes, or moved a few times only."""
    a, distance, noise = found.values, found.estimates["distance"], found.estimates["sd"]
    high = a["up"] / (a["up"] + a["down"])
    jumps = 2 * n * (1 - high) * a["up"]
    if not _RARE < high < 1 - _RARE or jumps < _LEAST:
        return None
    error = None if distance.error is None else distance.error * sd / mean
    unsure = (2 * n) ** -0.5 if noise.error is None else noise.error / noise.value
    return Resting(JUMPS, n, mean, a["sd"] * sd, unsure, bic, distance.value * sd / mean, error, high, jumps)
