"""Programming an analogue array: a column by a spike, single weights open loop, single weights closed loop.

A template: :mod:`insitu.kernels.fuse` writes one copy for each device law, in place of what is imported from
:mod:`insitu.kernels.cell`, so that the law is compiled into the loop and the result is cached on disk.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import count_look, pulse_rows, pulse_weight, scratch
from insitu.kernels.philox import philox
from insitu.kernels.state import PROGRAM_TYPE
from insitu.kernels.vmath import uniform

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
    real, word = scratch()
    pulse_rows(s, column, where, n, up, real, word, counts)


@njit(cache=True, error_model="numpy")
def pulse_weights(s, rows, columns, polarities, counts):
    """Pulse weights one after the other, open loop: polarity +1 raises, -1 lowers, 0 leaves it."""
    for m in range(rows.size):
        if polarities[m] != 0:
            pulse_weight(s, rows[m], columns[m], polarities[m], counts)


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
            count_look(counts, s.g.shape[0])
            error = targets[m] - s.weights[row, column]
            if abs(error) <= tolerance:
                break
            if pulse == limit:
                missed += 1
                break
            pulse_weight(s, row, column, 1 if error > 0 else -1, counts)
    return missed
