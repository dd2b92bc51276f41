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
_BLOCK = 64  # weights whose targets move together
_MOST = 512  # weights that are written in one go
LOW, HIGH, BAND, LOOP = range(4)  # in the numbers of the scheme: range of targets, dead band, and from LOOP on a Loop


@njit(error_model="numpy")
def _move(targets, tried, scale, change, low, high, band):
    """Move targets by ``scale * change`` within their range; return how many have left the dead band about what was tried."""
    n = np.int32(0)
    for j in range(targets.size):
        target = min(max(targets[j] + scale * change[j], low), high)
        targets[j] = target
        n += np.int32(abs(target - tried[j]) > band)
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
def _row(a, row, scale, change, memory, numbers, due, n, number, counts):
    """Move the targets of a row, and list what is due behind the n that are; a list that is full is written. Return n.

    ``due`` are rows, columns and goals. Few weights are, so columns are looked at one by one only where one of them is.
    """
    frozen, (rows, columns, goals) = state_at(a.at).frozen, due
    low, high, band = np.float32(numbers[LOW]), np.float32(numbers[HIGH]), np.float32(numbers[BAND])
    targets, tried, known = memory[0, row], memory[1, row], memory[2, row]
    counts[DIGITAL_OPS] += 3 * change.size
    for first in range(0, change.size, _BLOCK):
        last = min(first + _BLOCK, change.size)
        if _move(targets[first:last], tried[first:last], scale, change[first:last], low, high, band) == 0:
            continue
        if n > _MOST - _BLOCK:
            _write(a, rows[:n], columns[:n], goals[:n], memory, numbers, number, counts)
            n = 0
        for j in range(first, last):
            target = targets[j]
            if abs(target - tried[j]) > band and abs(target - known[j]) > band and frozen[j, row] == LIVE:
                rows[n], columns[n], goals[n] = row, j, target
                n += 1
    return n


@njit(UPDATE_TYPE, **KERNEL)
def update(a, x, d, memory, numbers, shown, counts):
    """Move the targets by x[row] d[column], and write."""
    rows, columns, goals = due = stack(_MOST, np.int64), stack(_MOST, np.int64), stack(_MOST, np.float64)
    n = 0
    for row in range(x.size):
        if x[row] != 0.0:
            n = _row(a, row, x[row], d, memory, numbers, due, n, shown, counts)
    _write(a, rows[:n], columns[:n], goals[:n], memory, numbers, shown, counts)


@njit(DENSE_TYPE, **KERNEL)
def dense(a, change, memory, numbers, number, counts):
    """Move the targets by change[row, column], and write."""
    rows, columns, goals = due = stack(_MOST, np.int64), stack(_MOST, np.int64), stack(_MOST, np.float64)
    n, once = 0, np.float32(1.0)
    for row in range(change.shape[0]):
        n = _row(a, row, once, change[row], memory, numbers, due, n, number, counts)
    _write(a, rows[:n], columns[:n], goals[:n], memory, numbers, number, counts)


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
