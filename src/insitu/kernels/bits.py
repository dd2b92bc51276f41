"""Programming a digital array: weights as n-bit codes, one binary cell a bit.

A template, see :mod:`insitu.kernels.cell`, with the entry points of rows and tuning. The update is computed in the
periphery (read, modify, write): only cells whose bit changes are pulsed, once, and may fail to switch as their law says.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.cell import count_look, pulse_cell
from insitu.kernels.memory import stack, state_at
from insitu.kernels.philox import philox
from insitu.kernels.settle import level_of, settle_bits
from insitu.kernels.state import (
    CONDUCTANCE_READ,
    DIGITAL_OPS,
    GIVE_TYPE,
    KERNEL,
    MISSED,
    PROGRAM_TYPE,
    READS,
    TUNE_TYPE,
    TUNED,
)
from insitu.kernels.vmath import exp, uniform

_ROUND = np.uint64(7)  # insitu.random.Stream.ROUND
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_BLOCK = 128


@njit(inline="always")
def _code(s, row, column, middle):
    held = 0
    for plane in range(s.g.shape[0]):
        held |= np.int64(s.g[plane, column, row] > middle) << plane
    return held


@njit(error_model="numpy")
def _store(at, row, column, new, counts):
    """Write the bits in which ``new`` differs from what the cells hold; return the code that they hold afterwards."""
    s = state_at(at)
    middle = 0.5 * (s.law[0] + s.law[1])
    changed = _code(s, row, column, middle) ^ new
    for plane in range(s.g.shape[0]):
        if (changed >> plane) & 1:
            pulse_cell(at, plane, column, row, 1.0 if (new >> plane) & 1 else -1.0, counts)
    return _code(s, row, column, middle)


@njit(PROGRAM_TYPE, **KERNEL)
def program(at, column, up, rule, spikes, counts):
    """Move every live weight of a column by one STDP step: up where ``up`` is set, down elsewhere.

    The new code is the old one plus the wanted step in units of the least significant bit, rounded stochastically so that
    steps below one bit are right on average. LTP is ``ltp exp(-decay (w - low))``, LTD the constant ``ltd``.
    """
    s = state_at(at)
    lines, bits, live = up.size, s.g.shape[0], s.live[column]
    top = (1 << bits) - 1
    lsb = s.gains[0] * (s.law[1] - s.law[0])  # the weight of plane 0, the least significant bit
    middle = 0.5 * (s.law[0] + s.law[1])
    low, high, stream = np.uint64(spikes) & _LOW, np.uint64(spikes) >> _32, _ROUND + s.streams
    code, wanted = stack(_BLOCK, np.int64), stack(_BLOCK, np.float64)
    for start in range(0, s.n_live[column], _BLOCK):
        rows = live[start : min(start + _BLOCK, s.n_live[column])]
        for j in range(rows.size):
            code[j] = _code(s, rows[j], column, middle)
            counts[CONDUCTANCE_READ] += level_of(s, rows[j], column)
        for j in range(rows.size):
            wanted[j] = uniform(philox(low, np.uint64(column * lines + rows[j]), high, stream, s.key)[0])
        for j in range(rows.size):
            grow = rule.ltp * exp(-rule.decay * (np.float64(code[j]) * lsb + s.offset - rule.low))
            wanted[j] += (grow if up[rows[j]] else -rule.ltd) / lsb
        for j in range(rows.size):
            new = min(max(code[j] + np.int64(math.floor(wanted[j])), 0), top)
            if new != code[j]:
                _store(at, rows[j], column, new, counts)
                settle_bits(s, rows[j], column)
    counts[READS] += s.n_live[column] * bits
    counts[DIGITAL_OPS] += 4 * s.n_live[column]  # look-up, random number, addition, comparison


@njit(GIVE_TYPE, **KERNEL)
def give(at, rows, columns, steps, _only, counts):
    """Move the codes of listed weights by signed numbers of least significant bits, without a look at what comes of it; half
    a code is none, so that bits are written up and down at once."""
    s = state_at(at)
    top = (1 << s.g.shape[0]) - 1
    middle = 0.5 * (s.law[0] + s.law[1])
    for m in range(rows.size):
        old = _code(s, rows[m], columns[m], middle)
        counts[CONDUCTANCE_READ] += level_of(s, rows[m], columns[m])
        _store(at, rows[m], columns[m], min(max(old + steps[m], 0), top), counts)
        settle_bits(s, rows[m], columns[m])
        counts[READS] += s.g.shape[0]


@njit(TUNE_TYPE, **KERNEL)
def tune(at, rows, columns, targets, loop, counts, found):
    """Write the nearest code of each target and verify it, at most ``iterations`` times; ``found`` gets what is held."""
    s = state_at(at)
    top = (1 << s.g.shape[0]) - 1
    lsb = s.gains[0] * (s.law[1] - s.law[0])
    middle = 0.5 * (s.law[0] + s.law[1])
    counts[TUNED] += rows.size
    for m in range(rows.size):
        row, column = rows[m], columns[m]
        new = min(max(np.int64(math.floor((targets[m] - s.offset) / lsb + 0.5)), 0), top)
        held = _code(s, row, column, middle)
        count_look(counts, s.g.shape[0])
        for _ in range(loop.iterations):
            if held == new:
                break
            held = _store(at, row, column, new, counts)
            count_look(counts, s.g.shape[0])
        counts[MISSED] += held != new
        # what is between two codes is the controller's to remember, not the cells'
        found[m] = targets[m] if held == new else s.offset + lsb * held
        settle_bits(s, row, column)
