"""What a reading says of the states of several devices, and their ranges: what no law of a device is needed for.

Compiled once for all laws, for Numba takes seconds over the arithmetic; see :mod:`insitu.kernels.lanes`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import boolean, float64, int64, njit, types

from insitu.kernels.memory import stack
from insitu.kernels.state import KERNEL
from insitu.kernels.tails import NORMAL, density_and_tail
from insitu.kernels.vmath import exact_exp, log

TINY = 1e-300  # S^2: nothing is divided by 0
LANES = 16  # that are followed together
_FAR = 1e150  # deviations: squares of no more are numbers
_LOG_2PI = math.log(2.0 * math.pi)
_ROW, _TABLE, _CUBE = float64[::1], float64[:, ::1], float64[:, :, ::1]
_WHERE = types.UniTuple(int64, 3)  # device, first lane, and how many lanes


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


@njit(types.void(float64, _TABLE, _WHERE, _ROW, _ROW), **KERNEL)
def begin(reading, noises, where, mean, variance):
    """Put means and variances where the reading that begins a train says the states are."""
    _, first, n = where
    for i in range(n):
        noise = noises[0, first + i] * reading + noises[1, first + i]
        mean[i], variance[i] = reading, noise * noise


@njit(types.void(_CUBE, _WHERE, _ROW, _ROW), **KERNEL)
def keep_within(cells, where, mean, variance):
    """Cut means and variances to the ranges."""
    device, first, n = where
    for i in range(n):
        low, high = cells[0, device, first + i], cells[1, device, first + i]
        inside = within(mean[i], variance[i], low, high)
        there, left = cut(mean[i], variance[i], low, high)
        mean[i], variance[i] = mean[i] if inside else there, variance[i] if inside else left


@njit(types.void(float64, float64, _CUBE, _TABLE, _WHERE, _ROW, _ROW, _ROW), **KERNEL)
def read(reading, exact, cells, noises, where, mean, variance, total):
    """Add the density of a reading to ``total``; means and variances are then those of the states once it is known."""
    device, first, n = where
    for i in range(n):
        j = first + i
        noise = noises[0, j] * mean[i] + noises[1, j]
        least = exact * (cells[1, device, j] - cells[0, device, j])
        whole = variance[i] + noise * noise
        spread, error = max(whole, least * least), reading - mean[i]
        total[i] -= 0.5 * (_LOG_2PI + log(spread) + error * error / spread)
        gain = variance[i] / max(whole, TINY)
        mean[i] += gain * error
        variance[i] *= 1.0 - gain


@njit(types.void(float64, float64, boolean, _CUBE, _TABLE, _CUBE, _WHERE, _ROW, _ROW, _ROW), **KERNEL)
def seen(reading, exact, fresh, cells, noises, tails, where, mean, variance, scores):
    """Add the density of a reading to ``scores``; means and variances are then those of the states once it is known.

    A part of the readings, ``noises[2]``, has a deviation ``cells[4]`` and says nothing of the state; of a ``fresh`` train,
    the reading that began it may have been one too, and then the state is where the new one is.
    """
    device, first, n = where
    error, noise, floor = stack(LANES, np.float64), stack(LANES, np.float64), stack(LANES, np.float64)
    total, moved, square = stack(LANES, np.float64), stack(LANES, np.float64), stack(LANES, np.float64)
    for i in range(n):
        sd = noises[0, first + i] * mean[i] + noises[1, first + i]
        least = exact * (cells[1, device, first + i] - cells[0, device, first + i])
        error[i], noise[i], floor[i] = reading - mean[i], sd * sd, least * least
        total[i], moved[i], square[i] = 0.0, 0.0, 0.0
    for j in range(tails.shape[1]):
        for i in range(n):
            whole = variance[i] + noise[i] * tails[1, j, first + i]
            spread, gain = max(whole, floor[i]), variance[i] / max(whole, TINY)
            weight = (
                tails[0, j, first + i] * NORMAL / math.sqrt(spread) * exact_exp(-0.5 * error[i] * error[i] / spread)
            )
            total[i] += weight
            moved[i] += weight * gain
            square[i] += weight * (gain * gain * error[i] * error[i] + variance[i] * (1.0 - gain))
    again = 1.0 if fresh else 0.0
    for i in range(n):
        stray, wild = noises[2, first + i], cells[4, device, first + i]
        apart = stray * NORMAL / wild * exact_exp(-0.5 * error[i] * error[i] / (wild * wild))
        whole = total[i] + apart + again * apart
        by = (moved[i] + again * apart) / whole * error[i]
        second = square[i] + apart * variance[i] + again * apart * (error[i] * error[i] + noise[i])
        scores[i] += log(whole / (1.0 + again * stray))
        mean[i] += by
        variance[i] = max(second / whole - by * by, 0.0)
