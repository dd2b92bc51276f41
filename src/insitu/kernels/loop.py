"""A closed loop among the numbers of a scheme."""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.state import Loop


@njit(inline="always")
def loop_of(n, number):
    """Return the Loop of which ``n`` holds all fields but the last, which is ``number``."""
    return Loop(
        n[0], np.int64(n[1]), np.int64(n[2]), n[3], n[4], np.int64(n[5]), np.int64(n[6]), n[7], np.int64(n[8]),
        n[9], n[10], n[11], n[12], n[13], n[14], number,
    )  # fmt: skip
