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
from insitu.kernels.state import COLUMN_TYPE, DENSE_TYPE, DIGITAL_OPS, LIVE, READS, UPDATE_TYPE
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


@njit(inline="always")
def _draw(s, first, stride, time, z):
    """Fill ``z`` with a uniform random number for each of the weights first, first + stride, ..."""
    if DRAWS:
        low, high = np.uint64(time) & _LOW, np.uint64(time) >> _32
        for j in range(z.size):
            word = philox(low, np.uint64(first + j * stride), high, _SCHEME + s.streams, s.key)[0]
            z[j] = uniform(word)


@njit(error_model="numpy")
def _row(a, row, change, kept, p, z, due, counts):
    """Decide for one row of weights, and pulse those that are due."""
    s = a.s
    n, columns = 0, change.size
    for j in range(columns):
        number, rest = pulses(np.float64(change[j]), np.float64(kept[j]), p, z[j])
        whole = np.int64(number)
        due[2, j] = whole
        kept[j] = rest
        n += whole != 0
    counts[DIGITAL_OPS] += 3 * columns + n
    if n == 0:
        return
    chop = np.int64(s.chop[row])
    n = 0
    for j in range(columns):
        if due[2, j] != 0 and s.frozen[j, row] == LIVE:
            due[0, n], due[1, n], due[2, n] = row, j, chop * due[2, j]
            n += 1
    a.give(s, due[0, :n], due[1, :n], due[2, :n], counts)


@njit(UPDATE_TYPE, cache=True, error_model="numpy")
def update(a, x, d, memory, numbers, shown, counts):
    """Ask each weight to change by x[row] d[column]."""
    p, columns = scheme_parameters(numbers), d.size
    change, z, due = np.empty(columns, np.float32), np.zeros(columns), np.empty((3, columns), np.int64)
    for row in range(x.size):
        if x[row] != 0.0:
            for j in range(columns):
                change[j] = x[row] * d[j]
            _draw(a.s, row * columns, 1, shown, z)
            _row(a, row, change, memory[0, row], p, z, due, counts)


@njit(DENSE_TYPE, cache=True, error_model="numpy")
def dense(a, change, memory, numbers, number, counts):
    """Ask each weight to change by change[row, column]."""
    p, columns = scheme_parameters(numbers), change.shape[1]
    z, due = np.zeros(columns), np.empty((3, columns), np.int64)
    for row in range(change.shape[0]):
        _draw(a.s, row * columns, 1, number, z)
        _row(a, row, change[row], memory[0, row], p, z, due, counts)


@njit(COLUMN_TYPE, cache=True, error_model="numpy")
def column(a, column, up, rule, memory, numbers, spikes, counts):
    """Ask the live weights of one column for a step of STDP, computed from what a read of them says."""
    s, p = a.s, scheme_parameters(numbers)
    live, columns = s.live[column, : s.n_live[column]], s.weights.shape[1]
    z, due = np.zeros(up.size), np.empty((3, live.size), np.int64)
    _draw(s, column, columns, spikes, z)
    n = 0
    for j in range(live.size):
        row = live[j]
        w = np.float64(s.weights[row, column])
        change = rule.ltp * exp(-rule.decay * (w - rule.low)) if up[row] else -rule.ltd
        number, rest = pulses(change, np.float64(memory[0, row, column]), p, z[row])
        memory[0, row, column] = rest
        if number != 0.0:
            due[0, n], due[1, n], due[2, n] = row, column, np.int64(s.chop[row]) * np.int64(number)
            n += 1
    a.give(s, due[0, :n], due[1, :n], due[2, :n], counts)
    counts[READS] += live.size * s.g.shape[0]
    counts[DIGITAL_OPS] += 4 * live.size + n
