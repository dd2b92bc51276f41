"""Whether a device remembers the last polarity: how much less the first pulses after a reversal do than the law says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.measure.families import SWITCH
from insitu.measure.fitting import Fit
from insitu.measure.pulses import START, Pulses

FIRST = 3  #: pulses after a reversal that are looked at


def after_reversal(fit: Fit, pulses: Pulses) -> tuple[tuple[float, float], ...]:
    """Return the part of the step of the law that each of the first pulses after a reversal does, and its error.

    Empty where fewer than four reversals were measured, RESET is abrupt, or cells have two levels. The errors of the
    forecasts are fitted by what a smaller step makes of them: it moves the forecast of its own reading, and what that reading
    does not correct, those of the next. A common factor of all steps is fitted with them, so that 1 is what the other pulses
    do.
    """
    if fit.family.law.one_sided or fit.family.name == SWITCH:
        return ()
    mean, variance, state = fit.foreseen[:3]
    linked = pulses.link != START
    step = mean - np.where(linked, np.append(0.0, state[:-1]), pulses.before)
    error = pulses.after - mean
    # what is left of an error of the state once the reading is known; 0 where the reading says nothing of it
    left = 1 - np.divide(state - mean, error, out=np.ones_like(error), where=error != 0)
    place, turned = _places(pulses, linked)
    if turned < 4:
        return ()
    moves = np.stack([step * (place == k) for k in range(FIRST)] + [step], axis=1)
    for k in range(1, moves.shape[0]):
        if linked[k]:
            moves[k] += left[k - 1] * moves[k - 1]
    moves /= np.sqrt(variance)[:, None]
    z = error / np.sqrt(variance)
    found, *_ = np.linalg.lstsq(moves, z, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.pinv(moves.T @ moves)) * (z - moves @ found).var())
    return tuple((1 + float(part), float(sd)) for part, sd in zip(found[:FIRST], errors[:FIRST], strict=True))


def _places(pulses: Pulses, linked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Return (n,) how many pulses came since the last reversal, many where none is known; and the number of reversals."""
    turned = np.append(False, pulses.polarity[1:] != pulses.polarity[:-1]) & linked
    at = np.arange(turned.size)
    last = np.maximum.accumulate(np.where(turned | ~linked, at, 0))
    return np.where(turned[last], at - last, turned.size), int(turned.sum())
