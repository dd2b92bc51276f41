"""Where alternating pulses take each cell: towards the point at which up and down cancel.

A template, see :mod:`insitu.kernels.cell`.
"""

from __future__ import annotations

import numpy as np
from numba import float64, int64, njit, types, uint64

from insitu.kernels.cell import ONE_SIDED, cell_parameters, step
from insitu.kernels.memory import state_at
from insitu.kernels.state import KERNEL

_STILL = 1e-7  # of the range: a pair of pulses that moves a cell by less will not take it anywhere


@njit(inline="always")
def _mean_pulse(g, polarity, low, high, p, noise):
    """Return the conductance after one pulse, the mean over equally likely values of the noise."""
    total = 0.0
    for k in range(noise.size):
        total += step(g, polarity, p, noise[k])
    return min(max(low, total / noise.size), high)


@njit(types.void(uint64, float64[::1], int64), **KERNEL)
def alternate(at, noise, pairs):
    """Give each cell ``pairs`` of mean pulses, up and down, so that it comes near its symmetry point, if it has one.

    References and devices that only rise get none. Nothing is counted, and weights are not kept current.
    """
    s = state_at(at)
    for plane in range(s.g.shape[0]):
        if ONE_SIDED or s.signs[plane] == 0:
            continue
        for column in range(s.g.shape[1]):
            for row in range(s.g.shape[2]):
                if s.spread:
                    limits = s.cell[:, plane, column, row]
                    low, high = np.float64(limits[0]), np.float64(limits[1])
                    p = cell_parameters(low, high, np.float64(limits[2]), np.float64(limits[3]), s.law)
                else:
                    low, high = s.law[0], s.law[1]
                    p = cell_parameters(low, high, s.law[2], s.law[3], s.law)
                g = np.float64(s.g[plane, column, row])
                for _ in range(pairs):
                    up = _mean_pulse(g, 1.0, low, high, p, noise)
                    after = _mean_pulse(up, -1.0, low, high, p, noise)
                    moved = abs(after - g)
                    g = after
                    if moved < _STILL * (high - low):
                        break
                s.g[plane, column, row] = g
