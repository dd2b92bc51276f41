"""Reads through converters: inputs on the levels of a DAC, and the sums of each tile and polarity on those of an ADC.

What is driven longest is the full scale of both: ``top``, the largest ``|x|`` of the vector. An input is rounded to ``top``
times a whole part of 1, and a sum s to ``range top`` times one, which is where it saturates. Lines that lie on another tile,
and those of the other sign unless signed inputs take one read, make a sum of their own.
"""

from __future__ import annotations

import numpy as np
from numba import float32, float64, int64, njit, types, uint64
from numpy.typing import NDArray

from insitu.kernels.lines import BACKWARD, FORWARD, add_noise, add_rows, is_noisy, parts_of, turn_of
from insitu.kernels.memory import read_at
from insitu.kernels.state import KERNEL, SATURATED

#: least full scale of a read: of signals below it, such as errors that single precision has all but lost, a converter sees
#: nothing, and no line is driven by what is a part of them
LEAST = np.float32(1e-30)
_FINEST = np.float32(1e-37)  # step of an ADC: one over it is a number
BINS = 512  # of the sums that were seen: eight an octave
_BLOCK = 16  # sums that are looked at together
_FALL = 0.75  # part of a range to which the next one may fall
FIRST = 0x2F800000 >> 20  # the upper bits of 2**-32 in single precision: below it a sum counts as 0


@njit(inline="always")
def converts(r):
    """Return whether a read goes through converters."""
    return r.dac > 0.0 or r.adc > 0.0


@njit(inline="always")
def _quantised(x, per_level, level):
    """Return an input as a DAC drives it whose levels are ``level`` apart."""
    return np.float32(np.copysign(np.floor(np.float64(abs(x)) * per_level + 0.5) * level, np.float64(x)))


@njit(inline="always")
def _bin(size):
    """Return where a sum of this size is counted."""
    return min(max((np.float32(size).view(np.int32) >> np.int32(20)) - FIRST, 0), BINS - 1)


@njit(error_model="numpy")
def _note(s, per_unit, least, seen):
    """Count sums by their size, those below ``least`` in the bin below it.

    What a range is learned from are the largest, so most blocks of sums are passed over at a glance.
    """
    some = s.size - s.size % _BLOCK
    small = 0
    for start in range(0, some, _BLOCK):
        large = False
        for j in range(start, start + _BLOCK):
            large |= abs(s[j]) * per_unit >= least
        if not large:
            small += _BLOCK
            continue
        for j in range(start, start + _BLOCK):
            size = abs(s[j]) * per_unit
            if size >= least:
                seen[_bin(size)] += 1
            else:
                small += 1
    for j in range(some, s.size):
        size = abs(s[j]) * per_unit
        if size >= least:
            seen[_bin(size)] += 1
        else:
            small += 1
    seen[max(_bin(least) - 1, 0)] += small


@njit(inline="always")
def take(s, top, way, r, counts):
    """Put the sums s of one tile and sign on the levels of an ADC, in place; note how large they were if asked to."""
    if r.adc == 0.0:
        return
    per_unit = np.float32(1.0 / top)
    full = r.ranges[way]
    if r.sums.size:
        _note(s, per_unit, np.float32(_FALL * full), r.sums[way])
    if full == 0.0:
        return
    levels, step, over = np.float32(r.adc), max(np.float32(full * top / r.adc), _FINEST), np.int64(0)
    per_step = np.float32(1.0) / step
    for j in range(s.size):
        level = np.rint(s[j] * per_step)
        over += abs(level) > levels
        s[j] = min(max(level, -levels), levels) * step
    counts[SATURATED] += over


@njit(
    types.boolean(float32[:, ::1], float64, float32[:, ::1], float32[::1], int64[::1]),
    fastmath={"nnan", "nsz"},  # the order of a maximum is free, so it runs on all lanes
    **KERNEL,
)
def _drive(x, levels, out, top, signs):
    up, down = False, False
    for m in range(x.shape[0]):
        row, driven, high, low = x[m], out[m], np.float32(0.0), np.float32(0.0)
        for i in range(row.size):
            high, low = max(high, row[i]), min(low, row[i])
        full = max(high, -low)
        full = max(full, LEAST) if full > 0.0 else full
        top[m], signs[m] = full, 2 if high > 0.0 and low < 0.0 else -1 if low < 0.0 else 1
        up, down = up or signs[m] > 0, down or signs[m] != 1
        if levels > 0.0:
            per_level, level = levels / full if full > 0.0 else 0.0, full / levels
            for i in range(row.size):
                driven[i] = _quantised(row[i], per_level, level)
    return up and down


def driven_batch(
    x: NDArray[np.float32], levels: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], bool]:
    """Return inputs x (batch, lines) as a DAC drives them, their full scale (batch,), their sign (batch,): 1, -1, or 2
    where there are some of either; and whether the batch has some of either."""
    out = np.empty_like(x) if levels else x
    top, signs = np.empty(len(x), np.float32), np.empty(len(x), np.int64)
    mixed = _drive(x, levels, out, top, signs)
    return out, top, signs, mixed


