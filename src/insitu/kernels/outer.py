"""Blind pulses of one training example on a whole array: rows fire from x alone, columns from delta alone.

Cells where a row and a column fire in the same slot get one pulse. Only the lines that fire are visited, so the cost follows
the pulses, not the weights.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.philox import philox
from insitu.kernels.state import COLUMN_TYPE, KERNEL, UPDATE_TYPE

_TRAIN = np.uint64(9)  # insitu.random.Stream.TRAIN
_LOW, _32, _8 = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(8)
_ONE = np.uint64(1)
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
def _fire(values, lines, scale, slots, first, shown, streams, key, threshold, fires):
    """Write for each active line the slots in which it fires, as bits: each with probability scale |value|."""
    n, stream = lines.size, _TRAIN + streams
    for i in range(n):
        fires[i] = np.uint64(0)
        threshold[i] = np.uint64(np.int64(min(scale * abs(np.float64(values[lines[i]])), 1.0) * 4294967296.0))
    low, high = np.uint64(shown) & _LOW, (np.uint64(shown) >> _32) << _8
    for pack in range(0, slots, _PACKED):
        turn, at = high | np.uint64(pack // _PACKED), np.uint64(pack)
        for i in range(n):
            a, b, c, d = philox(low, np.uint64(first + lines[i]), turn, stream, key)
            bits = np.uint64(a < threshold[i])
            bits |= np.uint64(b < threshold[i]) << np.uint64(1)
            bits |= np.uint64(c < threshold[i]) << np.uint64(2)
            bits |= np.uint64(d < threshold[i]) << np.uint64(3)
            fires[i] |= bits << at


@njit(inline="always")
def _up(s, x, rows):
    """Return for each row whether it carries a positive signal, as the part of this array is read."""
    up = s.ups[0, : x.size]
    for j in range(rows.size):
        up[rows[j]] = (x[rows[j]] > 0.0) == (s.chop[rows[j]] > 0.0)
    return up


@njit(UPDATE_TYPE, **KERNEL)
def stochastic(a, x, d, _memory, trains, shown, counts):
    """Ask each weight to change by x[row] d[column], in pulses of ``trains[0]`` units of weight, by random trains.

    n = min(slots, ceil(max|x| max|d| / step)) slots, slots = ``trains[1]``, in each of which row i fires with probability
    sqrt(a) |x_i| / max|x| and column j likewise, a = max|x| max|d| / (n step), at most 1: the mean number of coincidences is
    |x_i d_j| / step (T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016), eq. 3, with the balance of the two sides by
    T. Gokmen, M. Onen and W. Haensch, Front. Neurosci. 11, 538 (2017)).
    """
    s = a.s
    rows, x_max = _active(x, s.lines[0])
    columns, d_max = _active(d, s.lines[1])
    if rows.size == 0 or columns.size == 0:
        return
    x_up, d_up, firing_rows, firing_columns = _up(s, x, rows), s.ups[1], s.lines[2], s.lines[3]
    row_fires, column_fires, threshold = s.words[0], s.words[1], s.words[2]
    wanted = x_max * d_max / trains[0]
    used = max(1, min(np.int64(trains[1]), np.int64(math.ceil(wanted))))
    scale = math.sqrt(min(wanted / used, 1.0))
    _fire(x, rows, scale / x_max, used, 0, shown, s.streams, s.key, threshold, row_fires)
    _fire(d, columns, scale / d_max, used, x.size, shown, s.streams, s.key, threshold, column_fires)
    for slot in range(used):
        at = np.uint64(slot)
        n_columns = 0
        for k in range(columns.size):
            firing_columns[n_columns] = columns[k]
            d_up[n_columns] = d[columns[k]] > 0.0
            n_columns += np.int64((column_fires[k] >> at) & _ONE)
        if n_columns == 0:
            continue
        n_rows = 0
        for j in range(rows.size):
            firing_rows[n_rows] = rows[j]
            n_rows += np.int64((row_fires[j] >> at) & _ONE)
        a.overlap(s, firing_rows[:n_rows], firing_columns[:n_columns], x_up, d_up[:n_columns], counts)


@njit(UPDATE_TYPE, **KERNEL)
def deterministic(a, x, d, _memory, trains, _shown, counts):
    """The same by counted trains: row i fires round(N |x_i| / full) times, column j round(K |d_j|) times, at most M.

    step, N, full, M = ``trains[:4]``, K = full / (N step); every firing of the one meets every firing of the other.
    """
    s = a.s
    rows, _ = _active(x, s.lines[0])
    columns, _ = _active(d, s.lines[1])
    if rows.size == 0 or columns.size == 0:
        return
    x_up, d_up, firing_rows, firing_columns = _up(s, x, rows), s.ups[1], s.lines[2], s.lines[3]
    row_times, column_times = s.lines[4, : rows.size], s.lines[5, : columns.size]
    per_row, per_column = trains[1] / trains[2], trains[2] / (trains[1] * trains[0])
    most_rows = most_columns = np.int32(0)
    for j in range(rows.size):
        row_times[j] = np.int64(min(abs(np.float64(x[rows[j]])) * per_row, trains[1]) + 0.5)
        most_rows = max(most_rows, row_times[j])
    for k in range(columns.size):
        column_times[k] = np.int64(min(abs(np.float64(d[columns[k]])) * per_column, trains[3]) + 0.5)
        most_columns = max(most_columns, column_times[k])
    for turn in range(most_rows):
        n_rows = 0
        for j in range(rows.size):
            firing_rows[n_rows] = rows[j]
            n_rows += row_times[j] > turn
        for again in range(most_columns):
            n_columns = 0
            for k in range(columns.size):
                firing_columns[n_columns] = columns[k]
                d_up[n_columns] = d[columns[k]] > 0.0
                n_columns += column_times[k] > again
            a.overlap(s, firing_rows[:n_rows], firing_columns[:n_columns], x_up, d_up[:n_columns], counts)


@njit(COLUMN_TYPE, **KERNEL)
def column(a, column, up, rule, _memory, _trains, spikes, counts):
    """Give every live cell of a column the pulse that its coincidence asks for, see :func:`insitu.kernels.rows.program`."""
    a.program(a.s, column, up, rule, spikes, counts)
