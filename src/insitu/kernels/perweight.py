"""Schemes that decide weight by weight: a scalar function turns a wanted change into a number of pulses.

A template: :mod:`insitu.kernels.fuse` puts the ``pulses`` of a scheme in the place of the one here. What a weight keeps from
one change to the next is one number of ``memory[0]``, in units of weight.

The floor of the cost is the digital sum itself: active rows x columns additions an example, however few the pulses. That is
as much as a read of the same array, and it is what such schemes ask of real hardware too (digital_ops of the ledger). A row
of the memory lies side by side, so the decision runs on all lanes; a pulse is rare enough to go alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.philox import philox
from insitu.kernels.stack import stack
from insitu.kernels.state import COLUMN_TYPE, DENSE_TYPE, DIGITAL_OPS, KERNEL, LIVE, READS, UPDATE_TYPE
from insitu.kernels.vmath import exp, uniform

DRAWS = False  # whether the scheme wants a random number


@njit
def pulses(change, kept, p, z):
    """Stand in for the scheme: all of a change at once."""
    return np.rint(change), 0.0


@njit
def scheme_parameters(numbers):
    """Stand in for the numbers of a scheme by name."""
    return numbers


_SCHEME = np.uint64(16)  # insitu.random.Stream.SCHEME
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_BLOCK = 128  # weights that are decided together


@njit(inline="always")
def _number(s, row, column, time):
    """Return the uniform random number of one weight, if the scheme wants it."""
    if DRAWS:
        place = np.uint64(row * s.weights.shape[1] + column)
        return uniform(philox(np.uint64(time) & _LOW, place, np.uint64(time) >> _32, _SCHEME + s.streams, s.key)[0])
    return 0.0


@njit(error_model="numpy")
def _decide(a, row, first, change, n, memory, p, time, counts):
    """Decide for ``n`` weights of a row, at most a block, from column ``first`` on, and pulse those that are due."""
    s, kept = a.s, memory[0, row, first : first + n]
    rows, columns, due = stack(_BLOCK, np.int64), stack(_BLOCK, np.int64), stack(_BLOCK, np.int64)
    some = 0
    for j in range(n):
        number, rest = pulses(np.float64(change[j]), np.float64(kept[j]), p, _number(s, row, first + j, time))
        due[j] = np.int64(number)
        kept[j] = rest
        some += due[j] != 0
    counts[DIGITAL_OPS] += 3 * n + some
    if some == 0:
        return
    chop, some = np.int64(s.chop[row]), 0
    for j in range(n):
        if due[j] != 0 and s.frozen[first + j, row] == LIVE:
            rows[some], columns[some], due[some] = row, first + j, chop * due[j]
            some += 1
    a.give(s, rows[:some], columns[:some], due[:some], counts)


@njit(UPDATE_TYPE, **KERNEL)
def update(a, x, d, memory, numbers, shown, counts):
    """Ask each weight to change by x[row] d[column]."""
    p, change = scheme_parameters(numbers), stack(_BLOCK, np.float32)
    for row in range(x.size):
        if x[row] != 0.0:
            for first in range(0, d.size, _BLOCK):
                n = min(_BLOCK, d.size - first)
                for j in range(n):
                    change[j] = x[row] * d[first + j]
                _decide(a, row, first, change, n, memory, p, shown, counts)


@njit(DENSE_TYPE, **KERNEL)
def dense(a, change, memory, numbers, number, counts):
    """Ask each weight to change by change[row, column]."""
    p = scheme_parameters(numbers)
    for row in range(change.shape[0]):
        for first in range(0, change.shape[1], _BLOCK):
            n = min(_BLOCK, change.shape[1] - first)
            _decide(a, row, first, change[row, first : first + n], n, memory, p, number, counts)


@njit(COLUMN_TYPE, **KERNEL)
def column(a, column, up, rule, memory, numbers, spikes, counts):
    """Ask the live weights of one column for a step of STDP, computed from what a read of them says."""
    s, p = a.s, scheme_parameters(numbers)
    live, kept = s.live[column], memory[0, :, column]
    rows, columns, due = stack(_BLOCK, np.int64), stack(_BLOCK, np.int64), stack(_BLOCK, np.int64)
    for j in range(_BLOCK):
        columns[j] = column
    for start in range(0, s.n_live[column], _BLOCK):
        size, n = min(_BLOCK, s.n_live[column] - start), 0
        for j in range(size):
            row = live[start + j]
            w = np.float64(s.weights[row, column])
            change = rule.ltp * exp(-rule.decay * (w - rule.low)) if up[row] else -rule.ltd
            number, rest = pulses(change, np.float64(kept[row]), p, _number(s, row, column, spikes))
            kept[row] = rest
            if number != 0.0:
                rows[n], due[n] = row, np.int64(s.chop[row]) * np.int64(number)
                n += 1
        a.give(s, rows[:n], columns[:n], due[:n], counts)
        counts[READS] += size * s.g.shape[0]
        counts[DIGITAL_OPS] += 4 * size + n
