"""Programming one column of a digital array: weights as n-bit codes, one binary cell a bit.

A template like :mod:`insitu.kernels.column`. The update is computed in the periphery (read, modify, write): the new code
is the old one plus the wanted step in units of the least significant bit, rounded stochastically so that steps below one
bit are right on average; only cells whose bit changes are pulsed, once, and may fail to switch as their law says.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.cell import count_look, pulse_cell
from insitu.kernels.philox import philox
from insitu.kernels.state import DIGITAL_OPS, PROGRAM_TYPE, READS
from insitu.kernels.vmath import exp, uniform

_ROUND = np.uint64(7)
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(error_model="numpy")
def _store(s, column, row, old, new, middle, counts):
    """Write the bits in which ``new`` differs from ``old``; return the code that the cells hold afterwards."""
    changed, held = old ^ new, 0
    for plane in range(s.g.shape[0]):
        if (changed >> plane) & 1:
            pulse_cell(s, plane, column, row, 1.0 if (new >> plane) & 1 else -1.0, counts)
        held |= np.int64(s.g[plane, column, row] > middle) << plane
    return held


@njit(PROGRAM_TYPE, cache=True, error_model="numpy")
def program(s, column, up, rule, spikes, counts):
    """Move every live weight of a column by one STDP step: up where ``up`` is set, down elsewhere.

    ``rule`` is (ltp, ltp_decay, ltd): LTP is ltp * exp(-ltp_decay (w - w_min)), LTD is the constant ltd, both in
    units of weight.
    """
    n, rows, bits = s.n_live[column], up.size, s.g.shape[0]
    live = s.live[column]
    levels = (1 << bits) - 1
    lsb = s.gains[0] * (s.law[1] - s.law[0])  # the weight of plane 0, the least significant bit
    middle = 0.5 * (s.law[0] + s.law[1])
    code, wanted = np.empty(n), np.empty(n)
    low, high, stream = np.uint64(spikes) & _LOW, np.uint64(spikes) >> _32, _ROUND + s.streams
    for j in range(n):
        code[j] = (s.weights[live[j], column] - s.offset) / lsb
    for j in range(n):
        r = uniform(philox(low, np.uint64(column * rows + live[j]), high, stream, s.key)[0])
        wanted[j] = r
    for j in range(n):
        grow = rule[0] * exp(-rule[1] * code[j] * lsb)
        wanted[j] += (grow if up[live[j]] else -rule[2]) / lsb
    for j in range(n):
        shift = math.floor(wanted[j])
        if shift != 0.0:
            old = np.int64(code[j] + 0.5)
            new = min(max(old + np.int64(shift), 0), levels)
            if new != old:
                held = _store(s, column, live[j], old, new, middle, counts)
                s.weights[live[j], column] = s.offset + lsb * held
    counts[READS] += n * bits
    counts[DIGITAL_OPS] += 4 * n  # look-up, random number, addition, comparison


@njit(cache=True, error_model="numpy")
def tune_weights(s, rows, columns, targets, tolerance, limit, counts):
    """Write the nearest code of each target and verify it, at most ``limit`` times; return how many are still wrong."""
    levels = (1 << s.g.shape[0]) - 1
    lsb = s.gains[0] * (s.law[1] - s.law[0])
    middle = 0.5 * (s.law[0] + s.law[1])
    missed = 0
    for m in range(rows.size):
        row, column = rows[m], columns[m]
        new = min(max(np.int64(math.floor((targets[m] - s.offset) / lsb + 0.5)), 0), levels)
        held = np.int64(math.floor((s.weights[row, column] - s.offset) / lsb + 0.5))
        count_look(counts, s.g.shape[0])
        for _ in range(limit):
            if held == new:
                break
            held = _store(s, column, row, held, new, middle, counts)
            count_look(counts, s.g.shape[0])
        s.weights[row, column] = s.offset + lsb * held
        missed += held != new
    return missed
