"""The filter of :mod:`insitu.kernels.lanes` for readings whose noise has heavy tails, a mixture of normal numbers.

A template like that one. Each step of the filter keeps mean and variance of the mixture (the first-order generalised
pseudo-Bayesian filter: G. A. Ackerson and K. S. Fu, IEEE Trans. Automatic Control 15, 10 (1970)). Beside that of the plain
filter its floor is an exponential and a root for each of the dozen normal numbers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.filtering import _NORMAL, _TINY, SAME, START
from insitu.kernels.lanes import _LANES, _keep_within, _pulse
from insitu.kernels.memory import stack
from insitu.kernels.state import KERNEL
from insitu.kernels.tails import exact_exp
from insitu.kernels.vmath import log


@njit(inline="always")
def _seen(reading, exact, fresh, cells, noises, tails, device, first, n, mean, variance, scores):
    """Add the density of a reading to ``scores``; means and variances are then those of the states once it is known.

    A part of the readings, ``noises[2]``, has a deviation ``cells[4]`` and says nothing of the state; of a ``fresh`` train,
    the reading that began it may have been one too, and then the state is where the new one is.
    """
    error, noise, floor = stack(_LANES, np.float64), stack(_LANES, np.float64), stack(_LANES, np.float64)
    total, moved, square = stack(_LANES, np.float64), stack(_LANES, np.float64), stack(_LANES, np.float64)
    for i in range(n):
        sd = noises[0, first + i] * mean[i] + noises[1, first + i]
        least = exact * (cells[1, device, first + i] - cells[0, device, first + i])
        error[i], noise[i], floor[i] = reading - mean[i], sd * sd, least * least
        total[i], moved[i], square[i] = 0.0, 0.0, 0.0
    for j in range(tails.shape[1]):
        for i in range(n):
            whole = variance[i] + noise[i] * tails[1, j, first + i]
            spread, gain = max(whole, floor[i]), variance[i] / max(whole, _TINY)
            weight = (
                tails[0, j, first + i] * _NORMAL / math.sqrt(spread) * exact_exp(-0.5 * error[i] * error[i] / spread)
            )
            total[i] += weight
            moved[i] += weight * gain
            square[i] += weight * (gain * gain * error[i] * error[i] + variance[i] * (1.0 - gain))
    again = 1.0 if fresh else 0.0
    for i in range(n):
        stray, wild = noises[2, first + i], cells[4, device, first + i]
        apart = stray * _NORMAL / wild * exact_exp(-0.5 * error[i] * error[i] / (wild * wild))
        whole = total[i] + apart + again * apart
        by = (moved[i] + again * apart) / whole * error[i]
        second = square[i] + apart * variance[i] + again * apart * (error[i] * error[i] + noise[i])
        scores[i] += log(whole / (1.0 + again * stray))
        mean[i] += by
        variance[i] = max(second / whole - by * by, 0.0)


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
    mean, variance, total = stack(_LANES, np.float64), stack(_LANES, np.float64), stack(_LANES, np.float64)
    for first in range(0, laws.shape[1], _LANES):
        n = min(_LANES, laws.shape[1] - first)
        for k in range(of.size):
            device, exact = of[k], readings[2, k]
            for i in range(n):
                total[i] = 0.0
            if link[k] == START:
                for i in range(n):
                    noise = noises[0, first + i] * readings[0, k] + noises[1, first + i]
                    mean[i], variance[i] = readings[0, k], noise * noise
            elif link[k] != SAME:
                _seen(readings[0, k], exact, False, cells, noises, tails, device, first, n, mean, variance, total)
            if polarity[k] > 0.0:
                ends = _pulse(1.0, laws, cells, device, first, n, mean, variance)
            else:
                ends = _pulse(-1.0, laws, cells, device, first, n, mean, variance)
            if ends:
                _keep_within(cells, device, first, n, mean, variance)
            if out.shape[1] > 0:
                out[0, k], out[1, k] = mean[n - 1], variance[n - 1]
            fresh = link[k] == START
            _seen(readings[1, k], exact, fresh, cells, noises, tails, device, first, n, mean, variance, total)
            if out.shape[1] > 0:
                out[2, k], out[3, k] = mean[n - 1], variance[n - 1]
            for i in range(n):
                scores[device, first + i] += total[i]
