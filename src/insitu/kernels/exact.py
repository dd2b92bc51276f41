"""Weights that are numbers: the ideal limit of every scheme, plain stochastic gradient descent. No cell is pulsed.

Where the noise of a read depends on the cells, they follow every change; elsewhere when the array is next looked at.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types, uint64

from insitu.kernels.memory import state_at
from insitu.kernels.settle import put_variance, settle_bits
from insitu.kernels.state import COLUMN_TYPE, DENSE_TYPE, KERNEL, LIVE, REMOVED, UPDATE_TYPE
from insitu.kernels.vmath import exp


@njit(inline="always")
def _follow(s, row, column):
    """Put the cells where the encoding places them for a weight; what a read of them scatters follows."""
    kept, low, high = s.weights[row, column], s.law[0], s.law[1]
    w = np.float64(kept)
    if s.base.size:
        w = np.float64(s.chop[row]) * (w - np.float64(s.base[row, column]))
    if s.digital:
        code, planes = np.int64((w - s.offset) / (s.gains[0] * (high - low)) + 0.5), s.g.shape[0]
        code = min(max(code, 0), (1 << planes) - 1)
        for plane in range(planes):
            s.g[plane, column, row] = high if (code >> plane) & 1 else low
        if s.tracks:
            settle_bits(s, row, column)
            s.weights[row, column] = kept  # finer than any code
        return
    for plane in range(s.g.shape[0]):
        g = s.zero[plane] + w * (s.above[plane] if w > 0.0 else s.below[plane])
        s.g[plane, column, row] = min(max(g, low), high)
    if s.tracks:
        put_variance(s, row, column)


@njit(types.void(uint64), **KERNEL)
def follow(at):
    """Put all cells but removed ones where the encoding places them for their weights: at any time, to the same bits."""
    s = state_at(at)
    for column in range(s.g.shape[1]):
        for row in range(s.g.shape[2]):
            if s.frozen[column, row] != REMOVED:
                _follow(s, row, column)


@njit(UPDATE_TYPE, **KERNEL)
def update(a, x, d, _memory, limits, _shown, _counts):
    """W += x d, kept in ``limits[:2]``."""
    s = state_at(a.at)
    low, high = np.float32(limits[0]), np.float32(limits[1])
    whole = s.n_live.sum() == s.weights.size
    for i in range(x.size):
        if x[i] != 0.0:
            row, value = s.weights[i], x[i]
            if whole:
                for j in range(d.size):
                    row[j] = min(max(row[j] + value * d[j], low), high)
            else:
                for j in range(d.size):
                    if s.frozen[j, i] == LIVE:
                        row[j] = min(max(row[j] + value * d[j], low), high)
            if s.tracks:
                for j in range(d.size):
                    if whole or s.frozen[j, i] == LIVE:
                        _follow(s, i, j)


@njit(DENSE_TYPE, **KERNEL)
def dense(a, change, _memory, limits, _number, _counts):
    """W += change, kept in ``limits[:2]``."""
    s = state_at(a.at)
    low, high = np.float32(limits[0]), np.float32(limits[1])
    whole = s.n_live.sum() == s.weights.size
    for i in range(change.shape[0]):
        row = s.weights[i]
        if whole:
            for j in range(row.size):
                row[j] = min(max(row[j] + change[i, j], low), high)
        else:
            for j in range(row.size):
                if s.frozen[j, i] == LIVE:
                    row[j] = min(max(row[j] + change[i, j], low), high)
        if s.tracks:
            for j in range(row.size):
                if whole or s.frozen[j, i] == LIVE:
                    _follow(s, i, j)


@njit(COLUMN_TYPE, **KERNEL)
def column(a, column, up, rule, _memory, limits, _spikes, _counts):
    """Move the live weights of one column by a step of STDP."""
    s = state_at(a.at)
    for j in range(s.n_live[column]):
        row = s.live[column, j]
        w = np.float64(s.weights[row, column])
        w += rule.ltp * exp(-rule.decay * (w - rule.low)) if up[row] else -rule.ltd
        s.weights[row, column] = min(max(w, limits[0]), limits[1])
        if s.tracks:
            _follow(s, row, column)
