"""What a pulse makes of the mean and the variance of a conductance, for the filters that weigh measured readings.

A template like :mod:`insitu.kernels.column`. How probable readings are, given a device, is told by an extended Kalman filter
over the pulses: the state is the conductance; a pulse moves its mean by the law without noise, and its variance by the slope
of the law and by the scatter of the step; what lies beyond the range piles up at its ends; a reading adds its own noise. See
:mod:`insitu.kernels.lanes`; :mod:`insitu.kernels.strays` for noise with heavy tails, :mod:`insitu.kernels.jumping` for
telegraph noise.
"""

from __future__ import annotations

import math

from numba import njit

from insitu.kernels.cell import NOISE, step
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
