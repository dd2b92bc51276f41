"""How probable the readings of a cell at rest are, if it jumps between two levels, or if it wanders."""

from __future__ import annotations

import math

from numba import float64, njit

from insitu.kernels.state import KERNEL

_NORMAL = 0.5 * math.log(2.0 * math.pi)


@njit(float64(float64[::1], float64, float64, float64, float64, float64), **KERNEL)
def jumping(y, low, high, sd, up, down):
    """Return the log-likelihood of a hidden Markov chain of two levels, each read with normal noise: the forward algorithm.

    Parameters
    ----------
    y : (n,) readings. low, high : levels. sd : noise of a reading.
    up, down : probability to jump between two readings, from the lower and from the higher level; the chain begins as it is
        on average.
    """
    total, p = 0.0, up / (up + down)  # of the higher level, before the reading
    for k in range(y.size):
        a, b = (y[k] - low) / sd, (y[k] - high) / sd
        nearer = 0.5 * min(a * a, b * b)  # taken out, so that one of the two is 1
        stays = (1.0 - p) * math.exp(nearer - 0.5 * a * a)
        rises = p * math.exp(nearer - 0.5 * b * b)
        both = max(stays + rises, 1e-300)
        total += math.log(both) - nearer
        p = rises / both
        p = p * (1.0 - down) + (1.0 - p) * up
    return total - y.size * (math.log(sd) + _NORMAL)


@njit(float64(float64[::1], float64, float64, float64, float64), **KERNEL)
def wandering(y, mean, slow, keep, white):
    """Return the log-likelihood of a level that wanders about its mean, each read with normal noise: a Kalman filter.

    Parameters
    ----------
    y : (n,) readings. mean : of the level. slow : its standard deviation. keep : correlation from one reading to the next.
    white : noise of a reading.
    """
    total, level, variance = 0.0, 0.0, slow * slow
    for k in range(y.size):
        spread = variance + white * white
        error = y[k] - mean - level
        total -= 0.5 * (math.log(spread) + error * error / spread)
        gain = variance / spread
        level = keep * (level + gain * error)
        variance = keep * keep * variance * (1.0 - gain) + (1.0 - keep * keep) * slow * slow
    return total - y.size * _NORMAL
