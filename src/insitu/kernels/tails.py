"""Density and tail of the standard normal number, to the last digits.

Straight-line arithmetic like :mod:`insitu.kernels.vmath`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.vmath import exact_exp

NORMAL = 1.0 / math.sqrt(2.0 * math.pi)


@njit(inline="always")
def density_and_tail(z):
    """Return the density at ``z``, and the probability of more than ``z``, relative errors under 1e-12.

    The tail over the density times 1 + z, for z > 0, is a polynomial in (z - 4) / (z + 4): its Chebyshev series of 21 terms,
    which is off by 6e-15; the variable is that of J. L. Schonfelder, Math. Comp. 32, 1232 (1978).
    """
    far = abs(np.float64(z))
    density = NORMAL * exact_exp(-0.5 * far * far)
    y = (far - 4.0) / (far + 4.0)
    q = -2.2605308164886262e-07 + y * (4.3085741457650675e-10 + y * 2.247013983342086e-08)
    q = 1.111075770929014e-06 + y * (1.3136643790063846e-06 + y * (-8.546416324548931e-08 + y * q))
    q = -8.671511885602965e-06 + y * (-6.4917755915430145e-06 + y * q)
    q = -0.00022020506903670028 + y * (5.329718669094688e-05 + y * (3.412705840419116e-05 + y * q))
    q = 0.0017418466194563421 + y * (-0.00023671067721886774 + y * q)
    q = 0.04495912891666907 + y * (-0.012539103365560134 + y * (-0.0007159493014444712 + y * q))
    q = 0.03509188023509304 + y * (0.07169048120888188 + y * (-0.08070800969425479 + y * q))
    q = 1.1832619145678023 + y * (-0.24239967052191128 + y * q)
    beyond = density * q / (1.0 + far)
    return density, beyond if z > 0.0 else 1.0 - beyond
