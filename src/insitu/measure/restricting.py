"""Deviations by their restricted likelihood, for the most likely ones are too small, a scatter nearly hidden most of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.families import KINDS, NOISES
from insitu.measure.jointly import Joint
from insitu.measure.modelling import Model
from insitu.measure.pulses import LEAST
from insitu.measure.searching import AT_LOW, OPEN, Estimate, Found
from insitu.measure.straying import TAILS
from insitu.measure.telegraph import JUMPS

_ROUGH = 0.25  #: relative error of a scatter from which on it is looked at
_STEP = 0.3  #: of its logarithm, over which the curvature is taken
#: fall of both sides together, beyond which the scatter is not poorly determined, or the profile is not smooth
_SHARP = 4.0
_NEAR, _FAR = 0.1, 1.5  #: of a logarithm, over which a slope is taken; most errors by which a number is moved
#: deviations, as against means: those of readings, of steps, and of what a RESET leaves
DEVIATIONS = frozenset(NOISES) | {"residue_sd"}


def restricted(model: Model, found: Found) -> Found:
    """Return a fit whose scatter of steps, where it is poorly determined, is that of the largest restricted likelihood.

    Steps and slopes follow part of the scatter, so that what is left of it is too small: the more numbers are free, the
    smaller. The restricted likelihood makes up for it, ``ln L(scatter) + ln sqrt(det C)``, with the others at their best for
    that scatter and C their covariance (H. D. Patterson and R. Thompson, Biometrika 58, 545 (1971)).
    """
    kept = [name for name in KINDS[0] if name in model.free]
    if len(kept) != 1:
        return widened(model, found, found.correlations)
    name, free = kept[0], model.free
    one, bounds = found.estimates[name], free[name]
    if one.remark != AT_LOW and (one.error is None or one.error < _ROUGH * one.value):
        return widened(model, found, found.correlations)
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
        above = _reached(score, best, math.log(bounds.high)) - math.exp(best)
        error = max(math.exp(best) * _STEP / math.sqrt(curvature), above)
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


def _reached(score: Callable[[float], float], best: float, most: float) -> float:
    """Return up to which number its score, over the logarithm, is within half a unit of the best: one error upwards.

    A scatter that was hardly seen has hardly a curvature in its logarithm, and may still be a hundred times as large.
    """
    log, top, fallen = best, score(best), 0.0
    while log < most and (next_one := top - score(log + _STEP)) < 0.5:
        log, fallen = log + _STEP, next_one
    part = (0.5 - fallen) / (next_one - fallen) if log < most else 0.0
    return math.exp(log + part * _STEP)


def widened(model: Model, found: Found, correlations: Mapping[tuple[str, str], float]) -> Found:
    """Return a fit whose deviations, of steps and of readings, are those of the restricted likelihood to first order.

    The most likely ones are those about means that have followed them, and too small: by a part that does not become less
    with the number of devices, of which each has steps and a range of its own. The restricted likelihood has
    ``-ln sqrt(det I)`` more, I the information of the means, and its maximum lies ``C d(-ln sqrt(det I)) / d(ln sd)`` from
    that of the likelihood, C the covariance of the logarithms of the deviations. Errors are in proportion.

    Parameters
    ----------
    model, found : at the maximum of the likelihood. correlations : of pairs of numbers, those of ``found`` or better ones.
    """
    names = [name for name in model.free if name in DEVIATIONS and found.estimates[name].error is not None]
    if not names:
        return found
    joint = Joint(model, found.values)
    x, own = joint.here()
    shared = list(joint.shared)
    noises = {*DEVIATIONS, *TAILS, *JUMPS}
    means = np.array([name not in noises and not found.estimates[name].remark for name in shared])
    slope = np.zeros(len(names))
    for k, name in enumerate(names):
        moved = [x.copy(), x.copy()]
        for there, way in zip(moved, (1, -1), strict=True):
            there[shared.index(name)] += way * _NEAR
        slope[k] = (_volume(joint, moved[0], own, means) - _volume(joint, moved[1], own, means)) / (2 * _NEAR)
    errors = np.array([(one := found.estimates[name]).error / one.value for name in names])  # type: ignore[operator]
    by = np.clip(_covariance(names, errors, correlations) @ slope, -_FAR * errors, _FAR * errors)
    if not np.isfinite(by).all():
        return found
    wider = dict(found.estimates)
    for name, more in zip(names, np.exp(by).tolist(), strict=True):
        one = wider[name]
        value = min(one.value * more, model.free[name].high)
        wider[name] = replace(one, value=value, error=one.error and one.error * more)
    return replace(found, estimates=wider)


def _covariance(names: list[str], errors: Doubles, correlations: Mapping[tuple[str, str], float]) -> Doubles:
    """Return that of some numbers."""
    r = [[correlations.get((a, b), correlations.get((b, a), float(a == b))) for b in names] for a in names]
    return np.array(r) * np.outer(errors, errors)


def _volume(joint: Joint, x: Doubles, own: Doubles, means: NDArray[np.bool_]) -> float:
    """Return -ln sqrt(det I) of the means of the law, and of the steps and bounds of each device; NaN if one is not sharp."""
    curved, free = joint.curvature(x, own, means)
    p, outer, total = x.size, np.zeros((int(means.sum()),) * 2), 0.0
    for one, some in zip(curved, free, strict=True):
        inner = p + np.flatnonzero(some[p:])
        block, mixed = one[np.ix_(inner, inner)], one[np.ix_(np.flatnonzero(means), inner)]
        sign, log = np.linalg.slogdet(block)
        if sign <= 0:
            return math.nan
        total += float(log)
        outer += one[:p, :p][np.ix_(means, means)] - mixed @ np.linalg.solve(block, mixed.T)
    sign, log = np.linalg.slogdet(outer)
    return -(total + float(log)) / 2 if sign > 0 else math.nan


def mixed(model: Model, known: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return scatter and noise of readings as not determined where hardly a pulse follows another that was fitted.

    What tells the two apart is that scatter stays: of single pulses only the sum is known, and not which of the two it is.
    """
    found = {name: known[name] for name in NOISES if name in known}
    if model.pulses.linked >= LEAST or all(one.remark == AT_LOW for one in found.values()):
        return {}
    return {name: replace(one, error=None, remark=OPEN) for name, one in found.items()}
