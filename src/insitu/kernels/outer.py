"""Blind pulses of one training example on a whole array: rows fire from x alone, columns from delta alone.

Cells where a row and a column fire in the same slot get one pulse. Only the lines that fire are visited, so the cost follows
the pulses, not the weights.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.memory import state_at
from insitu.kernels.philox import philox
from insitu.kernels.state import COLUMN_TYPE, CUT, KERNEL, TRAINS, UPDATE_TYPE
from insitu.kernels.vmath import uniform

_TRAIN, _GATE = np.uint64(9), np.uint64(6)  # insitu.random.Stream
_LOW, _32, _8 = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(8)
_PACKED = 4  # slots for which one Philox block serves


@njit(inline="always")
def _active(values, lines):
    """List the lines that carry a signal; return the list, and the largest signal."""
    n, largest = 0, np.float32(0.0)
    for i in range(values.size):
        lines[n] = i
        size = abs(values[i])
        n += size > 0.0
        largest = max(largest, size)
    return lines[:n], np.float64(largest)


@njit(inline="always")
def _fire(s, values, lines, scale, slots, first, shown, fires):
    """Write for each active line the slots in which it fires, as bits: each with probability scale |value|."""
    n, threshold = lines.size, s.words[2]
    for i in range(n):
        fires[i] = np.uint64(0)
        threshold[i] = np.uint64(np.int64(min(scale * abs(np.float64(values[lines[i]])), 1.0) * 4294967296.0))
    low, high = np.uint64(shown) & _LOW, (np.uint64(shown) >> _32) << _8
    for pack in range(0, slots, _PACKED):
        turn, at = high | np.uint64(pack // _PACKED), np.uint64(pack)
        for i in range(n):
            a, b, c, d = philox(low, np.uint64(first + lines[i]), turn, _TRAIN + s.streams, s.key)
            bits = np.uint64(a < threshold[i])
            bits |= np.uint64(b < threshold[i]) << np.uint64(1)
            bits |= np.uint64(c < threshold[i]) << np.uint64(2)
            bits |= np.uint64(d < threshold[i]) << np.uint64(3)
            fires[i] |= bits << at


@njit(inline="always")
def _up(s, x, rows, d, columns):
    """Return for each listed row, and column, whether it carries a positive signal, as the part of this array is read."""
    x_up, d_up = s.ups[0, : rows.size], s.ups[1, : columns.size]
    for j in range(rows.size):
        x_up[j] = (x[rows[j]] > 0.0) == (s.chop[rows[j]] > 0.0)
    for k in range(columns.size):
        d_up[k] = d[columns[k]] > 0.0
    return x_up, d_up


@njit(UPDATE_TYPE, **KERNEL)
def stochastic(a, x, d, _memory, trains, shown, counts):
    """Ask each weight to change by x[row] d[column], in pulses of ``trains[0]`` units of weight, by random trains.

    n = min(slots, ceil(max|x| max|d| / step)) slots, slots = ``trains[1]``, in each of which row i fires with probability
    sqrt(a) |x_i| / max|x| and column j likewise, a = max|x| max|d| / (n step): the mean number of coincidences is
    |x_i d_j| / step (T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016), eq. 3, with the balance of the two sides by
    T. Gokmen, M. Onen and W. Haensch, Front. Neurosci. 11, 538 (2017)). Where more is wanted than fits into the slots, rows
    fire with probability |x_i| / max|x| and columns with min(1, |d_j| max|x| / (n step)), as in aihwkit: the largest columns
    are cut off, the others stay right; if ``trains[2]`` is set the whole product shrinks instead, and keeps its direction.
    """
    s = state_at(a.at)
    rows, x_max = _active(x, s.lines[0])
    columns, d_max = _active(d, s.lines[1])
    if rows.size == 0 or columns.size == 0:
        return
    x_up, d_up = _up(s, x, rows, d, columns)
    row_fires, column_fires = s.words[0], s.words[1]
    wanted = x_max * d_max / trains[0]
    used = max(1, min(np.int64(trains[1]), np.int64(math.ceil(wanted))))
    counts[TRAINS] += 1
    counts[CUT] += wanted > trains[1]
    if trains[2] > 0.0:
        wanted = min(wanted, trains[1])
    scale = min(math.sqrt(wanted / used), 1.0)
    _fire(s, x, rows, scale / x_max, used, 0, shown, row_fires)
    _fire(s, d, columns, wanted / used / scale / d_max, used, x.size, shown, column_fires)
    a.overlap(a.at, rows, columns, row_fires, column_fires, used, x_up, d_up, counts)


@njit(UPDATE_TYPE, **KERNEL)
def deterministic(a, x, d, _memory, trains, _shown, counts):
    """The same by counted trains: row i fires round(N |x_i| / full) times, column j round(K |d_j|) times, at most M.

    step, N, full, M = ``trains[:4]``, K = full / (N step); every firing of the one meets every firing of the other. Each line
    is cut off on its own, at N or M; if ``trains[4]`` is set all rows, or all columns, shrink instead.
    """
    s = state_at(a.at)
    rows, x_max = _active(x, s.lines[0])
    columns, d_max = _active(d, s.lines[1])
    if rows.size == 0 or columns.size == 0:
        return
    x_up, d_up = _up(s, x, rows, d, columns)
    per_row, per_column = trains[1] / trains[2], trains[2] / (trains[1] * trains[0])
    row_times, column_times, row_fires, column_fires = s.lines[3], s.lines[4], s.words[0], s.words[1]
    most_rows = most_columns = np.int32(0)
    counts[TRAINS] += 1
    counts[CUT] += x_max * per_row > trains[1] or d_max * per_column > trains[3]
    if trains[4] > 0.0:
        per_row, per_column = min(per_row, trains[1] / x_max), min(per_column, trains[3] / d_max)
    for j in range(rows.size):
        row_times[j] = np.int64(min(abs(np.float64(x[rows[j]])) * per_row, trains[1]) + 0.5)
        most_rows = max(most_rows, row_times[j])
    for k in range(columns.size):
        column_times[k] = np.int64(min(abs(np.float64(d[columns[k]])) * per_column, trains[3]) + 0.5)
        most_columns = max(most_columns, column_times[k])
    for turn in range(most_rows):
        for j in range(rows.size):
            row_fires[j] = row_times[j] > turn
        for again in range(most_columns):
            for k in range(columns.size):
                column_fires[k] = column_times[k] > again
            a.overlap(a.at, rows, columns, row_fires, column_fires, 1, x_up, d_up, counts)


@njit(COLUMN_TYPE, **KERNEL)
def column(a, column, up, rule, _memory, _trains, spikes, counts):
    """Give every live cell of a column one pulse: up where ``up`` is set, down elsewhere.

    ``rule.chance_up`` and ``rule.chance_down`` are the probabilities that a coincidence becomes a pulse; below 1 a coin is
    tossed for each cell, keyed by the spike count of the neuron. Where the part of this array is read inverted, it has to go
    the other way.
    """
    s = state_at(a.at)
    live, size, lines = s.live[column], s.n_live[column], up.size
    rows, ups, fires, toss = s.lines[0], s.ups[0], s.words[0], s.words[2]
    for j in range(size):
        fires[j] = np.uint64(1)
    if rule.chance_up < 1.0 or rule.chance_down < 1.0:
        low, high, stream = np.uint64(spikes) & _LOW, np.uint64(spikes) >> _32, _GATE + s.streams
        for j in range(size):
            toss[j] = philox(low, np.uint64(column * lines + live[j]), high, stream, s.key)[0]
        for j in range(size):
            fires[j] = uniform(toss[j]) < (rule.chance_up if up[live[j]] else rule.chance_down)
    for j in range(size):
        rows[j], ups[j] = live[j], (up[live[j]] != 0) == (s.chop[live[j]] > 0.0)
    s.lines[1, 0], s.ups[1, 0], s.words[1, 0] = column, 1, 1
    a.overlap(a.at, rows[:size], s.lines[1, :1], fires, s.words[1], 1, ups, s.ups[1], counts)


@njit(COLUMN_TYPE, **KERNEL)
def column_of_bits(a, column, up, rule, _memory, _trains, spikes, counts):
    """The same where a column holds codes of bits."""
    a.program(a.at, column, up, rule, spikes, counts)