@njit(
    types.void(
        float32[:, :, ::1], float32[:, :, ::1], int64[::1], float32[::1], uint64[::1], int64, int64, uint64, int64[::1],
        float32[:, ::1],
    ),
    **KERNEL,
)  # fmt: skip
def convert_batch(sums, spread, signs, top, numbers, turn, way, at, counts, out):
    """Add to ``out`` (batch, outputs) what converters make of the sums of all tiles and signs, noise added.

    Parameters
    ----------
    sums : (parts, signs of the batch, outputs). spread : the same, their variance, or none.
    signs : (batch,) of each example: 0 where all lines make one sum, 1 or -1 where all inputs are of that sign, 2 where
        there are some of either, which make a sum each.
    top : (batch,) full scale. numbers, turn : address of the noise. at : of the Read.
    """
    r, batch = read_at(at), top.size
    for m in range(batch):
        if top[m] == 0.0:
            continue
        first, last = (0, 1) if signs[m] == 2 else (1, 1) if signs[m] < 0 else (0, 0)
        for part in range(sums.shape[0]):
            for second in range(first, last + 1):
                s = sums[part, second * batch + m]
                if spread.size:
                    variance = spread[part, second * batch + m]
                    add_noise(s, variance, numbers[m], turn_of(turn, 2 * part + second - first, r), r)
                take(s, np.float64(top[m]), way, r, counts)
                for j in range(s.size):
                    out[m, j] += s[j]


@njit(error_model="numpy")
def divided(r, way, mixed):
    """Return how the lines of a read are divided where sums are converted: how many tiles, lines a tile, and signs."""
    lines, some = (r.weights.shape[0], r.rows_a_part) if way == FORWARD else (r.weights.shape[1], r.columns_a_part)
    if r.adc == 0.0:
        return 1, lines, 1
    return parts_of(r, way), some, 2 if mixed and not r.together else 1


@njit(error_model="numpy")
def joined(r, way):
    """Return how many tiles, each with noise of its circuits, make a sum: 1 where each is converted on its own."""
    return parts_of(r, way) if r.adc == 0.0 else 1


@njit(inline="always")
def _full_scale(x, bias):
    """Return the largest signal of a read, and whether there are some of either sign."""
    top, up, down = np.float32(bias), bias > 0, False
    for i in range(x.size):
        top = max(top, abs(x[i]))
        up, down = up or x[i] > 0.0, down or x[i] < 0.0
    return max(top, LEAST) if top > 0.0 else top, up and down


@njit(inline="always")
def _drive_part(r, x, start, stop, sign, top, room):
    """Put what converters make of the lines ``start`` to ``stop`` of x with this sign, 0 for both, into ``room.driven``, and
    list the driven ones; return how many they are, and the sum of their squares."""
    n, squares = 0, np.float32(0.0)
    per_level, level = r.dac / np.float64(top), np.float64(top) / r.dac
    for i in range(start, stop):
        value = _quantised(x[i], per_level, level) if r.dac > 0.0 else x[i]
        value = value if np.float32(sign) * value >= 0.0 else np.float32(0.0)
        room.driven[i], room.square[i] = value, value * value
        room.lines[n] = i
        n += value != 0.0
        squares += room.square[i]
    return n, squares


@njit(error_model="numpy")
def forward_in_parts(r, x, z, room, number, turn, counts):
    """z = x W through converters: a sum for each tile and sign."""
    w, k, rows = r.weights, z.size, r.weights.shape[0]
    whole, v, s = room.whole[:rows], room.v[:k], room.part[:k]
    top, mixed = _full_scale(x, 1)
    for i in range(rows - 1):
        whole[i] = x[i]
    whole[rows - 1] = np.float32(1.0)
    for j in range(k):
        z[j] = np.float32(0.0)
    parts, some, signs = divided(r, FORWARD, mixed)
    extra = np.float32(r.output_variance * joined(r, FORWARD) / signs)
    for part in range(parts):
        for second in range(signs):
            sign = 1 - 2 * second if signs > 1 else 0
            n, squares = _drive_part(r, whole, part * some, min((part + 1) * some, rows), sign, top, room)
            for j in range(k):
                s[j] = np.float32(0.0)
            add_rows(w, room.lines, n, room.driven, s)
            if is_noisy(r, r.output_variance):
                for j in range(k):
                    v[j] = extra if r.noisy else extra + squares * r.variance[0, 0]
                if r.noisy:
                    add_rows(r.variance, room.lines, n, room.square, v)
                add_noise(s, v, number, turn_of(turn, 2 * part + second, r), r)
            take(s, np.float64(top), FORWARD, r, counts)
            for j in range(k):
                z[j] += s[j]


@njit(error_model="numpy")
def backward_in_parts(r, d, e, room, extra, number, turn, counts):
    """e = W d through converters."""
    w, k, columns = r.weights, e.size, d.size
    v, s = room.v[:k], room.part[:k]
    top, mixed = _full_scale(d, 0)
    for i in range(k):
        e[i] = np.float32(0.0)
    if top == 0.0:
        return
    parts, some, signs = divided(r, BACKWARD, mixed)
    extra = extra * joined(r, BACKWARD)
    for part in range(parts):
        start, stop = part * some, min((part + 1) * some, columns)
        driven, square = room.driven[start:stop], room.square[start:stop]
        for second in range(signs):
            sign = 1 - 2 * second if signs > 1 else 0
            squares = _drive_part(r, d, start, stop, sign, top, room)[1]
            for i in range(k):
                s[i] = _dot(w[i, start:stop], driven)
            if is_noisy(r, extra):
                for i in range(k):
                    of_cells = _dot(r.variance[i, start:stop], square) if r.noisy else squares * r.variance[0, 0]
                    v[i] = np.float32(extra / signs) + of_cells
                add_noise(s, v, number, turn_of(turn, 2 * part + second, r), r)
            take(s, np.float64(top), BACKWARD, r, counts)
            for i in range(k):
                e[i] += s[i]


@njit(error_model="numpy", fastmath={"reassoc", "contract"})
def _dot(a, b):
    total = np.float32(0.0)
    for j in range(a.size):
        total += a[j] * b[j]
    return total
