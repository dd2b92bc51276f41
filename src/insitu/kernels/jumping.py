"""How probable measured readings are if the cell jumps between two levels while it is pulsed: a switching Kalman filter.

A template on top of :mod:`insitu.kernels.filtering`. Beside the conductance g, which pulses move, there is a level, lower or
upper, of which a Markov chain draws the next at each reading; the reading is ``g (1 - jump / 2)`` or ``g (1 + jump / 2)``
and its noise. Each level has a mean and a variance of g of its own; of the four ways to the two levels of the next reading,
those that end at one are merged into one normal number (C.-J. Kim, J. Econometrics 60, 1 (1994), section 2). Its floor is the
law at two places instead of one, four exponentials and a logarithm, about 0.3 us a pulse.
"""

from __future__ import annotations

import math

from numba import njit

from insitu.kernels.cell import cell_parameters
from insitu.kernels.filtering import SAME, START, pulsed
from insitu.kernels.state import KERNEL
from insitu.kernels.tails import NORMAL
from insitu.kernels.weighing import TINY

_ROOT = math.sqrt(0.5)
_LEAST = -700.0  # exponent under which a density is as good as 0


@njit(inline="always")
def _seen_at(reading, g, variance, level, noises, floor):
    """Return exponent and factor of the density of a reading at a level, and mean and variance of g after it."""
    noise = noises[0] * g + noises[1]
    seen = level * level * variance
    spread = max(seen + noise * noise, floor)
    error = reading - level * g
    gain = level * variance / max(seen + noise * noise, TINY)
    left = variance * max(1.0 - gain * level, 0.0)
    return -0.5 * error * error / spread, NORMAL / math.sqrt(spread), g + gain * error, left


@njit(inline="always")
def _merged(a, mean_a, variance_a, b, mean_b, variance_b):
    """Return weight, mean and variance of two normal numbers of weights a and b as one."""
    both = a + b
    part = b / both if both > 0.0 else 0.5
    apart = mean_b - mean_a
    variance = (1.0 - part) * variance_a + part * variance_b + part * (1.0 - part) * apart * apart
    return both, mean_a + part * apart, variance


@njit(inline="always")
def _read(reading, upper, g, variance, jump, rise, fall, noises, floor):
    """Return log-density of a reading, the probability of the upper level, and means and variances of g, after it.

    ``g`` and ``variance`` are pairs, at the lower and at the upper level. The last two returned are the probabilities of a
    jump to this reading, if it is at the lower level, and if at the upper.
    """
    low, high = 1.0 - 0.5 * jump, 1.0 + 0.5 * jump
    log_a, root_a, mean_a, left_a = _seen_at(reading, g[0], variance[0], low, noises, floor)
    log_b, root_b, mean_b, left_b = _seen_at(reading, g[1], variance[1], low, noises, floor)
    log_c, root_c, mean_c, left_c = _seen_at(reading, g[0], variance[0], high, noises, floor)
    log_d, root_d, mean_d, left_d = _seen_at(reading, g[1], variance[1], high, noises, floor)
    most = max(max(log_a, log_b), max(log_c, log_d))
    a = (1.0 - upper) * (1.0 - rise) * root_a * math.exp(max(log_a - most, _LEAST))
    b = upper * fall * root_b * math.exp(max(log_b - most, _LEAST))
    c = (1.0 - upper) * rise * root_c * math.exp(max(log_c - most, _LEAST))
    d = upper * (1.0 - fall) * root_d * math.exp(max(log_d - most, _LEAST))
    below, mean_low, variance_low = _merged(a, mean_a, left_a, b, mean_b, left_b)
    above, mean_high, variance_high = _merged(c, mean_c, left_c, d, mean_d, left_d)
    whole = below + above
    fell, rose = b / below if below > 0.0 else 0.5, c / above if above > 0.0 else 0.5
    return math.log(whole) + most, above / whole, (mean_low, mean_high), (variance_low, variance_high), fell, rose


