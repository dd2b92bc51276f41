"""How probable measured readings are under many devices at once: the filter of :mod:`insitu.kernels.filtering`, a lane each.

A template like that one. Each pulse depends on the one before, so a filter by itself waits for its own arithmetic; devices
that are tried beside each other (a step along each number for a slope, points of a search) do not depend on each other, and
share the lanes of the processor. The floor is four evaluations of the law and a logarithm a pulse, and two densities and
tails of normal numbers more near an end of the range: about 0.1 us by itself, and 0.025 us among others on four lanes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.cell import cell_parameters
from insitu.kernels.filtering import _TINY, SAME, START, after_pulse, cut, within
from insitu.kernels.memory import stack
from insitu.kernels.state import KERNEL
from insitu.kernels.vmath import log

_LANES = 16  # that are followed together
_LOG_2PI = math.log(2.0 * math.pi)


@njit(inline="always")
def _pulse(polarity, laws, cells, device, first, n, mean, variance):
    """Move means and variances by a pulse, the range left aside, and return how many come near one of its ends."""
    ends = 0
    for i in range(n):
        j = first + i
        low, high = cells[0, device, j], cells[1, device, j]
        p = cell_parameters(low, high, cells[2, device, j], cells[3, device, j], laws[:, j])
        mean[i], variance[i] = after_pulse(mean[i], variance[i], polarity, p, low, high)
        ends += not within(mean[i], variance[i], low, high)
    return ends


@njit(inline="always")
def _keep_within(cells, device, first, n, mean, variance):
    """Cut means and variances to the ranges."""
    for i in range(n):
        low, high = cells[0, device, first + i], cells[1, device, first + i]
        inside = within(mean[i], variance[i], low, high)
        there, left = cut(mean[i], variance[i], low, high)
        mean[i], variance[i] = mean[i] if inside else there, variance[i] if inside else left


@njit(inline="always")
def _read(reading, exact, cells, noises, device, first, n, mean, variance, total):
    """Add the density of a reading to ``total``; means and variances are then those of the states once it is known."""
    for i in range(n):
        j = first + i
        noise = noises[0, j] * mean[i] + noises[1, j]
        least = exact * (cells[1, device, j] - cells[0, device, j])
        whole = variance[i] + noise * noise
        spread, error = max(whole, least * least), reading - mean[i]
        total[i] -= 0.5 * (_LOG_2PI + log(spread) + error * error / spread)
        gain = variance[i] / max(whole, _TINY)
        mean[i] += gain * error
        variance[i] *= 1.0 - gain


@njit(**KERNEL)
def follow(laws, cells, of, polarity, readings, link, noises, scores, out):
    """Add the log-likelihood of all readings but the first of each train to ``scores`` (devices, lanes).

    Parameters
    ----------
    laws : (parameters, lanes) of the device, flat, CELL_FIELDS first. cells : (4, devices, lanes) CELL_FIELDS, S.
    of, polarity, link : (n,) device, +1.0 or -1.0, and how a pulse follows the one before.
    readings : (3, n) before and after a pulse, S, and how exact they are held to be at most, as a part of the range: their
        density is no higher, while the state is known as well as they are.
    noises : (2, lanes) read_cv and read_sd, S: noise of a reading is ``read_cv g + read_sd``.
    out : (4, n) gets mean and variance of the reading after each pulse, as foreseen before it, and of the state once it is
        known, in the last lane; (4, 0) keeps nothing.
    """
    mean, variance, total = stack(_LANES, np.float64), stack(_LANES, np.float64), stack(_LANES, np.float64)
    for first in range(0, laws.shape[1], _LANES):
        n = min(_LANES, laws.shape[1] - first)
        for k in range(of.size):
            device, exact = of[k], readings[2, k]
            for i in range(n):
                total[i] = 0.0
            if link[k] == START:
                for i in range(n):
                    noise = noises[0, first + i] * readings[0, k] + noises[1, first + i]
                    mean[i], variance[i] = readings[0, k], noise * noise
            elif link[k] != SAME:
                _read(readings[0, k], exact, cells, noises, device, first, n, mean, variance, total)
            if polarity[k] > 0.0:  # a constant each: a law that asks in the loop runs on one lane
                ends = _pulse(1.0, laws, cells, device, first, n, mean, variance)
            else:
                ends = _pulse(-1.0, laws, cells, device, first, n, mean, variance)
            if ends:
                _keep_within(cells, device, first, n, mean, variance)
            if out.shape[1] > 0:
                noise = noises[0, first + n - 1] * mean[n - 1] + noises[1, first + n - 1]
                least = exact * (cells[1, device, first + n - 1] - cells[0, device, first + n - 1])
                out[0, k], out[1, k] = mean[n - 1], max(variance[n - 1] + noise * noise, least * least)
            _read(readings[1, k], exact, cells, noises, device, first, n, mean, variance, total)
            if out.shape[1] > 0:
                out[2, k], out[3, k] = mean[n - 1], variance[n - 1]
            for i in range(n):
                scores[device, first + i] += total[i]
