"""One pulse on one cell: the device law with all that an array adds to it; and what a read makes of the cells of a weight.

A template, as are rows, tuning, bits and symmetry: :mod:`insitu.kernels.fuse` writes them to one module with the law of a
device in place of ``step``, ``cell_parameters`` and the constants at the top.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.memory import state_at
from insitu.kernels.philox import philox
from insitu.kernels.state import (
    CONDUCTANCE_DOWN,
    CONDUCTANCE_UP,
    CONVERSIONS,
    CROSSED,
    GROWN_DOWN,
    GROWN_UP,
    LEVELS,
    PULSES_DOWN,
    PULSES_UP,
    READS,
    VERIFY_CONVERSIONS,
    VERIFY_READS,
)
from insitu.kernels.vmath import normal, uniform

NOISE = 0  # what a law draws: 0 nothing, 1 a normal number, 2 a uniform one
ONE_SIDED = False  # polarity -1 is an abrupt RESET: blind programming never gives it


@njit
def step(g, polarity, p, z):
    """Stand in for the device law: the constant step."""
    return g + p[2] if polarity > 0 else g - p[3]


@njit
def cell_parameters(g_min, g_max, step_up, step_down, law):
    """Stand in for the parameters of one cell."""
    return g_min, g_max, step_up, step_down


@njit
def cell_beside(g_min, g_max, step_up, step_down, shared):
    """Stand in for the parameters of one cell, what it shares with others taken from their parameters, not from memory."""
    return g_min, g_max, step_up, step_down


PULSE = np.uint64(4)  # insitu.random.Stream.PULSE


@njit(inline="always")
def stepped(g, polarity, low, high, p, z):
    """Return the conductance after a pulse. A cell that time has taken out of its range is moved by what the pulse would do
    at the nearest end: a pulse down never raises it."""
    inside = min(max(low, g), high)
    return min(max(low, step(inside, polarity, p, z)), high) + (g - inside)


@njit(inline="always")
def larger(g_min, g_max, step_up, step_down, law, polarity, factor):
    """Return the parameters of a cell whose step of this polarity is ``factor`` times what it is, as of a larger pulse."""
    if polarity > 0:
        return cell_parameters(g_min, g_max, step_up * factor, step_down, law)
    return cell_parameters(g_min, g_max, step_up, step_down * factor, law)


@njit(inline="always")
def _pulse(at, plane, column, row, polarity, factor, square, counts):
    """See pulse_cell and grown_cell: where factor and square are constants, 1.0 of them costs nothing.

    The law works in double precision; Numba's ``float`` would leave a float32 what it is.
    """
    s = state_at(at)
    time = np.uint64(s.writes[plane, column, row])
    cell = np.uint64((plane * s.g.shape[1] + column) * s.g.shape[2] + row)
    z = 0.0
    if NOISE and s.draws:
        a, b, c, d = philox(time, cell, np.uint64(0), PULSE + s.streams, s.key)
        z = normal(a, b, c, d) if NOISE == 1 else uniform(a)
    if s.spread:
        limits = s.cell[:, plane, column, row]
        low, high = np.float64(limits[0]), np.float64(limits[1])
        p = larger(low, high, np.float64(limits[2]), np.float64(limits[3]), s.law, polarity, factor)
    else:
        low, high = s.law[0], s.law[1]
        p = larger(low, high, s.law[2], s.law[3], s.law, polarity, factor)
    before = np.float64(s.g[plane, column, row])
    level = np.int64(before * (LEVELS / s.law[1]) * square + 0.5)
    if not s.mortal or time < s.lifetime[plane, column, row]:
        s.g[plane, column, row] = stepped(before, polarity, low, high, p, z)
    s.writes[plane, column, row] += np.uint32(1)
    counts[PULSES_UP if polarity > 0 else PULSES_DOWN] += 1
    counts[CONDUCTANCE_UP if polarity > 0 else CONDUCTANCE_DOWN] += level
    counts[GROWN_UP if polarity > 0 else GROWN_DOWN] += np.int64((square - 1.0) * LEVELS + 0.5)
    counts[CROSSED] += s.g.shape[0] * s.g.shape[1] + s.g.shape[2]  # its row across all planes, and its column


@njit(error_model="numpy")
def pulse_cell(at, plane, column, row, polarity, counts):
    """Give one cell one pulse of polarity +1.0 or -1.0; a cell that has worn out takes it and stays where it is."""
    _pulse(at, plane, column, row, polarity, 1.0, 1.0, counts)


@njit(error_model="numpy")
def grown_cell(at, plane, column, row, polarity, factor, square, counts):
    """Give one cell one pulse of another amplitude.

    ``factor``: its step over that of a pulse of the device; ``square``: that of the amplitude over that one's.
    """
    _pulse(at, plane, column, row, polarity, factor, square, counts)


@njit(inline="always")
def count_look(counts, planes):
    """Count one look of a closed loop at one weight."""
    counts[READS] += planes
    counts[CONVERSIONS] += 1
    counts[VERIFY_READS] += planes
    counts[VERIFY_CONVERSIONS] += 1
