"""One pulse on one cell: the device law with all that an array adds to it.

A template: :mod:`insitu.kernels.fuse` pastes it, with the law of a device in place of the first block, into the templates
that import it, :mod:`insitu.kernels.column` and :mod:`insitu.kernels.bits`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.philox import philox
from insitu.kernels.state import PULSES_DOWN, PULSES_UP
from insitu.kernels.vmath import normal, uniform

# <law>
NOISE = 0  # 0 none, 1 normal, 2 uniform
SPREAD = False
ENDURANCE = False


@njit
def step(g, polarity, p, z):
    """Stand in for the device law: the constant step."""
    return g + p[2] if polarity > 0 else g - p[3]


@njit
def cell_parameters(g_min, g_max, step_up, step_down, law):
    """Stand in for the parameters of one cell."""
    return g_min, g_max, step_up, step_down


# </law>

PULSE = np.uint64(4)  # insitu.random.Stream.PULSE


@njit(error_model="numpy")
def pulse_cell(s, plane, column, row, polarity, counts):
    """Give one cell one pulse of polarity +1.0 or -1.0; a cell that has worn out takes it and stays where it is.

    The law works in double precision; Numba's ``float`` would leave a float32 what it is.
    """
    time = np.uint64(s.writes[plane, column, row])
    cell = np.uint64((plane * s.g.shape[1] + column) * s.g.shape[2] + row)
    a, b, c, d = philox(time, cell, np.uint64(0), PULSE + s.streams, s.key)
    z = normal(a, b, c, d) if NOISE == 1 else uniform(a) if NOISE == 2 else 0.0
    if SPREAD:
        limits = s.cell[:, plane, column, row]
        low, high = np.float64(limits[0]), np.float64(limits[1])
        p = cell_parameters(low, high, np.float64(limits[2]), np.float64(limits[3]), s.law)
    else:
        low, high = s.law[0], s.law[1]
        p = cell_parameters(low, high, s.law[2], s.law[3], s.law)
    alive = True
    if ENDURANCE:
        alive = time < s.lifetime[plane, column, row]
    if alive:
        s.g[plane, column, row] = min(max(low, step(np.float64(s.g[plane, column, row]), polarity, p, z)), high)
    s.writes[plane, column, row] += np.uint32(1)
    counts[PULSES_UP if polarity > 0 else PULSES_DOWN] += 1
