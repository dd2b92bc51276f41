"""What time does to the cells of an array, and the effective weights that follow."""

from __future__ import annotations

import numpy as np
from numba import float32, float64, int64, njit, types, uint64

from insitu.kernels.memory import state_at
from insitu.kernels.settle import put_variance, settle, settle_bits
from insitu.kernels.state import KERNEL, REMOVED

_TILE = 16  # cells lie column by column, weights row by row: square tiles keep both in the cache


@njit(types.void(uint64, int64, int64, int64, int64), **KERNEL)
def refresh(at, first_row, rows, first_column, columns):
    """Recompute the effective weights, and what their reads scatter, from the conductances: of the rows from the first to
    before ``rows``, and so of the columns."""
    s = state_at(at)
    for top in range(first_row, rows, _TILE):
        for left in range(first_column, columns, _TILE):
            for row in range(top, min(top + _TILE, rows)):
                for column in range(left, min(left + _TILE, columns)):
                    if s.digital:
                        settle_bits(s, row, column)
                    else:
                        settle(s, row, column)
                        if s.noisy and not s.tracks and s.frozen[column, row] != REMOVED:
                            put_variance(s, row, column)


@njit(types.void(float32[:, :, ::1], float32[:, :, ::1], float64), **KERNEL)
def leak(g, keep, rest):
    """g <- rest + (g - rest) keep, with one factor for all cells (1, 1, 1) or one for each."""
    target = np.float32(rest)
    for plane in range(g.shape[0]):
        for column in range(g.shape[1]):
            cells = g[plane, column]
            if keep.size == 1:
                factor = keep[0, 0, 0]
                for row in range(cells.size):
                    cells[row] = target + (cells[row] - target) * factor
            else:
                factors = keep[plane, column]
                for row in range(cells.size):
                    cells[row] = target + (cells[row] - target) * factors[row]
