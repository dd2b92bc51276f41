"""Pulses for many weights of a column at once: at a spike of its neuron, or where firing rows and columns meet.

A template, see :mod:`insitu.kernels.cell`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import ENDURANCE, NOISE, ONE_SIDED, PULSE, SPREAD, cell_parameters, stepped
from insitu.kernels.philox import philox
from insitu.kernels.settle import part_of, put_variance
from insitu.kernels.state import (
    CONDUCTANCE_DOWN,
    CONDUCTANCE_UP,
    LEVELS,
    LIVE,
    OVERLAP_TYPE,
    PROGRAM_TYPE,
    PULSES_DOWN,
    PULSES_UP,
)
from insitu.kernels.vmath import normal, uniform

_GATE = np.uint64(6)  # insitu.random.Stream.GATE
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_BLOCK = 128
G_MIN, G_MAX, STEP_UP, STEP_DOWN, G, POLARITY, Z = range(7)  # rows of the scratch of one block


@njit(inline="always")
def scratch():
    """Return what :func:`pulse_rows` works in. Constant row lengths: LLVM then knows that the rows do not overlap."""
    return np.empty((7, _BLOCK)), np.empty((2, _BLOCK), np.uint64)


@njit(inline="always")
def _towards(rows, n, up, sign):
    """Return those of ``rows[:n]`` that go the way of a one-sided plane, and how many they are."""
    where, found = np.empty(n, np.int32), 0
    for j in range(n):
        where[found] = rows[j]
        found += (sign > 0) == (up[rows[j]] != 0)
    return where, found


@njit(inline="always")
def _draw(s, base, block, real, word):
    """Draw the noise of the next pulse of each cell of a block."""
    for j in range(block.size):
        word[1, j] = base + block[j]
    for j in range(block.size):
        a, b, c, d = philox(word[0, j], word[1, j], np.uint64(0), PULSE + s.streams, s.key)
        real[Z, j] = normal(a, b, c, d) if NOISE == 1 else uniform(a)


@njit(inline="always")
def _settle_rows(s, rows, n, column, plain):
    """Bring weights and variances up to their cells; plain weights are so already."""
    if not plain:
        for j in range(n):
            w = part_of(s, rows[j], column)
            if s.base.size:
                w = np.float64(s.base[rows[j], column]) + np.float64(s.chop[rows[j]]) * w
            s.weights[rows[j], column] = w
    if s.tracks:
        for j in range(n):
            put_variance(s, rows[j], column)


@njit(inline="always")
def pulse_rows(s, column, rows, n, up, real, word, counts):
    """Give the weights of ``rows[:n]``, all different, of one column a pulse: up where ``up[row]`` is set, else down.

    The work is split into short loops over blocks of contiguous scratch, each of which LLVM vectorises: gather, draw,
    step, scatter.
    """
    law = s.law
    shared = cell_parameters(law[0], law[1], law[2], law[3], law)
    planes, columns, lines = s.g.shape
    where, size_of_list, plain = rows, n, planes == 1 and s.base.size == 0
    for plane in range(planes):
        sign = np.int64(s.signs[plane])
        if sign == 0:
            continue
        if ONE_SIDED:
            where, size_of_list = _towards(rows, n, up, sign)
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
                _draw(s, (plane * columns + column) * lines, block, real, word)
            if SPREAD:
                for field in range(4):
                    values = s.cell[field, plane, column]
                    for j in range(size):
                        real[field, j] = values[block[j]]
                for j in range(size):
                    p = cell_parameters(real[G_MIN, j], real[G_MAX, j], real[STEP_UP, j], real[STEP_DOWN, j], law)
                    real[Z, j] = stepped(real[G, j], real[POLARITY, j], real[G_MIN, j], real[G_MAX, j], p, real[Z, j])
            else:
                for j in range(size):
                    real[Z, j] = stepped(real[G, j], real[POLARITY, j], law[0], law[1], shared, real[Z, j])
            if ENDURANCE:
                lifetime = s.lifetime[plane, column]
                for j in range(size):
                    if word[0, j] >= lifetime[block[j]]:
                        real[Z, j] = real[G, j]
            for j in range(size):
                conductance[block[j]] = real[Z, j]
            for j in range(size):
                writes[block[j]] = word[0, j] + np.uint64(1)
            if plain:
                for j in range(size):
                    s.weights[block[j], column] = s.offset + s.gains[0] * real[Z, j]
        counts[PULSES_UP] += ups
        counts[PULSES_DOWN] += size_of_list - ups
        counts[CONDUCTANCE_UP] += levels_up
        counts[CONDUCTANCE_DOWN] += levels - levels_up
    _settle_rows(s, rows, n, column, plain)


@njit(OVERLAP_TYPE, cache=True, error_model="numpy")
def overlap(s, rows, columns, x_up, d_up, counts):
    """Give every live weight where a firing row meets a firing column one pulse, in the direction of x d.

    ``x_up`` (rows of the array,) says which of the rows carry a positive signal, polarity of the row included, and ``d_up``
    (as ``columns``) which of the columns.
    """
    up = np.empty(x_up.size, np.uint8)
    kept = np.empty(rows.size, np.int32)
    real, word = scratch()
    for k in range(columns.size):
        column = columns[k]
        for j in range(rows.size):
            up[rows[j]] = x_up[rows[j]] == d_up[k]
        where, n = rows, rows.size
        if s.n_live[column] < x_up.size:
            where, n = kept, 0
            for j in range(rows.size):
                kept[n] = rows[j]
                n += s.frozen[column, rows[j]] == LIVE
        pulse_rows(s, column, where, n, up, real, word, counts)


@njit(PROGRAM_TYPE, cache=True, error_model="numpy")
def program(s, column, up, rule, spikes, counts):
    """Give every live cell of a column one pulse: up where ``up`` is set, down elsewhere.

    ``rule.chance_up`` and ``rule.chance_down`` are the probabilities that a coincidence becomes a pulse; below 1 a coin is
    tossed for each cell, keyed by the spike count of the neuron.
    """
    n = s.n_live[column]
    rows = up.size
    where = np.empty(n, np.int32)
    live = s.live[column]
    if rule.chance_up >= 1.0 and rule.chance_down >= 1.0:
        for j in range(n):
            where[j] = live[j]
    else:
        toss = np.empty(n, np.float64)
        low, high, stream = np.uint64(spikes) & _LOW, np.uint64(spikes) >> _32, _GATE + s.streams
        for j in range(n):
            toss[j] = uniform(philox(low, np.uint64(column * rows + live[j]), high, stream, s.key)[0])
        chosen = 0
        for j in range(n):
            where[chosen] = live[j]
            chosen += toss[j] < (rule.chance_up if up[live[j]] else rule.chance_down)
        n = chosen
    turned = up
    if s.base.size:  # where the part of this array is read inverted, it has to go the other way
        turned = np.empty(rows, np.uint8)
        for i in range(rows):
            turned[i] = (up[i] != 0) == (s.chop[i] > 0.0)
    one = np.empty(1, np.int32)
    one[0] = column
    overlap(s, where[:n], one, turned, np.ones(1, np.uint8), counts)
