"""Closed-loop tuning of an array of weights to targets that the periphery keeps, and blind pulses that follow a plan.

A template like :mod:`insitu.kernels.column`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.cell import NOISE, ONE_SIDED, cell_parameters, count_look, effective, pulse_cell, step
from insitu.kernels.philox import philox
from insitu.kernels.vmath import normal

_VERIFY = np.uint64(10)  # insitu.random.Stream.VERIFY
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_MEDIAN = 0.5 if NOISE == 2 else 0.0  # of the random number of a pulse: the step that the periphery expects

#: positions in the vector of closed-loop options
TOLERANCE, ITERATIONS, BURST, TOP, FLOOR, BLIND, NOISE_CV, NOISE_SD, VERIFY = range(9)
#: positions in the tally
MISSED, RESET = range(2)


@njit(inline="always")
def _part(s, row, column):
    w = s.offset
    for plane in range(s.g.shape[0]):
        w += s.gains[plane] * s.g[plane, column, row]
    return w


@njit(inline="always")
def _read(s, row, column, options, turn, counts):
    """Return the part of a weight as one noisy read gives it; the noise of its devices is one normal number."""
    count_look(counts, s.g.shape[0])
    w = _part(s, row, column)
    if options[NOISE_CV] > 0.0 or options[NOISE_SD] > 0.0:
        variance = 0.0
        for plane in range(s.g.shape[0]):
            sd = s.gains[plane] * (options[NOISE_CV] * s.g[plane, column, row] + options[NOISE_SD])
            variance += sd * sd
        time = np.uint64(np.int64(options[VERIFY]) + turn)
        place = np.uint64(column * s.g.shape[2] + row)
        a, b, c, d = philox(time & _LOW, place, time >> _32, _VERIFY + s.streams, s.key)
        w += math.sqrt(variance) * normal(a, b, c, d)
    return w


@njit(inline="always")
def _pulses_to(g, goal, law, least, most):
    """Return how many SET pulses the nominal cell takes from g to the nearest point to ``goal``."""
    p = cell_parameters(law[0], law[1], law[2], law[3], law)
    n = 0
    while n < most:
        after = min(max(law[0], step(g, 1.0, p, _MEDIAN)), law[1])
        if n >= least and abs(after - goal) >= abs(g - goal):
            break
        g = after
        n += 1
    return n


@njit(error_model="numpy")
def _reset_both(s, row, column, counts, tally):
    for plane in range(s.g.shape[0]):
        if s.signs[plane] != 0:
            pulse_cell(s, plane, column, row, -1.0, counts)
            tally[RESET] += 1


@njit(error_model="numpy")
def _write_blind(s, row, column, target, most, counts, tally):
    """RESET one weight and send as many pulses as the nominal cell would take to its target, without a look."""
    _reset_both(s, row, column, counts, tally)
    p = cell_parameters(s.law[0], s.law[1], s.law[2], s.law[3], s.law)
    g = min(max(s.law[0], step(s.law[1], -1.0, p, 0.0)), s.law[1])
    for plane in range(s.g.shape[0]):
        if s.signs[plane] * target > 0.0:
            for _ in range(_pulses_to(g, g + abs(target / s.gains[plane]), s.law, 0, most)):
                pulse_cell(s, plane, column, row, 1.0, counts)


@njit(error_model="numpy")
def _tune(s, row, column, target, options, free, counts, tally):
    """Tune one weight; see closed_loop. ``free``: it has not been RESET yet, which it is once at most."""
    planes = s.g.shape[0]
    top, most = options[TOP], np.int64(options[BURST])
    iterations = np.int64(options[ITERATIONS])
    for turn in range(iterations + 1):
        error = target - _read(s, row, column, options, turn, counts)
        if abs(error) <= options[TOLERANCE]:
            return
        if turn == iterations:
            tally[MISSED] += 1
            return
        if ONE_SIDED:
            for plane in range(planes):
                if s.signs[plane] * error > 0.0:
                    g = np.float64(s.g[plane, column, row])
                    goal = g + abs(error / s.gains[plane])
                    if goal > top and free:
                        _reset_both(s, row, column, counts, tally)
                        free = False
                    else:
                        for _ in range(_pulses_to(g, goal, s.law, 1, most)):
                            pulse_cell(s, plane, column, row, 1.0, counts)
        else:
            moves = 0.0
            p = cell_parameters(s.law[0], s.law[1], s.law[2], s.law[3], s.law)
            for plane in range(planes):
                if s.signs[plane] != 0:
                    g, sign = np.float64(s.g[plane, column, row]), 1.0 if s.signs[plane] * error > 0.0 else -1.0
                    moves += abs(s.gains[plane] * (step(g, sign, p, _MEDIAN) - g))
            n = most if moves <= 0.0 else max(1, min(most, np.int64(abs(error) / moves + 0.5)))
            for _ in range(n):
                for plane in range(planes):
                    if s.signs[plane] != 0:
                        pulse_cell(s, plane, column, row, 1.0 if s.signs[plane] * error > 0.0 else -1.0, counts)


@njit(cache=True, error_model="numpy", nogil=True)
def closed_loop(s, rows, targets, options, counts, tally):
    """Tune the parts of the weights in ``rows`` to ``targets`` (columns, rows), write and verify.

    A read within the tolerance ends it, else the wanted device gets SET pulses in proportion to the error, at most a burst
    between two verifies. A pair of one-sided devices whose wanted device would pass ``top`` is RESET once, both devices,
    and starts anew; likewise a target under ``floor``, which is left at zero (S. Ambrogio et al., Nature 558, 60 (2018),
    Extended Data Fig. 9). ``blind``: every weight is RESET and gets one burst, without a look.
    """
    for column in range(s.g.shape[1]):
        for k in range(rows.size):
            row = rows[k]
            target = np.float64(targets[column, row])
            if options[BLIND] > 0.0:
                _write_blind(s, row, column, target, np.int64(options[BURST]), counts, tally)
            elif ONE_SIDED and abs(target) < options[FLOOR]:
                if abs(_read(s, row, column, options, 0, counts)) > options[TOLERANCE]:
                    _reset_both(s, row, column, counts, tally)
            else:
                _tune(s, row, column, target, options, True, counts, tally)
            s.weights[row, column] = effective(s, row, column, _part(s, row, column))


@njit(cache=True, error_model="numpy", nogil=True)
def rewrite(s, rows, columns, targets, options, counts, tally):
    """RESET the listed weights, both devices, and tune each to its target, write and verify."""
    for m in range(rows.size):
        row, column = rows[m], columns[m]
        if options[BLIND] > 0.0:
            _write_blind(s, row, column, targets[m], np.int64(options[BURST]), counts, tally)
        else:
            _reset_both(s, row, column, counts, tally)
            _tune(s, row, column, targets[m], options, False, counts, tally)
        s.weights[row, column] = effective(s, row, column, _part(s, row, column))


@njit(cache=True, error_model="numpy", nogil=True)
def blind(s, rows, pulses, counts):
    """Give the weights in ``rows`` the signed numbers of pulses (columns, rows), without a look."""
    for column in range(s.g.shape[1]):
        for k in range(rows.size):
            row = rows[k]
            n = pulses[column, row]
            for plane in range(s.g.shape[0]):
                sign = np.int64(s.signs[plane]) * (1 if n > 0 else -1)
                if sign > 0 or (sign < 0 and not ONE_SIDED):
                    for _ in range(abs(n)):
                        pulse_cell(s, plane, column, row, np.float64(sign), counts)
            s.weights[row, column] = effective(s, row, column, _part(s, row, column))
