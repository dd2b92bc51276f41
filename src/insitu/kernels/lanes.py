"""How probable measured readings are under many devices at once: the filter of :mod:`insitu.kernels.filtering`, a lane each.

A template like that one. Each pulse depends on the one before, so a filter by itself waits for its own arithmetic; devices
that are tried beside each other (a step along each number for a slope, points of a search) do not depend on each other, and
share the lanes of the processor. The floor is four evaluations of the law and a logarithm a pulse, and two densities and
tails of normal numbers more near an end of the range: about 0.1 us by itself, and 0.025 us among others on four lanes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import cell_parameters
from insitu.kernels.filtering import SAME, START, after_pulse
from insitu.kernels.memory import stack
from insitu.kernels.state import KERNEL
from insitu.kernels.weighing import LANES, begin, keep_within, read, within


@njit(inline="always")
def _pushed(polarity, laws, cells, where, mean, variance):
    """Move means and variances by a pulse, the range left aside, and return how many come near one of its ends."""
    device, first, n = where
    ends = 0
    for i in range(n):
        j = first + i
        low, high = cells[0, device, j], cells[1, device, j]
        p = cell_parameters(low, high, cells[2, device, j], cells[3, device, j], laws[:, j])
        mean[i], variance[i] = after_pulse(mean[i], variance[i], polarity, p, low, high)
        ends += not within(mean[i], variance[i], low, high)
    return ends


@njit(inline="always")
def pulse(polarity, laws, cells, where, mean, variance):
    """Move means and variances by a pulse."""
    if polarity > 0.0:  # a constant each: a law that asks in the loop runs on one lane
        ends = _pushed(1.0, laws, cells, where, mean, variance)
    else:
        ends = _pushed(-1.0, laws, cells, where, mean, variance)
    if ends:
        keep_within(cells, where, mean, variance)


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
    mean, variance, total = stack(LANES, np.float64), stack(LANES, np.float64), stack(LANES, np.float64)
    for first in range(0, laws.shape[1], LANES):
        n = min(LANES, laws.shape[1] - first)
        for k in range(of.size):
            device, exact, where = of[k], readings[2, k], (of[k], first, n)
            for i in range(n):
                total[i] = 0.0
            if link[k] == START:
                begin(readings[0, k], noises, where, mean, variance)
            elif link[k] != SAME:
                read(readings[0, k], exact, cells, noises, where, mean, variance, total)
            pulse(polarity[k], laws, cells, where, mean, variance)
            if out.shape[1] > 0:
                noise = noises[0, first + n - 1] * mean[n - 1] + noises[1, first + n - 1]
                least = exact * (cells[1, device, first + n - 1] - cells[0, device, first + n - 1])
                out[0, k], out[1, k] = mean[n - 1], max(variance[n - 1] + noise * noise, least * least)
            read(readings[1, k], exact, cells, noises, where, mean, variance, total)
            if out.shape[1] > 0:
                out[2, k], out[3, k] = mean[n - 1], variance[n - 1]
            for i in range(n):
                scores[device, first + i] += total[i]
