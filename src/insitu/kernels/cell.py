"""One pulse on one cell, or on many cells of a column: the device law with all that an array adds to it.

A template: :mod:`insitu.kernels.fuse` pastes it, with the law of a device in place of the first block, into the templates
that import it: column, bits, outer, accumulate, carry, symmetry and transfer.
"""

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
from insitu.kernels.vmath import normal, uniform

# <law>
NOISE = 0  # 0 none, 1 normal, 2 uniform
SPREAD = False
ENDURANCE = False
ONE_SIDED = False  # polarity -1 is an abrupt RESET: blind programming never gives it
STACKED = False  # other arrays hold the more significant parts of the same weights


@njit
def step(g, polarity, p, z):
    """Stand in for the device law: the constant step."""
    return g + p[2] if polarity > 0 else g - p[3]


@njit
def cell_parameters(g_min, g_max, step_up, step_down, law):
    """Stand in for the parameters of one cell."""
    return g_min, g_max, step_up, step_down


# </law>

PULSE = np.uint64(4)  # insitu.random.Stream.PULSE


@njit(error_model="numpy")
def pulse_cell(s, plane, column, row, polarity, counts):
    """Give one cell one pulse of polarity +1.0 or -1.0; a cell that has worn out takes it and stays where it is.

    The law works in double precision; Numba's ``float`` would leave a float32 what it is.
    """
    time = np.uint64(s.writes[plane, column, row])
    cell = np.uint64((plane * s.g.shape[1] + column) * s.g.shape[2] + row)
    a, b, c, d = philox(time, cell, np.uint64(0), PULSE + s.streams, s.key)
    z = normal(a, b, c, d) if NOISE == 1 else uniform(a) if NOISE == 2 else 0.0
    if SPREAD:
        limits = s.cell[:, plane, column, row]
        low, high = np.float64(limits[0]), np.float64(limits[1])
        p = cell_parameters(low, high, np.float64(limits[2]), np.float64(limits[3]), s.law)
    else:
        low, high = s.law[0], s.law[1]
        p = cell_parameters(low, high, s.law[2], s.law[3], s.law)
    level = np.int64(np.float64(s.g[plane, column, row]) * (LEVELS / s.law[1]) + 0.5)
    alive = True
    if ENDURANCE:
        alive = time < s.lifetime[plane, column, row]
    if alive:
        s.g[plane, column, row] = min(max(low, step(np.float64(s.g[plane, column, row]), polarity, p, z)), high)
    s.writes[plane, column, row] += np.uint32(1)
    counts[PULSES_UP if polarity > 0 else PULSES_DOWN] += 1
    counts[CONDUCTANCE_UP if polarity > 0 else CONDUCTANCE_DOWN] += level


@njit(inline="always")
def count_look(counts, planes):
    """Count one look of a closed loop at one weight."""
    counts[READS] += planes
    counts[CONVERSIONS] += 1
    counts[VERIFY_READS] += planes
    counts[VERIFY_CONVERSIONS] += 1


@njit(inline="always")
def effective(s, row, column, w):
    """Return the weight that a read sees, given the part ``w`` that this array holds."""
    if STACKED:
        return np.float64(s.base[row, column]) + np.float64(s.chop[row]) * w
    return w


@njit(error_model="numpy")
def pulse_weight(s, row, column, polarity, counts):
    """Give each device of one weight the pulse that moves its part of the weight in the direction of ``polarity``."""
    w = s.offset
    for plane in range(s.g.shape[0]):
        sign = np.int64(s.signs[plane]) * polarity
        if sign > 0 or (sign < 0 and not ONE_SIDED):
            pulse_cell(s, plane, column, row, np.float64(sign), counts)
        w += s.gains[plane] * s.g[plane, column, row]
    s.weights[row, column] = effective(s, row, column, w)


_BLOCK = 128
G_MIN, G_MAX, STEP_UP, STEP_DOWN, G, POLARITY, Z = range(7)  # rows of the scratch of one block


