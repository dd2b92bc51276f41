"""Closed-loop writing of a whole array as a statistical law: one pass over the cells, whatever their device."""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.philox import philox
from insitu.kernels.state import (
    CONDUCTANCE_DOWN,
    CONDUCTANCE_UP,
    CONVERSIONS,
    LEVELS,
    PULSES_DOWN,
    PULSES_UP,
    READS,
    VERIFY_CONVERSIONS,
    VERIFY_READS,
)
from insitu.kernels.vmath import normal

_WRITE = np.uint64(12)  # insitu.random.Stream.WRITE
_READ = np.uint64(13)  # insitu.random.Stream.READ
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_TILE = 64


@njit(inline="always")
def _write_cell(s, plane, column, row, goal, error_sd, tries, endless, equal):
    """Write one cell; one that has worn out takes its pulses and stays where it is."""
    time = np.uint64(s.writes[plane, column, row])
    if endless or time < s.lifetime[plane, column, row]:
        if error_sd > 0.0:
            cell = np.uint64((plane * s.g.shape[1] + column) * s.g.shape[2] + row)
            a, b, c, d = philox(time, cell, np.uint64(0), _WRITE + s.streams, s.key)
            goal += error_sd * normal(a, b, c, d)
        low = s.cell[0, 0, 0, 0] if equal else s.cell[0, plane, column, row]
        high = s.cell[1, 0, 0, 0] if equal else s.cell[1, plane, column, row]
        s.g[plane, column, row] = min(max(np.float64(low), goal), np.float64(high))
    s.writes[plane, column, row] += np.uint32(tries)


@njit(cache=True, error_model="numpy")
def write_targets(s, targets, written, at_zero, slope, band, error_sd, tries, counts):
    """Write the cells whose target has moved by more than ``band``; return how many weights were written.

    Parameters
    ----------
    targets, written : (rows, columns) wanted weights, and those of the last write of each, which is updated.
    at_zero, slope : (planes,) conductance of a cell for weight 0, S, and its change a unit of weight, S.
    band, error_sd : S; tries : pulses, each with a verify read, that a write is counted as; their conductance is the mean
        of that before and that after the write.
    """
    planes, columns, rows = s.g.shape
    endless, equal = s.lifetime.size == 1, s.cell.shape[1] == 1
    steepest = 0.0
    for plane in range(planes):
        steepest = max(steepest, abs(slope[plane]))
    changed = ups = cells = levels = levels_up = 0
    scale = 0.5 * LEVELS / s.law[1]
    sure = endless and equal and error_sd == 0.0  # then a write is plain arithmetic
    low, high, more = np.float64(s.cell[0, 0, 0, 0]), np.float64(s.cell[1, 0, 0, 0]), np.uint32(tries)
    for top in range(0, rows, _TILE):  # targets lie row by row, cells column by column: small squares suit both
        for left in range(0, columns, _TILE):
            for column in range(left, min(left + _TILE, columns)):
                for row in range(top, min(top + _TILE, rows)):
                    moved = np.float64(targets[row, column]) - np.float64(written[row, column])
                    if abs(moved) * steepest <= band:
                        continue
                    written[row, column] = targets[row, column]
                    changed += 1
                    w = s.offset
                    for plane in range(planes):
                        if slope[plane] != 0.0:
                            goal = at_zero[plane] + slope[plane] * targets[row, column]
                            up = slope[plane] * moved > 0.0
                            ups += up
                            cells += 1
                            before = np.float64(s.g[plane, column, row])
                            if sure:
                                s.g[plane, column, row] = min(max(low, goal), high)
                                s.writes[plane, column, row] += more
                            else:
                                _write_cell(s, plane, column, row, goal, error_sd, tries, endless, equal)
                            level = np.int64((before + np.float64(s.g[plane, column, row])) * scale + 0.5)
                            levels += level
                            levels_up += level if up else 0
                        w += s.gains[plane] * s.g[plane, column, row]
                    s.weights[row, column] = w
    counts[PULSES_UP] += ups * tries
    counts[PULSES_DOWN] += (cells - ups) * tries
    counts[CONDUCTANCE_UP] += levels_up * tries
    counts[CONDUCTANCE_DOWN] += (levels - levels_up) * tries
    counts[READS] += cells * tries
    counts[CONVERSIONS] += cells * tries
    counts[VERIFY_READS] += cells * tries
    counts[VERIFY_CONVERSIONS] += cells * tries
    return changed


@njit(cache=True, error_model="numpy")
def add_noise(outputs, variance, time, streams, key):
    """Add to each of the outputs (batch, lines) a normal number of this variance (batch, lines) or (1, lines)."""
    batch, lines = outputs.shape
    low, high = np.uint64(time) & _LOW, np.uint64(time) >> _32
    for i in range(batch):
        of = variance[i if variance.shape[0] > 1 else 0]
        for j in range(lines):
            a, b, c, d = philox(low, np.uint64(i * lines + j), high, _READ + streams, key)
            outputs[i, j] += np.float32(np.sqrt(of[j]) * normal(a, b, c, d))
