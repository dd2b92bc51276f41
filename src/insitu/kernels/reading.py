"""The one read path: sums of driven lines, the noise of cells and circuits in them, and what is counted.

The sum over cells of independent normal numbers is normal, so one number a line is exact: its variance is the sum over lines
of ``x_i**2`` times what a read of each weight adds (``variance`` of the state), and that of the circuits. It is a pure
function of (seed, array, line, number of the example, which of its reads): of nothing that depends on the batch.
"""

from __future__ import annotations

import numpy as np
from numba import float32, int64, njit, types, uint64

from insitu.kernels.philox import philox
from insitu.kernels.state import CONVERSIONS, PRODUCTS, READ_TYPE, READS, ROW_DRIVES
from insitu.kernels.vmath import normal

_READ = np.uint64(13)  # insitu.random.Stream.READ
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(inline="always")
def add_noise(z, variance, number, turn, r):
    """Add to the sums z of some lines normal numbers of this variance; ``turn`` is which read of the example it is."""
    low, high = np.uint64(number) & _LOW, np.uint64(number) >> _32
    first, stream = turn * max(r.weights.shape[0], r.weights.shape[1]), _READ + r.streams
    for j in range(z.size):
        a, b, c, d = philox(low, np.uint64(first + j), high, stream, r.key)
        z[j] += np.float32(np.sqrt(np.float64(variance[j])) * normal(a, b, c, d))


@njit(inline="always")
def is_noisy(r, extra):
    """Return whether two reads differ."""
    return r.noisy != 0 or r.variance[0, 0] > 0.0 or extra > 0.0


@njit(inline="always")
def count(counts, driven, outputs, planes, signed):
    """Count one product: ``driven`` lines across ``outputs`` others, in two reads if there are negative inputs."""
    counts[READS] += driven * outputs * planes
    counts[ROW_DRIVES] += driven
    counts[CONVERSIONS] += (1 + signed) * outputs
    counts[PRODUCTS] += 1 + signed


@njit(inline="always")
def is_signed(x):
    """Return whether some input is negative: it takes a read of its own, whose result is subtracted."""
    return np.int64(x.min() < 0.0)


@njit(error_model="numpy")
def forward(r, x, z, v, number, turn):
    """z = x W with the bias line, the last row, at 1; silent rows are skipped. Return the number of driven rows."""
    w, n, extra = r.weights, x.size, r.output_variance
    z[:] = w[n]
    driven, squares = 1, np.float32(1.0)
    for i in range(n):
        if x[i] != 0.0:
            driven += 1
            row, value = w[i], x[i]
            for j in range(z.size):
                z[j] += value * row[j]
    if is_noisy(r, extra):
        if r.noisy:
            for j in range(z.size):
                v[j] = np.float32(extra) + r.variance[n, j]
        for i in range(n):
            if x[i] != 0.0:
                square = x[i] * x[i]
                squares += square
                if r.noisy:
                    of = r.variance[i]
                    for j in range(z.size):
                        v[j] += square * of[j]
        if not r.noisy:
            v[: z.size] = np.float32(extra) + squares * r.variance[0, 0]
        add_noise(z, v, number, turn, r)
    return driven


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
def backward(r, d, e, v, extra, number, turn):
    """e = W d without the bias line: the same cells, read the other way."""
    _transposed(r.weights, d, e)
    if is_noisy(r, extra):
        _transposed_variance(r, d, v[: e.size], extra)
        add_noise(e, v, number, turn, r)


@njit(error_model="numpy")
def project(matrix, d, e):
    """e = B d with fixed numbers B (rows, columns), computed digitally."""
    _transposed(matrix, d, e)


@njit(types.void(float32[:, ::1], float32[:, ::1], uint64[::1], int64, READ_TYPE), cache=True, error_model="numpy")
def add_noise_batch(z, variance, numbers, turn, r):
    """Add noise to sums z (batch, lines) of examples ``numbers`` (batch,); ``variance`` (batch, lines) or (1, lines)."""
    for m in range(z.shape[0]):
        add_noise(z[m], variance[m if variance.shape[0] > 1 else 0], numbers[m], turn, r)