@njit(inline="always")
def scratch():
    """Return what :func:`pulse_rows` works in. Constant row lengths: LLVM then knows that the rows do not overlap."""
    return np.empty((7, _BLOCK)), np.empty((2, _BLOCK), np.uint64)


@njit(inline="always")
def pulse_rows(s, column, rows, n, up, real, word, counts):
    """Give the weights of ``rows[:n]``, all different, of one column a pulse: up where ``up[row]`` is set, else down.

    The work is split into short loops over blocks of contiguous scratch, each of which LLVM vectorises: gather, draw,
    step, scatter.
    """
    law = s.law
    shared = cell_parameters(law[0], law[1], law[2], law[3], law)
    planes, columns, lines = s.g.shape
    where, size_of_list = rows, n
    for plane in range(planes):
        sign = np.int64(s.signs[plane])
        if sign == 0:
            continue
        if ONE_SIDED:
            where, size_of_list = np.empty(n, np.int32), 0
            for j in range(n):
                where[size_of_list] = rows[j]
                size_of_list += (sign > 0) == (up[rows[j]] != 0)
        conductance, writes = s.g[plane, column], s.writes[plane, column]
        ups, levels, levels_up, scale = 0, 0, 0, LEVELS / law[1]
        for start in range(0, size_of_list, _BLOCK):
            size = min(_BLOCK, size_of_list - start)
            block = where[start : start + size]
            for j in range(size):
                real[G, j] = conductance[block[j]]
            for j in range(size):
                word[0, j] = writes[block[j]]
            for j in range(size):
                real[POLARITY, j] = 1.0 if ONE_SIDED else sign if up[block[j]] else -sign
            for j in range(size):
                ups += real[POLARITY, j] > 0.0
            for j in range(size):
                level = np.int32(real[G, j] * scale + 0.5)
                levels += level
                levels_up += level if real[POLARITY, j] > 0.0 else np.int32(0)
            for j in range(size):
                real[Z, j] = 0.0
            if NOISE:
                stream, base = PULSE + s.streams, (plane * columns + column) * lines
                for j in range(size):
                    word[1, j] = base + block[j]
                for j in range(size):
                    a, b, c, d = philox(word[0, j], word[1, j], np.uint64(0), stream, s.key)
                    real[Z, j] = normal(a, b, c, d) if NOISE == 1 else uniform(a)
            if SPREAD:
                for field in range(4):
                    values = s.cell[field, plane, column]
                    for j in range(size):
                        real[field, j] = values[block[j]]
                for j in range(size):
                    p = cell_parameters(real[G_MIN, j], real[G_MAX, j], real[STEP_UP, j], real[STEP_DOWN, j], law)
                    after = step(real[G, j], real[POLARITY, j], p, real[Z, j])
                    real[Z, j] = min(max(real[G_MIN, j], after), real[G_MAX, j])
            else:
                for j in range(size):
                    after = step(real[G, j], real[POLARITY, j], shared, real[Z, j])
                    real[Z, j] = min(max(law[0], after), law[1])
            if ENDURANCE:
                lifetime = s.lifetime[plane, column]
                for j in range(size):
                    if word[0, j] >= lifetime[block[j]]:
                        real[Z, j] = real[G, j]
            for j in range(size):
                conductance[block[j]] = real[Z, j]
            for j in range(size):
                writes[block[j]] = word[0, j] + np.uint64(1)
            if planes == 1:
                for j in range(size):
                    w = s.offset + s.gains[0] * real[Z, j]
                    s.weights[block[j], column] = effective(s, block[j], column, w)
        counts[PULSES_UP] += ups
        counts[PULSES_DOWN] += size_of_list - ups
        counts[CONDUCTANCE_UP] += levels_up
        counts[CONDUCTANCE_DOWN] += levels - levels_up

    if planes > 1:
        for j in range(n):
            w = s.offset
            for plane in range(planes):
                w += s.gains[plane] * s.g[plane, column, rows[j]]
            s.weights[rows[j], column] = effective(s, rows[j], column, w)
