"""A scatter that is nearly hidden: by its restricted likelihood, as the most likely one is too small."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np

from insitu.measure.families import KINDS
from insitu.measure.modelling import Model
from insitu.measure.searching import AT_LOW, Estimate, Found

_ROUGH = 0.25  #: relative error of a scatter from which on it is looked at
_STEP = 0.3  #: of its logarithm, over which the curvature is taken
#: fall of both sides together, beyond which the scatter is not poorly determined, or the profile is not smooth
_SHARP = 4.0


def restricted(model: Model, found: Found) -> Found:
    """Return a fit whose scatter of steps, where it is poorly determined, is that of the largest restricted likelihood.

    Steps and slopes follow part of the scatter, so that what is left of it is too small: the more numbers are free, the
    smaller. The restricted likelihood makes up for it, ``ln L(scatter) + ln sqrt(det C)``, with the others at their best for
    that scatter and C their covariance (H. D. Patterson and R. Thompson, Biometrika 58, 545 (1971)).
    """
    kept = [name for name in KINDS[0] if name in model.free]
    if len(kept) != 1:
        return found
    name, free = kept[0], model.free
    one, bounds = found.estimates[name], free[name]
    if one.remark != AT_LOW and (one.error is None or one.error < _ROUGH * one.value):
        return found
    sure = {key for key, each in found.estimates.items() if each.error is not None} - {name}

    def best_at(scatter: float) -> Found:
        model.fixed = {name: scatter}
        return model.together(found.values)

    @cache
    def score(log: float) -> float:
        there = best_at(math.exp(log))
        known = {key for key, each in there.estimates.items() if each.error is not None}
        return there.score + there.volume if known == sure else -math.inf  # else volumes do not compare

    model.hold([key for key in free if key != name])
    place, lowest = model.place.copy(), math.log(bounds.start / 100)
    try:
        best = max(np.log(np.geomspace(bounds.start / 100, bounds.start * 2, 9)).tolist(), key=score)
        for width in (0.6, 0.3):
            best = max((best - width, best, best + width), key=score)
        inside = best - lowest >= _STEP
        curvature = 2 * score(best) - score(best - _STEP) - score(best + _STEP) if inside else 0.0
        if not 0 < curvature < _SHARP:
            model.place[:] = place
            return found
        error = math.exp(best) * _STEP / math.sqrt(curvature)
        wider = best_at(math.exp(best) + error).estimates  # the scatter may well be larger
        there = best_at(math.exp(best))
    finally:
        model.fixed, model.free = {}, free
    estimates = {name: Estimate(math.exp(best), error, one.start)}
    estimates |= {
        key: replace(each, error=each.error and (wider[key].error or each.error))
        for key, each in there.estimates.items()
    }
    return replace(there, estimates=estimates, score=found.score)
