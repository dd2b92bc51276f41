"""Tiki-Taka: what a fast array has learned is added up digitally, and whole pulses carry it to the slow one.

A template like :mod:`insitu.kernels.column`, with the device law of the slow array.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import pulse_weight
from insitu.kernels.philox import philox
from insitu.kernels.state import CARRY_TYPE, CONVERSIONS, DIGITAL_OPS, PRODUCTS, READS, ROW_DRIVES
from insitu.kernels.vmath import uniform

_CHOP = np.uint64(11)  # insitu.random.Stream.CHOP
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)

#: positions in the vector of the method, after those of the pulses that the fast array gets
EVERY, ROWS, GAIN, THRESHOLD, FLIP = range(9, 14)


@njit(inline="always")
def _carry_row(slow, fast, memory, method, read, counts):
    """Carry one row, after ``read`` reads of the fast array."""
    rows, columns = fast.weights.shape
    row = read % rows
    v, h = fast.weights[row], memory[row]
    gain, threshold = method[GAIN], method[THRESHOLD]
    polarity = np.int64(slow.chop[row])
    for column in range(columns):
        total = np.float64(h[column]) + gain * np.float64(v[column])
        if abs(total) >= threshold:
            sign = 1 if total > 0.0 else -1
            pulse_weight(slow, row, column, sign * polarity, counts)
            total -= sign * threshold
            counts[DIGITAL_OPS] += 1
        h[column] = total
    if method[FLIP] > 0.0:
        word = philox(np.uint64(read) & _LOW, np.uint64(row), np.uint64(read) >> _32, _CHOP + fast.streams, fast.key)[0]
        if uniform(word) < method[FLIP]:
            fast.chop[row] = -fast.chop[row]
            for column in range(columns):
                fast.base[row, column] = -fast.base[row, column]
                fast.weights[row, column] = -fast.weights[row, column]


@njit(CARRY_TYPE, cache=True, error_model="numpy")
def carry(slow, fast, memory, method, shown, counts):
    """At every ``EVERY``-th example, read the next ``ROWS`` rows of the fast array, and pulse the slow one.

    H += GAIN v; where |H| >= THRESHOLD, one pulse, and H loses as much. v = ``fast.weights[row]``, the fast part less its
    reference, read with the polarity of its row; H is ``memory``, in units of weight (T. Gokmen, Front. Artif. Intell. 4,
    699148 (2021)). Then the polarity of the row flips with probability FLIP: from now on it is written and read the other
    way round (M. J. Rasch et al., Nat. Commun. 15 (2024), s41467-024-51221-z).
    """
    every, some = np.int64(method[EVERY]), np.int64(method[ROWS])
    if (shown + 1) % every != 0:
        return
    turn = (shown + 1) // every - 1
    for k in range(some):
        _carry_row(slow, fast, memory, method, turn * some + k, counts)
    columns = fast.weights.shape[1]
    counts[DIGITAL_OPS] += 3 * some * columns
    counts[READS] += some * columns * fast.g.shape[0]
    counts[ROW_DRIVES] += some
    counts[CONVERSIONS] += some * columns
    counts[PRODUCTS] += some
