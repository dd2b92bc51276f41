"""Programming one column of an analogue array: the pulse of the device law, fused with its noise.

A template: :mod:`insitu.kernels.fuse` writes one copy for each device law, in place of what is imported from
:mod:`insitu.kernels.cell`, so that the law is compiled into the loop and the result is cached on disk.

The work is split into short loops over blocks of contiguous scratch, each of which LLVM vectorises: gather, draw, step,
scatter.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import ENDURANCE, NOISE, PULSE, SPREAD, cell_parameters, pulse_cell, step
from insitu.kernels.philox import philox
from insitu.kernels.state import CONVERSIONS, PROGRAM_TYPE, PULSES_DOWN, PULSES_UP, READS
from insitu.kernels.vmath import normal, uniform

_BLOCK = 128
G_MIN, G_MAX, STEP_UP, STEP_DOWN, G, POLARITY, Z = range(7)  # rows of the scratch of one block
_GATE = np.uint64(6)
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(PROGRAM_TYPE, cache=True, error_model="numpy")
def program(s, column, up, rule, spikes, counts):
    """Give every live cell of a column one pulse: up where ``up`` is set, down elsewhere.

    ``rule[0], rule[1]`` are the probabilities that a coincidence becomes an up or a down pulse; below 1 a coin is tossed
    for each cell, keyed by the spike count of the neuron.
    """
    n = s.n_live[column]
    rows = up.size
    where = np.empty(n, np.int32)
    live = s.live[column]
    if rule[0] >= 1.0 and rule[1] >= 1.0:
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
            chosen += toss[j] < (rule[0] if up[live[j]] else rule[1])
        n = chosen

    real = np.empty((7, _BLOCK))  # constant row length: LLVM then knows that the rows do not overlap
    word = np.empty((2, _BLOCK), np.uint64)
    law = s.law
    shared = cell_parameters(law[0], law[1], law[2], law[3], law)
    planes, columns = s.g.shape[0], s.g.shape[1]
    for plane in range(planes):
        sign = np.int64(s.signs[plane])
        if sign == 0:
            continue
        conductance, writes = s.g[plane, column], s.writes[plane, column]
        ups = 0
        for start in range(0, n, _BLOCK):
            size = min(_BLOCK, n - start)
            block = where[start : start + size]
            for j in range(size):
                real[G, j] = conductance[block[j]]
            for j in range(size):
                word[0, j] = writes[block[j]]
            for j in range(size):
                real[POLARITY, j] = sign if up[block[j]] else -sign
            for j in range(size):
                ups += real[POLARITY, j] > 0.0
            for j in range(size):
                real[Z, j] = 0.0
            if NOISE:
                stream, base = PULSE + s.streams, (plane * columns + column) * rows
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
                    s.weights[block[j], column] = s.offset + s.gains[0] * real[Z, j]
        counts[PULSES_UP] += ups
        counts[PULSES_DOWN] += n - ups

    if planes > 1:
        for j in range(n):
            w = s.offset
            for plane in range(planes):
                w += s.gains[plane] * s.g[plane, column, where[j]]
            s.weights[where[j], column] = w


@njit(error_model="numpy")
def _pulse_weight(s, row, column, polarity, counts):
    """Give each device of one weight the pulse that moves the weight in the direction of ``polarity``."""
    w = s.offset
    for plane in range(s.g.shape[0]):
        sign = np.int64(s.signs[plane]) * polarity
        if sign != 0:
            pulse_cell(s, plane, column, row, np.float64(sign), counts)
        w += s.gains[plane] * s.g[plane, column, row]
    s.weights[row, column] = w


@njit(cache=True, error_model="numpy")
def pulse_weights(s, rows, columns, polarities, counts):
    """Pulse weights one after the other, open loop: polarity +1 raises, -1 lowers, 0 leaves it."""
    for m in range(rows.size):
        if polarities[m] != 0:
            _pulse_weight(s, rows[m], columns[m], polarities[m], counts)


@njit(cache=True, error_model="numpy")
def tune_weights(s, rows, columns, targets, tolerance, limit, counts):
    """Write and verify weights, closed loop, until |w - target| <= tolerance; return how many did not get there.

    Every verify is one read of the devices and one conversion. A weight that steps over its target is pulsed back; after
    ``limit`` pulses it is left where it is.
    """
    missed = 0
    for m in range(rows.size):
        row, column = rows[m], columns[m]
        for pulse in range(limit + 1):
            counts[READS] += s.g.shape[0]
            counts[CONVERSIONS] += 1
            error = targets[m] - s.weights[row, column]
            if abs(error) <= tolerance:
                break
            if pulse == limit:
                missed += 1
                break
            _pulse_weight(s, row, column, 1 if error > 0 else -1, counts)
    return missed
