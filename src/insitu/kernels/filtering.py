"""How probable measured readings are, given a device: an extended Kalman filter over the pulses.

A template like :mod:`insitu.kernels.column`. The state is the conductance; a pulse moves its mean by the law without noise,
and its variance by the slope of the law and by the scatter of the step; what lies beyond the range piles up at its ends; a
reading adds its own noise. The filter itself is in :mod:`insitu.kernels.lanes`.

``follow_strays`` does the same for readings whose noise has heavy tails: a mixture of normal numbers, of which each step of
the filter keeps mean and variance (the first-order generalised pseudo-Bayesian filter: G. A. Ackerson and K. S. Fu, IEEE
Trans. Automatic Control 15, 10 (1970)). Its floor is an exponential and a root more for each of the dozen normal numbers.
"""

from __future__ import annotations

import math

from numba import njit

from insitu.kernels.cell import NOISE, cell_parameters, step
from insitu.kernels.state import KERNEL
from insitu.kernels.tails import density_and_tail

_LEVELS = 32  # equally likely values of a uniform number, for a law that draws one
_SLOPE = 1e-4  # of the range: over what the slope of the law is taken
_TINY = 1e-300  # S^2: nothing is divided by 0
_FAR = 1e150  # deviations: squares of no more are numbers
_ROOT, _NORMAL = math.sqrt(0.5), 1.0 / math.sqrt(2.0 * math.pi)
START, SAME = 0, 1  # kinds of link to the pulse before; any other is a further reading of the same state


@njit(inline="always")
def moments(g, polarity, p):
    """Return mean and standard deviation of the conductance after a pulse, the range left aside."""
    if NOISE == 2:
        total, squares = 0.0, 0.0
        for k in range(_LEVELS):
            moved = step(g, polarity, p, (k + 0.5) / _LEVELS) - g
            total += moved
            squares += moved * moved
        total /= _LEVELS
        return g + total, math.sqrt(max(squares / _LEVELS - total * total, 0.0))
    mean = step(g, polarity, p, 0.0)
    return mean, abs(step(g, polarity, p, 1.0) - mean) if NOISE == 1 else 0.0


@njit(inline="always")
def within(mean, variance, low, high):
    """Return whether a normal number is as good as never outside of [low, high]."""
    reach = 5.0 * math.sqrt(variance)
    return (mean - reach > low) & (mean + reach < high)


@njit(inline="always")
def cut(mean, variance, low, high):
    """Return mean and variance of a normal number once it is cut to [low, high]: what lies outside sits at the ends."""
    sd = math.sqrt(variance)
    unit = sd if sd > 0.0 else 1.0
    a, b = max((low - mean) / unit, -_FAR), min((high - mean) / unit, _FAR)
    at_a, below = density_and_tail(-a)
    at_b, above = density_and_tail(b)
    inside = 1.0 - below - above
    # of the standardised number
    first = a * below + b * above + at_a - at_b
    second = a * a * below + b * b * above + inside + a * at_a - b * at_b
    there, left = mean + sd * first, max(second - first * first, 0.0) * variance
    return min(max(low, mean), high) if sd == 0.0 else there, left


@njit(inline="always")
def after_pulse(mean, variance, polarity, p, low, high):
    """Return mean and variance of the conductance after a pulse, from those before it, the range left aside."""
    g = min(max(low, mean), high)
    there, sd = moments(g, polarity, p)
    h = _SLOPE * (high - low)
    left, right = max(g - h, low), min(g + h, high)
    slope = (moments(right, polarity, p)[0] - moments(left, polarity, p)[0]) / (right - left)
    return there, slope * slope * variance + sd * sd


@njit(inline="always")
def pulsed(mean, variance, polarity, p, low, high):
    """Return the same within the range."""
    mean, variance = after_pulse(mean, variance, polarity, p, low, high)
    if within(mean, variance, low, high):
        return mean, variance
    return cut(mean, variance, low, high)


@njit(inline="always")
def _seen(error, variance, noise, tails, stray, wild, fresh, floor):
    """Return log-density of a reading, and mean and variance of the state after it, that before it at 0.

    ``error`` is the reading less its forecast, ``variance`` that of the state, ``noise`` the variance of the core of the
    noise. A ``stray`` part of the readings has a deviation ``wild`` and says nothing of the state; of a ``fresh`` train, the
    reading that began it may have been one too, and then the state is where the new one is.
    """
    total, first, second = 0.0, 0.0, 0.0
    for j in range(tails.shape[1]):
        spread = max(variance + noise * tails[1, j], floor)
        weight = tails[0, j] * _NORMAL / math.sqrt(spread) * math.exp(-0.5 * error * error / spread)
        gain = variance / max(variance + noise * tails[1, j], _TINY)
        total += weight
        first += weight * gain
        second += weight * (gain * gain * error * error + variance * (1.0 - gain))
    apart = stray * _NORMAL / wild * math.exp(-0.5 * error * error / (wild * wild))
    total += apart
    second += apart * variance
    whole = 1.0
    if fresh:
        total += apart
        first += apart
        second += apart * (error * error + noise)
        whole += stray
    moved = first / total * error
    return math.log(total / whole), moved, max(second / total - moved * moved, 0.0)


@njit(**KERNEL)
def follow_strays(law, cells, of, polarity, readings, link, noises, tails, scores, out):
    """Add the log-likelihood of all readings but the first of each train to ``scores``, where their noise has heavy tails.

    Parameters
    ----------
    law : (parameters,) of the device, flat, CELL_FIELDS first. of, polarity, readings, link : as in ``follow``.
    cells : (5, devices) CELL_FIELDS of each device, and the deviation of readings that are anything, S.
    noises : (3,) read_cv and read_sd of the core, and the part of the readings that are anything.
    tails : (2, m) parts of the other readings, and how many times the variance of the core they have.
    scores : (devices,).
    out : (4, n) gets mean of the reading after each pulse and variance of the state, as foreseen before it, and mean and
        variance of the state once it is known; (4, 0) keeps nothing.
    """
    mean, variance = 0.0, 0.0
    read_cv, read_sd, stray = noises[0], noises[1], noises[2]
    before, after, exact = readings[0], readings[1], readings[2]
    keep = out.shape[1] > 0
    for k in range(of.size):
        low, high = cells[0, of[k]], cells[1, of[k]]
        p = cell_parameters(low, high, cells[2, of[k]], cells[3, of[k]], law)
        floor, far = (exact[k] * (high - low)) ** 2, cells[4, of[k]]
        if link[k] == START:
            noise = read_cv * before[k] + read_sd
            mean, variance = before[k], noise * noise
        elif link[k] != SAME:
            noise = read_cv * mean + read_sd
            density, moved, variance = _seen(before[k] - mean, variance, noise * noise, tails, stray, far, False, floor)
            scores[of[k]] += density
            mean += moved
        mean, variance = pulsed(mean, variance, polarity[k], p, low, high)
        noise = read_cv * mean + read_sd
        if keep:
            out[0, k], out[1, k] = mean, variance
        density, moved, variance = _seen(
            after[k] - mean, variance, noise * noise, tails, stray, far, link[k] == START, floor
        )
        scores[of[k]] += density
        mean += moved
        if keep:
            out[2, k], out[3, k] = mean, variance
