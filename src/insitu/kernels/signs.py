"""One pulse in the direction of the sign of an input times that of an error: no product is formed, digitally or by trains."""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cycles import cycle
from insitu.kernels.memory import stack, state_at
from insitu.kernels.state import DIGITAL_OPS, KERNEL, LIVE, UPDATE_TYPE

_BLOCK = 128  # most weights that are pulsed together


@njit(UPDATE_TYPE, **KERNEL)
def update(a, x, d, _memory, numbers, shown, counts):
    """Give each live weight a pulse in the direction of x[row] d[column], where ``|d[column]|`` is at least ``numbers[0]``.

    ``numbers[1]``: whether cycles of SET and RESET take turns. An error is compared once, however many weights it reaches.
    """
    s, only = state_at(a.at), cycle(numbers[1], shown)
    large, n = s.lines[1], 0
    for column in range(d.size):
        large[n] = column
        n += d[column] != 0.0 and abs(np.float64(d[column])) >= numbers[0]
    counts[DIGITAL_OPS] += d.size
    rows, columns, due = stack(_BLOCK, np.int64), stack(_BLOCK, np.int64), stack(_BLOCK, np.int64)
    for row in range(x.size if n else 0):
        if x[row] == 0.0:
            continue
        up = (x[row] > 0.0) == (s.chop[row] > 0.0)
        for first in range(0, n, _BLOCK):
            some = 0
            for k in range(first, min(first + _BLOCK, n)):
                column = np.int64(large[k])
                rows[some], columns[some], due[some] = row, column, 1 if (d[column] > 0.0) == up else -1
                some += s.frozen[column, row] == LIVE
            a.give(a.at, rows[:some], columns[:some], due[:some], only, counts)
