"""Cycles of SET and of RESET that take turns: of which polarity pulses go out at an update."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(inline="always")
def cycle(alternate, number):
    """Return the polarity of the pulses of update ``number``: 1 if it is even, -1 if it is odd; 0, both, without turns."""
    return 1 - 2 * (np.int64(number) & 1) if alternate > 0.0 else 0
