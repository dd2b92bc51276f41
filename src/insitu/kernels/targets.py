"""Write and verify: a controller keeps targets, and writes the weights whose target has left the dead band.

``memory[0]`` are the targets, ``memory[1]`` those that were last tried, and ``memory[2]`` what the last verify has read, all
(rows, columns) and in units of weight. A weight is due when its target is further than the dead band from both: what failed
is tried again when its target has moved on, not at every update. How a weight is written is the ``tune`` of the array: pulse
by pulse, or by a statistical law, :func:`by_law`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.loop import loop_of
from insitu.kernels.memory import stack, state_at
from insitu.kernels.philox import philox
from insitu.kernels.settle import put_weight, seen_of
from insitu.kernels.state import (
    COLUMN_TYPE,
    CONDUCTANCE_DOWN,
    CONDUCTANCE_UP,
    CONVERSIONS,
    CROSSED,
    DENSE_TYPE,
    DIGITAL_OPS,
    KERNEL,
    LEVELS,
    LIVE,
    MISSED,
    PULSES_DOWN,
    PULSES_UP,
    READS,
    TUNE_TYPE,
    TUNED,
    UPDATE_TYPE,
    VERIFY_CONVERSIONS,
    VERIFY_READS,
)
from insitu.kernels.vmath import exp, normal

_WRITE = np.uint64(12)  # insitu.random.Stream.WRITE
_BLOCK = 16  # rows that are written together: a cache line of cells
_MOST = 512  # weights that are written in one go
LOW, HIGH, BAND, LOOP = range(4)  # in the numbers of the scheme: range of targets, dead band, and from LOOP on a Loop


@njit(inline="always")
def _due(targets, tried, low, high, band):
    """Keep a row of targets in their range; return how many have left the dead band about what was tried."""
    n = np.int32(0)
    for j in range(targets.size):
        targets[j] = min(max(targets[j], low), high)
        n += np.int32(abs(targets[j] - tried[j]) > band)
    return n


@njit(error_model="numpy")
def _write(a, rows, columns, goals, memory, numbers, number, counts):
    """Tune listed weights to ``goals``, and remember what was tried and found; what is not in this array is taken off."""
    s, found = state_at(a.at), stack(_MOST, np.float64)
    for m in range(rows.size):
        memory[1, rows[m], columns[m]] = goals[m]
        if s.base.size:
            goals[m] = np.float64(s.chop[rows[m]]) * (goals[m] - np.float64(s.base[rows[m], columns[m]]))
    a.tune(a.at, rows, columns, goals, loop_of(numbers[LOOP:], number), counts, found)
    for m in range(rows.size):
        if s.base.size:
            found[m] = np.float64(s.base[rows[m], columns[m]]) + np.float64(s.chop[rows[m]]) * found[m]
        memory[2, rows[m], columns[m]] = found[m]


@njit(error_model="numpy")
def _write_rows(a, first, last, memory, numbers, number, counts):
    """Write what is due in some rows, column by column: cells of a column lie side by side."""
    s, columns = state_at(a.at), memory.shape[2]
    low, high, band = np.float32(numbers[LOW]), np.float32(numbers[HIGH]), np.float32(numbers[BAND])
    targets, tried, known = memory[0], memory[1], memory[2]
    counts[DIGITAL_OPS] += 3 * columns * (last - first)
    n = 0
    for row in range(first, last):
        n += _due(targets[row], tried[row], low, high, band)
    if n == 0:
        return
    rows, places, goals = stack(_MOST, np.int64), stack(_MOST, np.int64), stack(_MOST, np.float64)
    n = 0
    for j in range(columns):
        if n > _MOST - _BLOCK:
            _write(a, rows[:n], places[:n], goals[:n], memory, numbers, number, counts)
            n = 0
        for row in range(first, last):
            target = targets[row, j]
            if abs(target - tried[row, j]) > band and abs(target - known[row, j]) > band and s.frozen[j, row] == LIVE:
                rows[n], places[n], goals[n] = row, j, target
                n += 1
    _write(a, rows[:n], places[:n], goals[:n], memory, numbers, number, counts)


@njit(UPDATE_TYPE, **KERNEL)
def update(a, x, d, memory, numbers, shown, counts):
    """Move the targets by x[row] d[column], and write."""
    for row in range(x.size):
        if x[row] != 0.0:
            targets = memory[0, row]
            for j in range(d.size):
                targets[j] += x[row] * d[j]
            _write_rows(a, row, row + 1, memory, numbers, shown, counts)


@njit(DENSE_TYPE, **KERNEL)
def dense(a, change, memory, numbers, number, counts):
    """Move the targets by change[row, column], and write."""
    for first in range(0, change.shape[0], _BLOCK):
        last = min(first + _BLOCK, change.shape[0])
        for row in range(first, last):
            targets = memory[0, row]
            for j in range(targets.size):
                targets[j] += change[row, j]
        _write_rows(a, first, last, memory, numbers, number, counts)


@njit(COLUMN_TYPE, **KERNEL)
def column(a, column, up, rule, memory, numbers, spikes, counts):
    """Move the targets of the live weights of one column by a step of STDP, and write."""
    s, n = state_at(a.at), 0
    live = s.live[column, : s.n_live[column]]
    rows, columns, goals = stack(_MOST, np.int64), stack(_MOST, np.int64), stack(_MOST, np.float64)
    for j in range(live.size):
        if n == _MOST:
            _write(a, rows, columns, goals, memory, numbers, spikes, counts)
            n = 0
        row = live[j]
        target = np.float64(memory[0, row, column])
        target += rule.ltp * exp(-rule.decay * (target - rule.low)) if up[row] else -rule.ltd
        target = min(max(target, numbers[LOW]), numbers[HIGH])
        memory[0, row, column] = target
        away = min(abs(target - memory[1, row, column]), abs(target - memory[2, row, column]))
        if away > numbers[BAND]:
            rows[n], columns[n], goals[n] = row, column, target
            n += 1
    _write(a, rows[:n], columns[:n], goals[:n], memory, numbers, spikes, counts)
    counts[DIGITAL_OPS] += 4 * live.size


@njit(TUNE_TYPE, **KERNEL)
def by_law(at, rows, columns, targets, loop, counts, found):
    """Write the parts of listed weights by the statistical law of the device, whatever its pulses do.

    Each cell ends at ``where the encoding places it + error_sd z``, within its range, z drawn anew at every write, and is
    counted as ``tries`` pulses, each with a verify read, at the mean of the conductances before and after. Of a cell that has
    worn out the verify tells: the weight counts as missed, and what is found is what it holds; as it is of a cell whose range
    ends before its goal.
    """
    s = state_at(at)
    g, writes, cell, lifetime = s.g, s.writes, s.cell, s.lifetime
    signs, zero, above, below, gains = s.signs, s.zero, s.above, s.below, s.gains
    planes, columns_of, rows_of = g.shape
    equal, endless, error_sd, tries = cell.shape[1] == 1, lifetime.size == 1, loop.error_sd, loop.tries
    ups = cells = levels = levels_up = 0
    scale, more = 0.5 * LEVELS / s.law[1], np.uint32(tries)
    low, high = np.float64(cell[0, 0, 0, 0]), np.float64(cell[1, 0, 0, 0])
    for m in range(rows.size):
        row, column, w = rows[m], columns[m], targets[m]
        sound, reached, held = True, True, s.offset
        for plane in range(planes):
            before = np.float64(g[plane, column, row])
            if signs[plane] != 0:
                goal = zero[plane] + w * (above[plane] if w > 0.0 else below[plane])
                if s.reach.size:  # what is verified is what arrives
                    goal = (goal - np.float64(s.stray[plane, column, row])) / np.float64(s.reach[plane, column, row])
                up = goal > before
                time = np.uint64(writes[plane, column, row])
                writes[plane, column, row] += more
                if endless or time < lifetime[plane, column, row]:
                    if not equal:
                        low, high = np.float64(cell[0, plane, column, row]), np.float64(cell[1, plane, column, row])
                    reached = reached and low <= goal <= high
                    if error_sd > 0.0:
                        place = np.uint64((plane * columns_of + column) * rows_of + row)
                        b, c, d, e = philox(time, place, np.uint64(0), _WRITE + s.streams, s.key)
                        goal += error_sd * normal(b, c, d, e)
                    g[plane, column, row] = min(max(low, goal), high)
                else:
                    sound = False
                level = np.int64((before + np.float64(g[plane, column, row])) * scale + 0.5)
                ups += up
                cells += 1
                levels += level
                levels_up += level if up else 0
            held += gains[plane] * seen_of(s, plane, column, row)
        put_weight(s, row, column, held)
        found[m] = w if sound and reached else held
        counts[MISSED] += not sound
    counts[TUNED] += rows.size
    counts[PULSES_UP] += ups * tries
    counts[PULSES_DOWN] += (cells - ups) * tries
    counts[CONDUCTANCE_UP] += levels_up * tries
    counts[CONDUCTANCE_DOWN] += (levels - levels_up) * tries
    counts[CROSSED] += cells * tries * (planes * columns_of + rows_of)
    counts[READS] += cells * tries
    counts[CONVERSIONS] += cells * tries
    counts[VERIFY_READS] += cells * tries
    counts[VERIFY_CONVERSIONS] += cells * tries