@njit(inline="always")
def _foreseen(reading, weight, g, variance, level, noises, floor):
    """Return the part of readings at a level that are as low, their mean and their second moment, each times a weight."""
    noise, mean = noises[0] * g + noises[1], level * g
    spread = max(level * level * variance + noise * noise, floor)
    as_low = 0.5 * math.erfc((mean - reading) / math.sqrt(spread) * _ROOT)
    return weight * as_low, weight * mean, weight * (mean * mean + spread)


@njit(inline="always")
def _forecast(reading, upper, g, variance, jump, rise, fall, noises, floor):
    """Return mean and variance of the reading that is foreseen, and how probable one as low is."""
    low, high = 1.0 - 0.5 * jump, 1.0 + 0.5 * jump
    as_a, mean_a, square_a = _foreseen(reading, (1.0 - upper) * (1.0 - rise), g[0], variance[0], low, noises, floor)
    as_b, mean_b, square_b = _foreseen(reading, upper * fall, g[1], variance[1], low, noises, floor)
    as_c, mean_c, square_c = _foreseen(reading, (1.0 - upper) * rise, g[0], variance[0], high, noises, floor)
    as_d, mean_d, square_d = _foreseen(reading, upper * (1.0 - fall), g[1], variance[1], high, noises, floor)
    mean = mean_a + mean_b + mean_c + mean_d
    return mean, max(square_a + square_b + square_c + square_d - mean * mean, floor), as_a + as_b + as_c + as_d


@njit(inline="always")
def _begun(reading, jump, noises):
    """Return means and variances of g at the lower and at the upper level, from the first reading of a train."""
    low, high = 1.0 - 0.5 * jump, 1.0 + 0.5 * jump
    a, b = reading / low, reading / high
    sd_a, sd_b = (noises[0] * a + noises[1]) / low, (noises[0] * b + noises[1]) / high
    return (a, b), (sd_a * sd_a, sd_b * sd_b)


@njit(**KERNEL)
def follow_jumps(law, cells, of, polarity, readings, link, noises, scores, out):
    """Add the log-likelihood of all readings but the first of each train to ``scores``; cells jump between two levels.

    Parameters
    ----------
    law, of, polarity, readings, link : as in ``follow_strays``.
    cells : (5, devices) as there, the last one the distance of the two levels of each device, relative to the conductance; 0
        of one that does not jump.
    noises : (4,) read_cv and read_sd, and the probability that the next reading is at the other level, from the lower and
        from the upper one.
    scores : (devices,).
    out : (8, n) gets mean and variance of the reading after each pulse, as foreseen before it, mean and variance of the
        state once it is known, how probable a reading as low was, that the cell is at its upper level, and that it has just
        jumped, if it is at its lower level, and if at its upper; (8, 0) keeps nothing.
    """
    upper = 0.5
    g, variance = (0.0, 0.0), (0.0, 0.0)
    rise, fall = noises[2], noises[3]
    before, after, exact = readings[0], readings[1], readings[2]
    keep = out.shape[1] > 0
    for k in range(of.size):
        low, high = cells[0, of[k]], cells[1, of[k]]
        p = cell_parameters(low, high, cells[2, of[k]], cells[3, of[k]], law)
        floor, jump = (exact[k] * (high - low)) ** 2, cells[4, of[k]]
        if link[k] == START:
            upper = rise / (rise + fall)
            g, variance = _begun(before[k], jump, noises)
        elif link[k] != SAME:
            density, upper, g, variance, fell, rose = _read(
                before[k], upper, g, variance, jump, rise, fall, noises, floor
            )
            scores[of[k]] += density
        g_low, left_low = pulsed(g[0], variance[0], polarity[k], p, low, high)
        g_high, left_high = pulsed(g[1], variance[1], polarity[k], p, low, high) if jump > 0.0 else (g_low, left_low)
        g, variance = (g_low, g_high), (left_low, left_high)
        if keep:
            out[0, k], out[1, k], out[4, k] = _forecast(after[k], upper, g, variance, jump, rise, fall, noises, floor)
        density, upper, g, variance, fell, rose = _read(after[k], upper, g, variance, jump, rise, fall, noises, floor)
        scores[of[k]] += density
        if keep:
            _, out[2, k], out[3, k] = _merged(1.0 - upper, g[0], variance[0], upper, g[1], variance[1])
            out[5, k], out[6, k], out[7, k] = upper, fell, rose
