"""What a pulse makes of the mean and the variance of a conductance, for the filters that weigh measured readings.

A template, see :mod:`insitu.kernels.cell`. How probable readings are, given a device, is told by an extended Kalman filter
over the pulses: the state is the conductance; a pulse moves its mean by the law without noise, and its variance by the slope
of the law and by the scatter of the step; what lies beyond the range piles up at its ends; a reading adds its own noise. See
:mod:`insitu.kernels.lanes`; :mod:`insitu.kernels.strays` for noise with heavy tails, :mod:`insitu.kernels.jumping` for
telegraph noise.
"""

from __future__ import annotations

import math

from numba import njit

from insitu.kernels.cell import NOISE, step
from insitu.kernels.weighing import cut, within

_LEVELS = 32  # equally likely values of a uniform number, for a law that draws one
_SLOPE = 1e-4  # of the range: over what the slope of the law is taken
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
