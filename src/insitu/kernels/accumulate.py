"""Mixed precision: the change that an example wants is added up digitally, and only whole pulses reach the devices.

A template like :mod:`insitu.kernels.column`.

The floor of its cost is the digital sum itself: active rows x columns additions an example, however few the pulses. That is
as much as a read of the same array, and it is what the scheme asks of real hardware too (digital_ops of the ledger). A row
of the memory lies side by side, so the sum and the comparison run on all lanes; a pulse is rare enough to go alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.cell import pulse_weight
from insitu.kernels.state import DIGITAL_OPS, UPDATE_TYPE


@njit(UPDATE_TYPE, cache=True, error_model="numpy")
def update(s, x, d, memory, method, _shown, counts):
    """chi += x d; where |chi| >= epsilon, n = trunc(chi / epsilon) blind pulses go to the weight and chi -= n epsilon.

    ``memory`` is chi, in units of weight, ``method[0]`` epsilon, ``method[1]`` the most pulses that a weight gets for one
    example; what is left stays in chi. (S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020).)
    """
    epsilon, most = method[0], np.int64(method[1])
    limit = np.float32(epsilon)
    for row in range(x.size):
        if x[row] == 0.0:
            continue
        value, chi = x[row], memory[row]
        due = np.int32(0)
        for column in range(d.size):
            chi[column] += value * d[column]
            due += np.int32(abs(chi[column]) >= limit)
        counts[DIGITAL_OPS] += 3 * d.size + due
        if due == 0:
            continue
        polarity = np.int64(s.chop[row])
        for column in range(d.size):
            if abs(chi[column]) >= limit:
                n = np.int64(min(abs(chi[column]) / epsilon, np.float64(most)))
                sign = 1 if chi[column] > 0.0 else -1
                for _ in range(n):
                    pulse_weight(s, row, column, sign * polarity, counts)
                chi[column] -= sign * n * epsilon
