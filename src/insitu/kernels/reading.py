"""The one read path: sums of driven lines, the noise of cells and circuits in them, and what is counted.

The sum over cells of independent normal numbers is normal, so one number a line is exact: its variance is the sum over lines
of ``x_i**2`` times what a read of each weight adds (``variance`` of the state), and that of the circuits. It is a pure
function of (seed, array, line, number of the example, which of its reads): of nothing that depends on the batch.

Signed inputs are two reads, one of the lines that are positive and one of those that are negative, whose results are
subtracted. In both a line is driven for a time in proportion to ``|x|``, the longest for the whole read.
"""

from __future__ import annotations

import numpy as np
from numba import float32, float64, int64, njit, types, uint64

from insitu.kernels.converting import LEAST, backward_in_parts, converts, forward_in_parts
from insitu.kernels.lines import BACKWARD, FORWARD, add_noise, add_rows, count_lines, is_noisy, parts_of
from insitu.kernels.memory import read_at, state_at
from insitu.kernels.settle import drawn_of
from insitu.kernels.state import KERNEL, PARTS, REMOVED

LARGEST = np.float32(1e15)  #: input: the squares of larger ones, of which noise is made, may be beyond single precision


@njit(error_model="numpy", fastmath={"nnan", "nsz"})  # the order of a maximum is free, so it runs on all lanes
def count(counts, drive, x, bias, outputs, way, r):
    """Count one product of inputs x, with a line at 1 behind them if ``bias``; and to ``drive`` (lines,) how long each of
    them is driven, in ``PARTS`` of a whole read."""
    up, down, top = np.int32(bias), np.int32(0), np.float32(bias)
    for i in range(x.size):
        up += np.int32(x[i] > 0.0)
        down += np.int32(x[i] < 0.0)
        top = max(top, abs(x[i]))
    count_lines(counts, up, down, outputs, way, r)
    if top > 0.0:
        scale, half = np.float32(PARTS) / max(top, LEAST), np.float32(0.5)
        for i in range(x.size):
            drive[i] += np.int32(abs(x[i]) * scale + half)
        if bias:
            drive[x.size] += np.int32(scale + half)


@njit(types.boolean(float32[:, ::1], int64, int64, int64, uint64, int64[::1], int64[::1]), **KERNEL)
def count_batch(x, bias, outputs, way, at, counts, drive):
    """Count the products of a batch x (batch, lines) and return True; or, where one is no number or too large, neither."""
    r, unsound = read_at(at), np.int32(0)
    for m in range(x.shape[0]):
        for i in range(x.shape[1]):
            unsound += np.int32(not abs(x[m, i]) <= LARGEST)
    if unsound:
        return False
    for m in range(x.shape[0]):
        count(counts, drive, x[m], bias, outputs, way, r)
    return True


@njit(types.void(float32[:, :], int64, uint64, int64[::1]), **KERNEL)
def count_binary(x, outputs, at, counts):
    """Count the products of a batch x (batch, lines) of +1 and -1 with some columns."""
    r = read_at(at)
    for m in range(x.shape[0]):
        up = np.int64(0)
        for i in range(x.shape[1]):
            up += x[m, i] > 0.0
        count_lines(counts, up, x.shape[1] - up, outputs, FORWARD, r)


@njit(types.void(uint64, int64, float64[::1], float64[::1]), **KERNEL)
def add_lines(at, inputs, rows, columns):
    """Add to ``rows`` (rows,) and ``columns`` (columns,) the conductance of the cells on each, S.

    Columns meet the first ``inputs`` rows alone; a weight that is disconnected conducts nothing. Behind wires it is what the
    line draws from its driver, and its wires dissipate their part of it: exact where all lines are driven alike.
    """
    s = state_at(at)
    for plane in range(s.g.shape[0]):
        for column in range(s.g.shape[1]):
            g, frozen, total = s.g[plane, column], s.frozen[column], 0.0
            if s.reach.size:
                for row in range(rows.size):
                    seen = np.float32(drawn_of(s, plane, column, row)) * np.float32(frozen[row] != REMOVED)
                    rows[row] += seen
                    total += seen * np.float32(row < inputs)
                columns[column] += total
                continue
            for row in range(rows.size):
                rows[row] += g[row] * np.float32(frozen[row] != REMOVED)
            for row in range(inputs):
                total += g[row] * np.float32(frozen[row] != REMOVED)
            columns[column] += total


