"""Whether a device remembers the last polarity: how much less the first pulses after a reversal do than the law says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.measure.doing import parts_done
from insitu.measure.families import SWITCH
from insitu.measure.fitting import Fit
from insitu.measure.pulses import START, Pulses

FIRST = 3  #: pulses after a reversal that are looked at


def after_reversal(fit: Fit, pulses: Pulses) -> tuple[tuple[float, float], ...]:
    """Return the part of the step of the law that each of the first pulses after a reversal does, and its error.

    Empty where fewer than four reversals were measured, RESET is abrupt, or cells have two levels. A common
    factor of all steps is fitted with them, so that 1 is what the other pulses do.
    """
    if fit.family.law.one_sided or fit.family.name == SWITCH:
        return ()
    place, turned = _places(pulses, pulses.link != START)
    if turned < 4:
        return ()
    chosen = np.stack([place == k for k in range(FIRST)] + [np.ones(place.size, bool)], axis=1)
    found, errors = parts_done(fit.foreseen, pulses, chosen)
    return tuple((1 + float(part), float(sd)) for part, sd in zip(found[:FIRST], errors[:FIRST], strict=True))


def _places(pulses: Pulses, linked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Return (n,) how many pulses came since the last reversal, many where none is known; and the number of reversals."""
    turned = np.append(False, pulses.polarity[1:] != pulses.polarity[:-1]) & linked
    at = np.arange(turned.size)
    last = np.maximum.accumulate(np.where(turned | ~linked, at, 0))
    return np.where(turned[last], at - last, turned.size), int(turned.sum())
