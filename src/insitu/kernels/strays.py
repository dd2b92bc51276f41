"""The filter of :mod:`insitu.kernels.lanes` for readings whose noise has heavy tails, a mixture of normal numbers.

A template like that one. Each step of the filter keeps mean and variance of the mixture (the first-order generalised
pseudo-Bayesian filter: G. A. Ackerson and K. S. Fu, IEEE Trans. Automatic Control 15, 10 (1970)). Beside that of the plain
filter its floor is an exponential and a root for each of the dozen normal numbers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from insitu.kernels.filtering import SAME, START
from insitu.kernels.lanes import pulse
from insitu.kernels.memory import stack
from insitu.kernels.state import KERNEL
from insitu.kernels.weighing import LANES, begin, seen


@njit(**KERNEL)
def follow_strays(laws, cells, of, polarity, readings, link, noises, tails, scores, out):
    """Add the log-likelihood of all readings but the first of each train to ``scores`` (devices, lanes).

    Parameters
    ----------
    laws, of, polarity, readings, link : as in ``follow``.
    cells : (5, devices, lanes) as there, and the deviation of readings that are anything, S.
    noises : (3, lanes) read_cv and read_sd of the core, and the part of the readings that are anything.
    tails : (2, m, lanes) parts of the other readings, and how many times the variance of the core they have.
    out : (4, n) gets mean of the reading after each pulse and variance of the state, as foreseen before it, and mean and
        variance of the state once it is known, in the last lane; (4, 0) keeps nothing.
    """
    mean, variance, total = stack(LANES, np.float64), stack(LANES, np.float64), stack(LANES, np.float64)
    for first in range(0, laws.shape[1], LANES):
        n = min(LANES, laws.shape[1] - first)
        for k in range(of.size):
            device, exact, where = of[k], readings[2, k], (of[k], first, n)
            for i in range(n):
                total[i] = 0.0
            if link[k] == START:
                begin(readings[0, k], noises, where, mean, variance)
            elif link[k] != SAME:
                seen(readings[0, k], exact, False, cells, noises, tails, where, mean, variance, total)
            pulse(polarity[k], laws, cells, where, mean, variance)
            if out.shape[1] > 0:
                out[0, k], out[1, k] = mean[n - 1], variance[n - 1]
            fresh = link[k] == START
            seen(readings[1, k], exact, fresh, cells, noises, tails, where, mean, variance, total)
            if out.shape[1] > 0:
                out[2, k], out[3, k] = mean[n - 1], variance[n - 1]
            for i in range(n):
                scores[device, first + i] += total[i]
