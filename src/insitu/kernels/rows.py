"""Pulses for many weights of a column at once: at a spike of its neuron, or where firing rows and columns meet.

A template, see :mod:`insitu.kernels.cell`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import ENDURANCE, NOISE, ONE_SIDED, PULSE, SPREAD, cell_parameters, stepped
from insitu.kernels.philox import philox
from insitu.kernels.settle import part_of, put_variance
from insitu.kernels.stack import stack
from insitu.kernels.state import (
    CONDUCTANCE_DOWN,
    CONDUCTANCE_UP,
    KERNEL,
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


@njit(inline="always")
def _choose(rows, ups, n, sign, chosen, polarity):
    """List the cells of one plane that take a pulse, and its polarity; return how many they are.

    Of one-sided devices only those whose weight goes the way of the plane do.
    """
    found = 0
    for j in range(n):
        chosen[found] = rows[j]
        polarity[found] = 1.0 if ONE_SIDED else sign if ups[j] else -sign
        found += not ONE_SIDED or (sign > 0) == (ups[j] != 0)
    return found


@njit(inline="always")
def _count(g, polarity, n, g_max, counts):
    """Count the pulses of some cells, and the conductance at which they fell."""
    ups, levels, levels_up, scale = 0, 0, 0, LEVELS / g_max
    for j in range(n):
        ups += polarity[j] > 0.0
    for j in range(n):
        level = np.int32(g[j] * scale + 0.5)
        levels += level
        levels_up += level if polarity[j] > 0.0 else np.int32(0)
    counts[PULSES_UP] += ups
    counts[PULSES_DOWN] += n - ups
    counts[CONDUCTANCE_UP] += levels_up
    counts[CONDUCTANCE_DOWN] += levels - levels_up


@njit(inline="always")
def _draw(s, base, rows, times, n, z):
    """Draw the noise of the next pulse of each cell."""
    for j in range(n):
        z[j] = 0.0
    if NOISE:
        places = stack(_BLOCK, np.uint64)
        for j in range(n):
            places[j] = base + rows[j]
        for j in range(n):
            a, b, c, d = philox(times[j], places[j], np.uint64(0), PULSE + s.streams, s.key)
            z[j] = normal(a, b, c, d) if NOISE == 1 else uniform(a)


@njit(inline="always")
def _step(s, plane, column, rows, polarity, n, g, z):
    """Write to ``z``, which holds the noise, where each cell is after its pulse."""
    law = s.law
    if SPREAD:
        low, high = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64)
        step_up, step_down = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64)
        for j in range(n):
            low[j], high[j] = s.cell[0, plane, column, rows[j]], s.cell[1, plane, column, rows[j]]
        for j in range(n):
            step_up[j], step_down[j] = s.cell[2, plane, column, rows[j]], s.cell[3, plane, column, rows[j]]
        for j in range(n):
            p = cell_parameters(low[j], high[j], step_up[j], step_down[j], law)
            z[j] = stepped(g[j], polarity[j], low[j], high[j], p, z[j])
    else:
        p = cell_parameters(law[0], law[1], law[2], law[3], law)
        for j in range(n):
            z[j] = stepped(g[j], polarity[j], law[0], law[1], p, z[j])


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


@njit(error_model="numpy")
def _pulse_rows(s, column, rows, ups, n, counts):
    """Give the weights of ``rows[:n]``, all different and at most a block, of one column a pulse: up where ``ups[:n]``.

    The work is split into short loops over contiguous scratch, each of which LLVM vectorises: gather, draw, step, scatter.
    """
    planes, columns, lines = s.g.shape
    chosen, polarity = stack(_BLOCK, np.int32), stack(_BLOCK, np.float64)
    g, z, times = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64), stack(_BLOCK, np.uint64)
    plain = planes == 1 and s.base.size == 0
    for plane in range(planes):
        sign = np.int64(s.signs[plane])
        if sign == 0:
            continue
        size = _choose(rows, ups, n, sign, chosen, polarity)
        conductance, writes = s.g[plane, column], s.writes[plane, column]
        for j in range(size):
            g[j] = conductance[chosen[j]]
        for j in range(size):
            times[j] = writes[chosen[j]]
        _count(g, polarity, size, s.law[1], counts)
        _draw(s, (plane * columns + column) * lines, chosen, times, size, z)
        _step(s, plane, column, chosen, polarity, size, g, z)
        if ENDURANCE:
            lifetime = s.lifetime[plane, column]
            for j in range(size):
                if times[j] >= lifetime[chosen[j]]:
                    z[j] = g[j]
        for j in range(size):
            conductance[chosen[j]] = z[j]
        for j in range(size):
            writes[chosen[j]] = times[j] + np.uint64(1)
        if plain:
            for j in range(size):
                s.weights[chosen[j], column] = s.offset + s.gains[0] * z[j]
    _settle_rows(s, rows, n, column, plain)


@njit(OVERLAP_TYPE, **KERNEL)
def overlap(s, rows, columns, x_up, d_up, counts):
    """Give every live weight where a firing row meets a firing column one pulse, in the direction of x d.

    ``x_up`` (rows of the array,) says which of the rows carry a positive signal, polarity of the row included, and ``d_up``
    (as ``columns``) which of the columns.
    """
    where, ups = stack(_BLOCK, np.int32), stack(_BLOCK, np.uint8)
    for k in range(columns.size):
        column, up = columns[k], d_up[k]
        whole, frozen = s.n_live[column] == x_up.size, s.frozen[column]
        for start in range(0, rows.size, _BLOCK):
            n = 0
            for j in range(start, min(start + _BLOCK, rows.size)):
                where[n], ups[n] = rows[j], x_up[rows[j]] == up
                n += whole or frozen[rows[j]] == LIVE
            _pulse_rows(s, column, where, ups, n, counts)


@njit(PROGRAM_TYPE, **KERNEL)
def program(s, column, up, rule, spikes, counts):
    """Give every live cell of a column one pulse: up where ``up`` is set, down elsewhere.

    ``rule.chance_up`` and ``rule.chance_down`` are the probabilities that a coincidence becomes a pulse; below 1 a coin is
    tossed for each cell, keyed by the spike count of the neuron. Where the part of this array is read inverted, it has to go
    the other way.
    """
    where, ups, toss = stack(_BLOCK, np.int32), stack(_BLOCK, np.uint8), stack(_BLOCK, np.float64)
    live, lines, inverts = s.live[column], up.size, s.base.size > 0
    sure = rule.chance_up >= 1.0 and rule.chance_down >= 1.0
    low, high, stream = np.uint64(spikes) & _LOW, np.uint64(spikes) >> _32, _GATE + s.streams
    for start in range(0, s.n_live[column], _BLOCK):
        size = min(_BLOCK, s.n_live[column] - start)
        for j in range(size):
            toss[j] = 0.0
        if not sure:
            for j in range(size):
                toss[j] = uniform(philox(low, np.uint64(column * lines + live[start + j]), high, stream, s.key)[0])
        n = 0
        for j in range(size):
            row = live[start + j]
            where[n], ups[n] = row, (up[row] != 0) == (not inverts or s.chop[row] > 0.0)
            n += toss[j] < (rule.chance_up if up[row] else rule.chance_down)
        _pulse_rows(s, column, where, ups, n, counts)
