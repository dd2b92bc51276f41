"""Pulses for many weights at once: where firing rows and columns meet.

A template, see :mod:`insitu.kernels.cell`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import NOISE, ONE_SIDED, PULSE, cell_beside, cell_parameters, stepped
from insitu.kernels.memory import stack, state_at
from insitu.kernels.philox import philox
from insitu.kernels.settle import part_of, put_variance
from insitu.kernels.state import (
    CONDUCTANCE_DOWN,
    CONDUCTANCE_UP,
    CROSSED,
    KERNEL,
    LEVELS,
    LIVE,
    OVERLAP_TYPE,
    PULSES_DOWN,
    PULSES_UP,
)
from insitu.kernels.vmath import normal, uniform

_1 = np.uint64(1)
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
    if NOISE and s.draws:
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
    # read ahead: loops that read the law themselves do so in branches, and run on one lane
    shared = cell_parameters(law[0], law[1], law[2], law[3], law)
    if s.spread:
        low, high = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64)
        step_up, step_down = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64)
        for j in range(n):
            low[j], high[j] = s.cell[0, plane, column, rows[j]], s.cell[1, plane, column, rows[j]]
        for j in range(n):
            step_up[j], step_down[j] = s.cell[2, plane, column, rows[j]], s.cell[3, plane, column, rows[j]]
        for j in range(n):
            p = cell_beside(low[j], high[j], step_up[j], step_down[j], shared)
            z[j] = stepped(g[j], polarity[j], low[j], high[j], p, z[j])
    else:
        for j in range(n):
            z[j] = stepped(g[j], polarity[j], law[0], law[1], shared, z[j])


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
def _pulse_rows(s, column, rows, ups, n, counts):
    """Give the weights of ``rows[:n]``, all different and at most a block, of one column a pulse: up where ``ups[:n]``.

    The work is split into short loops over contiguous scratch, each of which LLVM vectorises: gather, draw, step, scatter.
    """
    planes, columns, lines = s.g.shape
    chosen, polarity = stack(_BLOCK, np.int32), stack(_BLOCK, np.float64)
    g, z, times = stack(_BLOCK, np.float64), stack(_BLOCK, np.float64), stack(_BLOCK, np.uint64)
    plain = planes == 1 and s.base.size == 0 and s.reach.size == 0
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
        if s.mortal:
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
def overlap(at, rows, columns, row_fires, column_fires, slots, x_up, d_up, counts):
    """Give every live weight a pulse in each slot in which its row and its column fire, in the direction of x d.

    ``row_fires`` (as ``rows``) and ``column_fires`` (as ``columns``) say by bits in which slots; ``x_up`` and ``d_up`` (the
    same) which carry a positive signal, polarity of the row included.
    """
    s = state_at(at)
    where, ups = stack(_BLOCK, np.int32), stack(_BLOCK, np.uint8)
    firing, rising = s.lines[2], s.ups[2]
    planes, across, along = s.g.shape
    for slot in range(slots):
        place, n_rows, n_columns = np.uint64(slot), 0, 0
        for j in range(rows.size):
            firing[n_rows], rising[n_rows] = rows[j], x_up[j]
            n_rows += np.int64((row_fires[j] >> place) & _1)
        for k in range(columns.size):
            if not (column_fires[k] >> place) & _1:
                continue
            n_columns += 1
            column, up = columns[k], d_up[k]
            whole, frozen = s.n_live[column] == s.weights.shape[0], s.frozen[column]
            for start in range(0, n_rows, _BLOCK):
                n = 0
                for j in range(start, min(start + _BLOCK, n_rows)):
                    where[n], ups[n] = firing[j], rising[j] == up
                    n += whole or frozen[firing[j]] == LIVE
                _pulse_rows(s, column, where, ups, n, counts)
        counts[CROSSED] += planes * (n_rows * across + n_columns * along)
