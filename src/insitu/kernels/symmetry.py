"""Where up and down pulses of each cell cancel: its symmetry point.

A template like :mod:`insitu.kernels.column`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import ONE_SIDED, SPREAD, cell_parameters, step

_HALVINGS = 26  # of the range: as fine as single precision


@njit(inline="always")
def _net(g, p, noise):
    """Return the mean change by one pulse up and one pulse down, S."""
    total = 0.0
    for k in range(noise.size):
        total += (step(g, 1.0, p, noise[k]) - g) + (step(g, -1.0, p, noise[k]) - g)
    return total / noise.size


@njit(cache=True, error_model="numpy", nogil=True)
def symmetry_points(s, noise, out):
    """Write to ``out`` (planes, columns, rows) the conductance at which alternating pulses hold each cell, S.

    By halving the range. The mean over ``noise``, equally likely values of the random number, stands for the law. A cell
    whose pulses cancel everywhere stays where it is, one that is only raised or only lowered ends at a bound; so do
    references, and devices that only rise: they have no such point, and stay.
    """
    planes, columns, rows = s.g.shape
    for plane in range(planes):
        for column in range(columns):
            for row in range(rows):
                out[plane, column, row] = s.g[plane, column, row]
                if ONE_SIDED or s.signs[plane] == 0:
                    continue
                if SPREAD:
                    limits = s.cell[:, plane, column, row]
                    low, high = np.float64(limits[0]), np.float64(limits[1])
                    p = cell_parameters(low, high, np.float64(limits[2]), np.float64(limits[3]), s.law)
                else:
                    low, high = s.law[0], s.law[1]
                    p = cell_parameters(low, high, s.law[2], s.law[3], s.law)
                flat = 1e-9 * (high - low)
                if abs(_net(low, p, noise)) <= flat and abs(_net(high, p, noise)) <= flat:
                    continue
                for _ in range(_HALVINGS):
                    middle = 0.5 * (low + high)
                    if _net(middle, p, noise) > 0.0:
                        low = middle
                    else:
                        high = middle
                out[plane, column, row] = 0.5 * (low + high)