@njit(inline="always")
def _driven(x, room):
    """List the inputs that are not silent; return how many they are, and the sum of their squares and that of the bias."""
    n, squares = 0, np.float32(1.0)
    for i in range(x.size):
        room.lines[n] = i
        n += x[i] != 0.0
        squares += x[i] * x[i]
    return n, squares


@njit(error_model="numpy")
def forward(r, x, z, room, number, turn, counts):
    """z = x W with the bias line, the last row, at 1; silent rows are skipped."""
    if converts(r):
        forward_in_parts(r, x, z, room, number, turn, counts)
        return
    w, n, v, square = r.weights, x.size, room.v, room.square
    extra = r.output_variance * parts_of(r, FORWARD)
    driven, squares = _driven(x, room)
    for k in range(z.size):
        z[k] = w[n, k]
    add_rows(w, room.lines, driven, x, z)
    if is_noisy(r, extra):
        if r.noisy:
            for k in range(z.size):
                v[k] = np.float32(extra) + r.variance[n, k]
            for j in range(n):
                square[j] = x[j] * x[j]
            add_rows(r.variance, room.lines, driven, square, v[: z.size])
        else:
            for k in range(z.size):
                v[k] = np.float32(extra) + squares * r.variance[0, 0]
        add_noise(z, v, number, turn, r)


@njit(error_model="numpy", fastmath={"reassoc", "contract"})
def _transposed(w, d, e):
    """e = W d. The order of a sum is left to the compiler, so that it runs on all lanes: the same bits in every run on one
    machine, but perhaps others in the last place on another kind of processor."""
    for i in range(e.size):
        row, total = w[i], np.float32(0.0)
        for j in range(d.size):
            total += row[j] * d[j]
        e[i] = total


@njit(error_model="numpy", fastmath={"reassoc", "contract"})
def _transposed_variance(r, d, v, extra):
    squares = np.float32(0.0)
    for j in range(d.size):
        squares += d[j] * d[j]
    for i in range(v.size):
        total = np.float32(extra)
        if r.noisy:
            of = r.variance[i]
            for j in range(d.size):
                total += d[j] * d[j] * of[j]
        else:
            total += squares * r.variance[0, 0]
        v[i] = total


@njit(error_model="numpy")
def backward(r, d, e, room, extra, number, turn, counts):
    """e = W d without the bias line: the same cells, read the other way."""
    if converts(r):
        backward_in_parts(r, d, e, room, extra, number, turn, counts)
        return
    _transposed(r.weights, d, e)
    if is_noisy(r, extra):
        _transposed_variance(r, d, room.v[: e.size], extra * parts_of(r, BACKWARD))
        add_noise(e, room.v, number, turn, r)


@njit(error_model="numpy")
def project(matrix, d, e):
    """e = B d with fixed numbers B (rows, columns), computed digitally."""
    _transposed(matrix, d, e)


@njit(types.void(float32[:, ::1], float32[:, ::1], uint64[::1], int64, uint64), **KERNEL)
def add_noise_batch(z, variance, numbers, turn, at):
    """Add noise to sums z (batch, lines) of examples ``numbers`` (batch,); ``variance`` (batch, lines) or (1, lines)."""
    r = read_at(at)
    for m in range(z.shape[0]):
        add_noise(z[m], variance[m if variance.shape[0] > 1 else 0], numbers[m], turn, r)
