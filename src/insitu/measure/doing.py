"""Which part of the step of the law some of the pulses do, from the errors of its forecasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.pulses import START, Pulses

_MOST = 1e100  #: what a step may move a forecast by, in its errors


def parts_done(foreseen: Doubles, pulses: Pulses, chosen: NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
    """Return (m,) each: by which part of the step of the law some pulses do more than that step, and its error.

    The errors of the forecasts are fitted by what another step makes of them: it moves the forecast of its own reading, and
    what that reading does not correct, those of the next.

    Parameters
    ----------
    foreseen : (4, n) of :meth:`insitu.measure.likelihood.Likelihood.follow`. chosen : (n, m) which pulses, m times.
    """
    mean, variance, state = foreseen[:3]
    linked = pulses.link != START
    step = mean - np.where(linked, np.append(0.0, state[:-1]), pulses.before)
    error = pulses.after - mean
    # what is left of an error of the state once the reading is known; 0 where the reading says nothing of it
    left = 1 - np.divide(state - mean, error, out=np.ones_like(error), where=error != 0)
    moves = step[:, None] * chosen
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(1, moves.shape[0]):
            if linked[k]:
                moves[k] += left[k - 1] * moves[k - 1]
        moves /= np.sqrt(variance)[:, None]
    if not (abs(moves) < _MOST).all():  # forecasts that run away from such readings say nothing
        return np.full(moves.shape[1], np.nan), np.full(moves.shape[1], np.inf)
    z = error / np.sqrt(variance)
    found, *_ = np.linalg.lstsq(moves, z, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.pinv(moves.T @ moves)) * (z - moves @ found).var())
    return found, errors
