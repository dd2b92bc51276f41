"""Schemes that decide weight by weight: a scalar function turns a wanted change into a number of pulses.

A template: :mod:`insitu.kernels.fuse` puts the ``pulses`` of a scheme in the place of the one here. What a weight keeps from
one change to the next is one number of ``memory[0]``, in units of weight. Where a law of programming writes in place of
pulses, what the function returns is by how much a weight is to move.

The floor of the cost is the digital sum itself: active rows x columns additions an example, however few the pulses. That is
as much as a read of the same array, and it is what such schemes ask of real hardware too (digital_ops of the ledger). A row
of the memory lies side by side, so the decision runs on all lanes; a pulse is rare enough to go alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cycles import cycle
from insitu.kernels.loop import loop_of
from insitu.kernels.memory import stack, state_at
from insitu.kernels.philox import philox
from insitu.kernels.settle import level_of
from insitu.kernels.state import (
    COLUMN_TYPE,
    CONDUCTANCE_READ,
    DENSE_TYPE,
    DIGITAL_OPS,
    KERNEL,
    LIVE,
    READS,
    UPDATE_TYPE,
)
from insitu.kernels.vmath import exp, uniform

DRAWS = False  # whether the scheme wants a random number
KEEPS = True  # whether it keeps one
LOOP = 0  # where in its numbers the closed loop stands
ALTERNATE = -1  # and whether cycles of SET and RESET take turns; -1 is never


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
def _hand(a, rows, columns, wanted, numbers, time, counts):
    """Give listed weights the pulses that are due, or write them to where they stand and what is wanted, by law."""
    s, p = state_at(a.at), scheme_parameters(numbers)
    if p.whole:
        due = stack(_BLOCK, np.int64)
        for m in range(rows.size):
            due[m] = np.int64(s.chop[rows[m]]) * np.int64(wanted[m])
        only = cycle(numbers[ALTERNATE], time) if ALTERNATE >= 0 else 0
        a.give(a.at, rows, columns, due[: rows.size], only, counts)
        return
    for m in range(rows.size):
        row, column = rows[m], columns[m]
        wanted[m] = min(max(np.float64(s.weights[row, column]) + wanted[m], p.low), p.high)
        if s.base.size:  # the part that this array holds
            wanted[m] = np.float64(s.chop[row]) * (wanted[m] - np.float64(s.base[row, column]))
    a.tune(a.at, rows, columns, wanted, loop_of(numbers[LOOP:], time), counts, stack(_BLOCK, np.float64))


@njit(error_model="numpy")
def _row(a, row, scale, change, memory, numbers, time, counts):
    """Decide for one row of weights, of which change is asked for times ``scale``, and pulse those that are due."""
    s, p, kept = state_at(a.at), scheme_parameters(numbers), memory[0, row if KEEPS else 0]
    # on the stack, where nothing overlaps, the decision runs on all lanes: up to twice as fast as in the memory itself
    asked, held, wanted = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64), stack(_BLOCK, np.float64)
    rows, columns = stack(_BLOCK, np.int64), stack(_BLOCK, np.int64)
    for first in range(0, change.size, _BLOCK):
        n, some = min(_BLOCK, change.size - first), np.int32(0)
        for j in range(n):
            asked[j] = scale * change[first + j]
        for j in range(n):
            held[j] = kept[first + j] if KEEPS else 0.0
        for j in range(n):
            wanted[j], held[j] = pulses(asked[j], held[j], p, _number(s, row, first + j, time))
        if KEEPS:
            for j in range(n):
                kept[first + j] = held[j]
        for j in range(n):
            some += np.int32(wanted[j] != 0.0)
        counts[DIGITAL_OPS] += 3 * n + some
        if some == 0:
            continue
        some = np.int32(0)
        for j in range(n):
            if wanted[j] != 0.0 and s.frozen[first + j, row] == LIVE:
                rows[some], columns[some], wanted[some] = row, first + j, wanted[j]
                some += 1
        _hand(a, rows[:some], columns[:some], wanted[:some], numbers, time, counts)


@njit(UPDATE_TYPE, **KERNEL)
def update(a, x, d, memory, numbers, shown, counts):
    """Ask each weight to change by x[row] d[column]."""
    for row in range(x.size):
        if x[row] != 0.0:
            _row(a, row, x[row], d, memory, numbers, shown, counts)


@njit(DENSE_TYPE, **KERNEL)
def dense(a, change, memory, numbers, number, counts):
    """Ask each weight to change by change[row, column]."""
    for row in range(change.shape[0]):
        _row(a, row, np.float32(1.0), change[row], memory, numbers, number, counts)


@njit(COLUMN_TYPE, **KERNEL)
def column(a, column, up, rule, memory, numbers, spikes, counts):
    """Ask the live weights of one column for a step of STDP, computed from what a read of them says."""
    s, p = state_at(a.at), scheme_parameters(numbers)
    live, kept = s.live[column], memory[0, :, column if KEEPS else 0]
    rows, columns, wanted = stack(_BLOCK, np.int64), stack(_BLOCK, np.int64), stack(_BLOCK, np.float64)
    for j in range(_BLOCK):
        columns[j] = column
    for start in range(0, s.n_live[column], _BLOCK):
        size, n = min(_BLOCK, s.n_live[column] - start), 0
        for j in range(size):
            row = live[start + j]
            w = np.float64(s.weights[row, column])
            change = rule.ltp * exp(-rule.decay * (w - rule.low)) if up[row] else -rule.ltd
            held = np.float64(kept[row]) if KEEPS else 0.0
            number, rest = pulses(change, held, p, _number(s, row, column, spikes))
            if KEEPS:
                kept[row] = rest
            counts[CONDUCTANCE_READ] += level_of(s, row, column)
            if number != 0.0:
                rows[n], wanted[n] = row, number
                n += 1
        _hand(a, rows[:n], columns[:n], wanted[:n], numbers, spikes, counts)
        counts[READS] += size * s.g.shape[0]
        counts[DIGITAL_OPS] += 4 * size + n
