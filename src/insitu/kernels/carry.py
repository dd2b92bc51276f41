"""Tiki-Taka and AGAD: what a fast array has learned is added up digitally, and whole pulses carry it to the slow one."""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.memory import stack, state_at
from insitu.kernels.philox import philox
from insitu.kernels.settle import level_of
from insitu.kernels.state import (
    CARRY_TYPE,
    CONDUCTANCE_READ,
    CONVERSIONS,
    DIGITAL_OPS,
    KERNEL,
    LIVE,
    PRODUCTS,
    READS,
    ROW_DRIVES,
)
from insitu.kernels.vmath import normal, uniform

_CHOP, _READ = np.uint64(11), np.uint64(13)  # insitu.random.Stream
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_BLOCK = 128  # most weights that are pulsed together

#: positions in the numbers of the scheme, after those of the trains that the fast array gets. BETA is 0 unless the reference
#: is measured; then FLIP is a number of reads, and else a probability
EVERY, ROWS, GAIN, THRESHOLD, FLIP, BETA = range(5, 11)


@njit(error_model="numpy")
def _carry_row(slow, fast, memory, numbers, read, counts, learned):
    """Carry one row, after ``read`` reads of the fast array."""
    s, f = state_at(slow.at), state_at(fast.at)
    rows, columns = f.weights.shape
    row = read % rows
    v, h = f.weights[row], memory[0, row]
    gain, threshold = numbers[GAIN], numbers[THRESHOLD]
    noisy = f.noisy or f.variance[0, 0] > 0.0
    beta, polarity, sweep = numbers[BETA], np.float64(f.chop[row]), read // rows
    low, high, stream = np.uint64(read) & _LOW, np.uint64(read) >> _32, _READ + f.streams
    lines, places, due, n = stack(_BLOCK, np.int64), stack(_BLOCK, np.int64), stack(_BLOCK, np.int64), 0
    for column in range(columns):
        if n == _BLOCK:
            slow.give(slow.at, lines, places, due, 0, counts)
            n = 0
        seen = np.float64(v[column])
        learned[CONDUCTANCE_READ] += level_of(f, row, column)
        if noisy:
            variance = f.variance[row, column] if f.noisy else f.variance[0, 0]
            b, c, d, e = philox(low, np.uint64(column), high, stream, f.key)
            seen += np.sqrt(np.float64(variance)) * normal(b, c, d, e)
        if beta > 0.0:
            own = polarity * seen
            seen -= polarity * memory[2, row, column]
            memory[1, row, column] += beta * (own - memory[1, row, column])
            if sweep < numbers[FLIP]:
                continue
        total = np.float64(h[column]) + gain * seen
        if abs(total) >= threshold:
            sign = 1 if total > 0.0 else -1
            total -= sign * threshold
            counts[DIGITAL_OPS] += 1
            if s.frozen[column, row] == LIVE:
                lines[n], places[n], due[n] = row, column, sign * np.int64(s.chop[row])
                n += 1
        h[column] = total
    slow.give(slow.at, lines[:n], places[:n], due[:n], 0, counts)
    if numbers[FLIP] > 0.0:
        if beta > 0.0:
            flips = (sweep + 1) % np.int64(numbers[FLIP]) == 0
            for column in range(columns if flips else 0):
                memory[2, row, column] = memory[1, row, column]
        else:
            flips = uniform(philox(low, np.uint64(row), high, _CHOP + f.streams, f.key)[0]) < numbers[FLIP]
        if flips:
            f.chop[row] = -f.chop[row]
            for column in range(columns):
                f.base[row, column] = -f.base[row, column]
                f.weights[row, column] = -f.weights[row, column]


@njit(CARRY_TYPE, **KERNEL)
def carry(slow, fast, memory, numbers, shown, counts, learned):
    """At every ``EVERY``-th example, read the next ``ROWS`` rows of the fast array, and pulse the slow one.

    H += GAIN v; where |H| >= THRESHOLD, one pulse, and H loses as much. v = ``fast.weights[row]``, the fast part less its
    reference, read with the polarity of its row; H is ``memory[0]``, in units of weight (T. Gokmen, Front. Artif. Intell. 4,
    699148 (2021)). Then the polarity of the row flips with probability FLIP: from now on it is written and read the other
    way round (M. J. Rasch et al., Nat. Commun. 15 (2024), s41467-024-51221-z).

    With BETA, v is taken less M0 (``memory[2]``); M (``memory[1]``), a running mean of v without the polarity, becomes M0
    when the polarity flips, after every FLIP-th read; until the first of these H is left alone (the same paper's AGAD).
    """
    every, some = np.int64(numbers[EVERY]), np.int64(numbers[ROWS])
    if (shown + 1) % every != 0:
        return
    turn = (shown + 1) // every - 1
    for k in range(some):
        _carry_row(slow, fast, memory, numbers, turn * some + k, counts, learned)
    f = state_at(fast.at)
    columns = f.weights.shape[1]
    counts[DIGITAL_OPS] += (7 if numbers[BETA] > 0.0 else 3) * some * columns
    learned[READS] += some * columns * f.g.shape[0]
    learned[ROW_DRIVES] += some
    learned[CONVERSIONS] += some * columns
    learned[PRODUCTS] += some
