"""Pulses for listed weights: given open loop in the numbers that are asked for, or tuned to targets, closed loop.

A template, see :mod:`insitu.kernels.cell`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from insitu.kernels.cell import NOISE, ONE_SIDED, cell_parameters, count_look, grown_cell, larger, pulse_cell, step
from insitu.kernels.memory import state_at
from insitu.kernels.philox import philox
from insitu.kernels.settle import part_of, reach_of, settle, variance_of
from insitu.kernels.state import GIVE_TYPE, KERNEL, MISSED, RESETS, TUNE_TYPE, TUNED
from insitu.kernels.vmath import exp, normal

_VERIFY = np.uint64(10)  # insitu.random.Stream.VERIFY
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_STEEPEST = 30.0  # of the logarithm of a step over the first: a pulse that does more crosses any range


@njit(GIVE_TYPE, **KERNEL)
def give(at, rows, columns, pulses, only, counts):
    """Give listed weights signed numbers of pulses, without a look; the sign is that of the part this array holds.

    ``only``: 0, or the one polarity, 1 or -1, that is sent; a cell that would have to take the other takes none.
    """
    s = state_at(at)
    raises, lowers = only >= 0, only <= 0 and not ONE_SIDED
    for m in range(rows.size):
        row, column, n = rows[m], columns[m], pulses[m]
        for plane in range(s.g.shape[0]):
            sign = np.int64(s.signs[plane]) * (1 if n > 0 else -1)
            if (sign > 0 and raises) or (sign < 0 and lowers):
                for _ in range(abs(n)):
                    pulse_cell(at, plane, column, row, np.float64(sign), counts)
        settle(s, row, column)


@njit(inline="always")
def _look(s, row, column, loop, turn, counts):
    """Return the part of a weight as one noisy read gives it; the noise of its devices is one normal number."""
    count_look(counts, s.g.shape[0])
    w = part_of(s, row, column)
    if s.read_cv > 0.0 or s.read_sd > 0.0 or s.jumps.size:
        time = np.uint64(loop.number * (loop.iterations + 1) + turn)
        place = np.uint64(column * s.g.shape[2] + row)
        a, b, c, d = philox(time & _LOW, place, time >> _32, _VERIFY + s.streams, s.key)
        w += math.sqrt(variance_of(s, row, column)) * normal(a, b, c, d)
    return w


@njit(inline="always")
def _median(s):
    """Return the median of the random number of a pulse: that of the step that the periphery expects."""
    return 0.5 if NOISE == 2 and s.draws else 0.0


@njit(inline="always")
def _grown(loop, polarity, turns):
    """Return the step and the square of the amplitude of a pulse, over those of the device, after so many turns one way."""
    up = polarity > 0.0
    more = min(turns * (loop.rise_up if up else loop.rise_down), loop.most_up if up else loop.most_down)
    if more <= 0.0:
        return 1.0, 1.0
    return exp(min((loop.steep_up if up else loop.steep_down) * more, _STEEPEST)), (1.0 + more) * (1.0 + more)


@njit(inline="always")
def _pulses_to(g, goal, s, factor, least, most):
    """Return how many SET pulses the nominal cell takes from g to the nearest point to ``goal``."""
    law, z = s.law, _median(s)
    p = cell_parameters(law[0], law[1], law[2] * factor, law[3], law)
    n = 0
    while n < most:
        after = min(max(law[0], step(g, 1.0, p, z)), law[1])
        if n >= least and abs(after - goal) >= abs(g - goal):
            break
        g = after
        n += 1
    return n


@njit(error_model="numpy")
def _reset_both(at, row, column, counts):
    s = state_at(at)
    for plane in range(s.g.shape[0]):
        if s.signs[plane] != 0:
            pulse_cell(at, plane, column, row, -1.0, counts)
            counts[RESETS] += 1


@njit(error_model="numpy")
def _write_blind(at, row, column, target, most, counts):
    """RESET one weight and send as many pulses as the nominal cell would take to its target, without a look."""
    s = state_at(at)
    _reset_both(at, row, column, counts)
    p = cell_parameters(s.law[0], s.law[1], s.law[2], s.law[3], s.law)
    g = min(max(s.law[0], step(s.law[1], -1.0, p, 0.0)), s.law[1])
    for plane in range(s.g.shape[0]):
        if s.signs[plane] * target > 0.0:
            for _ in range(_pulses_to(g, g + abs(target / s.gains[plane]), s, 1.0, 0, most)):
                pulse_cell(at, plane, column, row, 1.0, counts)


@njit(error_model="numpy")
def _raise_one_sided(at, row, column, error, turns, loop, free, counts):
    """Bring a pair of one-sided devices nearer by SET pulses; RESET both where the wanted one would leave what is usable.

    ``turns``: how many before have gone the same way. Return whether the pair may still be RESET, which it is once at most.
    """
    s = state_at(at)
    factor, square = _grown(loop, 1.0, turns)
    for plane in range(s.g.shape[0]):
        if s.signs[plane] * error > 0.0:
            g = np.float64(s.g[plane, column, row])
            goal = g + abs(error / (s.gains[plane] * reach_of(s, plane, column, row)))
            if goal > loop.top and free:
                _reset_both(at, row, column, counts)
                return False
            for _ in range(_pulses_to(g, goal, s, factor, 1, loop.burst)):
                if square > 1.0:
                    grown_cell(at, plane, column, row, 1.0, factor, square, counts)
                else:
                    pulse_cell(at, plane, column, row, 1.0, counts)
    return free


@njit(error_model="numpy")
def _move_both_ways(at, row, column, error, turns, loop, counts):
    """Bring a weight nearer by as many pulses, at most a burst, as the mean step of its cells asks for.

    ``turns``: how many before have gone the same way.
    """
    s = state_at(at)
    moves = 0.0
    up, up_square = _grown(loop, 1.0, turns)
    down, down_square = _grown(loop, -1.0, turns)
    grows = up_square > 1.0 or down_square > 1.0
    p = cell_parameters(s.law[0], s.law[1], s.law[2], s.law[3], s.law)
    for plane in range(s.g.shape[0]):
        if s.signs[plane] != 0:
            g, sign = np.float64(s.g[plane, column, row]), 1.0 if s.signs[plane] * error > 0.0 else -1.0
            if grows:
                p = larger(s.law[0], s.law[1], s.law[2], s.law[3], s.law, sign, up if sign > 0.0 else down)
            moves += abs(s.gains[plane] * reach_of(s, plane, column, row) * (step(g, sign, p, _median(s)) - g))
    n = loop.burst if moves <= 0.0 else max(1, min(loop.burst, np.int64(abs(error) / moves + 0.5)))
    for _ in range(n):
        for plane in range(s.g.shape[0]):
            if s.signs[plane] != 0:
                sign = 1.0 if s.signs[plane] * error > 0.0 else -1.0
                if not grows:
                    pulse_cell(at, plane, column, row, sign, counts)
                elif sign > 0.0:
                    grown_cell(at, plane, column, row, 1.0, up, up_square, counts)
                else:
                    grown_cell(at, plane, column, row, -1.0, down, down_square, counts)


@njit(error_model="numpy")
def _tune_one(at, row, column, target, loop, counts):
    """Tune one weight, and return what the last verify has read; see :func:`tune`."""
    s = state_at(at)
    free, turns, way = True, 0, 0.0
    if ONE_SIDED and loop.fresh:
        _reset_both(at, row, column, counts)
        free = False
    for turn in range(loop.iterations + 1):
        found = _look(s, row, column, loop, turn, counts)
        error = target - found
        if abs(error) <= loop.tolerance:
            return found
        if turn == loop.iterations:
            counts[MISSED] += 1
            return found
        turns = turns + 1 if error * way > 0.0 else 0  # the other way, amplitudes grow from the first on
        way = error
        if ONE_SIDED:
            still = _raise_one_sided(at, row, column, error, turns, loop, free, counts)
            way = error if still == free else 0.0  # and so after a RESET
            free = still
        else:
            _move_both_ways(at, row, column, error, turns, loop, counts)
    return found


@njit(TUNE_TYPE, **KERNEL)
def tune(at, rows, columns, targets, loop, counts, found):
    """Tune the parts of listed weights to ``targets``, write and verify; ``found`` gets what the last verify of each read.

    A read within the tolerance ends it, else the wanted device gets pulses in proportion to the error, at most a burst
    between two verifies; their amplitude grows from turn to turn as long as the error keeps its sign. A pair of one-sided
    devices whose wanted device would pass ``top`` is RESET once, both devices, and starts anew; likewise a target under
    ``floor``, which is left at zero (S. Ambrogio et al., Nature 558, 60 (2018), Extended Data Fig. 9). ``blind``: every
    weight is RESET and gets one burst, without a look, and is taken for written.
    """
    s = state_at(at)
    counts[TUNED] += rows.size
    for m in range(rows.size):
        row, column, target = rows[m], columns[m], targets[m]
        if loop.blind and ONE_SIDED:
            _write_blind(at, row, column, target, loop.burst, counts)
            found[m] = target
        elif ONE_SIDED and abs(target) < loop.floor:
            found[m] = _look(s, row, column, loop, 0, counts)
            if abs(found[m]) > loop.tolerance:
                _reset_both(at, row, column, counts)
                found[m] = 0.0
        else:
            found[m] = _tune_one(at, row, column, target, loop, counts)
        settle(s, row, column)
