"""What a read makes of the cells of a weight: its value, and the variance that noise adds to it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.state import LEVELS, REMOVED


@njit(inline="always")
def reach_of(s, plane, column, row):
    """Return the part of a cell that its wires let through."""
    return np.float64(s.reach[plane, column, row]) if s.reach.size else 1.0


@njit(inline="always")
def seen_of(s, plane, column, row):
    """Return the conductance of a cell as reads see it, through the wires that lead to it."""
    if s.reach.size:
        return (
            np.float64(s.reach[plane, column, row]) * np.float64(s.g[plane, column, row])
            + np.float64(s.stray[plane, column, row])
        )  # fmt: skip
    return np.float64(s.g[plane, column, row])


@njit(inline="always")
def drawn_of(s, plane, column, row):
    """Return the conductance of a cell as its driver meets it: what reads see, before the gain of its column."""
    seen = seen_of(s, plane, column, row)
    return seen / np.float64(s.amplified[plane, column, row]) if s.amplified.size else seen


@njit(inline="always")
def part_of(s, row, column):
    """Return what the cells of this array alone hold of a weight."""
    w = s.offset
    for plane in range(s.g.shape[0]):
        w += s.gains[plane] * seen_of(s, plane, column, row)
    return w


@njit(inline="always")
def level_of(s, row, column):
    """Return the conductance of the cells of a weight, in units of Counts.conductance_read."""
    total = np.int64(0)
    for plane in range(s.g.shape[0]):
        total += np.int64(drawn_of(s, plane, column, row) * (LEVELS / s.law[1]) + 0.5)
    return total


@njit(inline="always")
def variance_of(s, row, column):
    """Return the variance that one read of the cells of a weight adds at an input of 1: ``sum_p (gain_p sd(g_p))**2``.

    ``sd(g) = cv g + sd``, and half of the distance of its two levels for a cell with telegraph noise.
    """
    total = 0.0
    for plane in range(s.g.shape[0]):
        g, gain = np.float64(s.g[plane, column, row]), s.gains[plane] * reach_of(s, plane, column, row)
        sd = gain * (s.read_cv * g + s.read_sd)
        total += sd * sd
        if s.jumps.size and s.jumps[plane, column, row]:
            jump = gain * s.jump * g
            total += jump * jump
    return total


@njit(inline="always")
def put_variance(s, row, column):
    """Bring what a read of a weight adds to the variance up to date with its cells."""
    v = variance_of(s, row, column)
    if s.base.size:
        v += np.float64(s.base_variance[row, column])
    s.variance[row, column] = v


@njit(inline="always")
def put_weight(s, row, column, w):
    """Make ``w`` the part of a weight that this array holds, as reads see it from now on; its variance follows."""
    if s.frozen[column, row] == REMOVED:
        s.weights[row, column] = 0.0
        if s.noisy:
            s.variance[row, column] = 0.0
        return
    if s.base.size:
        w = np.float64(s.base[row, column]) + np.float64(s.chop[row]) * w
    s.weights[row, column] = w
    if s.tracks:
        put_variance(s, row, column)


@njit(inline="always")
def sensed(s, plane, column, row):
    """Return with which probability a bit cell is sensed as 1, and the standard deviation of its read, S."""
    g, part = np.float64(s.g[plane, column, row]), reach_of(s, plane, column, row)
    sd = part * (s.read_cv * g + s.read_sd)
    if s.jumps.size and s.jumps[plane, column, row]:
        sd = math.hypot(sd, part * s.jump * g)
    above = seen_of(s, plane, column, row) - 0.5 * (s.law[0] + s.law[1])
    if sd == 0.0:
        return 1.0 if above > 0.0 else 0.0
    return 0.5 * math.erfc(-above / (sd * math.sqrt(2.0)))


@njit(inline="always")
def settle_bits(s, row, column):
    """Bring a weight of bit cells up to date: the mean of what sense amplifiers make of them, and its variance."""
    w, v = s.offset, 0.0
    for plane in range(s.g.shape[0]):
        level = s.gains[plane] * (s.law[1] - s.law[0])
        p = sensed(s, plane, column, row)
        w += level * p
        v += level * level * p * (1.0 - p)
    if s.frozen[column, row] == REMOVED:
        w = v = 0.0
    s.weights[row, column] = w
    if s.noisy:
        s.variance[row, column] = v


@njit(inline="always")
def settle(s, row, column):
    """Bring a weight and its variance up to date with its cells."""
    put_weight(s, row, column, part_of(s, row, column))
