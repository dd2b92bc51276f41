"""What all reads are made of: sums of driven lines, the noise in them, and what is counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float32, int64, njit, types
from numpy.typing import NDArray

from insitu.kernels.philox import philox
from insitu.kernels.state import ACTIVATIONS, CONVERSIONS, DIGITAL_OPS, PRODUCTS, READS, ROW_DRIVES, VECTORS
from insitu.kernels.vmath import normal

FORWARD, BACKWARD = range(2)  #: rows drive, or columns do
_READ = np.uint64(13)  # insitu.random.Stream.READ
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


class Room(NamedTuple):
    """What one read is worked out in, as long as the longer side of any layer."""

    lines: NDArray[np.int64]  #: driven lines
    square: NDArray[np.float32]  #: inputs squared
    v: NDArray[np.float32]  #: variance of the sums
    driven: NDArray[np.float32]  #: inputs as converters drive them
    part: NDArray[np.float32]  #: sums of one tile and sign
    whole: NDArray[np.float32]  #: inputs and the bias line


ROOM_TYPE = types.NamedTuple([int64[::1]] + [float32[::1]] * 5, Room)


def room(longest: int) -> Room:
    """Return room for reads; kernels that count no references to arrays cannot make it themselves."""
    return Room(np.zeros(longest, np.int64), *np.zeros((5, longest), np.float32))


@njit(inline="always")
def parts_of(r, way):
    """Return into how many sums the lines of a read are divided, one a tile, or 1 where their currents are joined."""
    lines, some = (r.weights.shape[0], r.rows_a_part) if way == FORWARD else (r.weights.shape[1], r.columns_a_part)
    return (lines + some - 1) // some


@njit(error_model="numpy")
def turn_of(turn, part, r):
    """Return which read of an example one is whose lines are divided: ``part`` is that of a tile and sign."""
    if r.adc == 0.0:
        return turn
    return (
        turn * 2 * max(parts_of(r, FORWARD), parts_of(r, BACKWARD)) + part
    )  # no two reads share one, whatever their way


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
def count_lines(counts, up, down, outputs, way, r):
    """Count one product of ``up`` positive and ``down`` negative lines, across ``outputs`` others: a read of either kind."""
    reads, parts = np.int64(up > 0) + np.int64(down > 0), parts_of(r, way)
    if r.together:
        reads = min(reads, 1)
    counts[READS] += (up + down) * outputs * r.planes
    counts[ROW_DRIVES] += up + down
    counts[CONVERSIONS] += reads * outputs * parts
    counts[ACTIVATIONS] += min(reads, 1) * outputs
    counts[DIGITAL_OPS] += reads * outputs * (parts - 1)
    counts[PRODUCTS] += reads
    counts[VECTORS] += 1


@njit(error_model="numpy")
def add_rows(rows, lines, n, x, z):
    """Add to z the rows ``lines[:n]``, times x, one after the other; four a pass save most loads and stores of z."""
    full = n - n % 4
    for j in range(0, full, 4):
        a, b, c, d = lines[j], lines[j + 1], lines[j + 2], lines[j + 3]
        row_a, row_b, row_c, row_d = rows[a], rows[b], rows[c], rows[d]
        x_a, x_b, x_c, x_d = x[a], x[b], x[c], x[d]
        for k in range(z.size):
            z[k] = (((z[k] + x_a * row_a[k]) + x_b * row_b[k]) + x_c * row_c[k]) + x_d * row_d[k]
    for j in range(full, n):
        row, value = rows[lines[j]], x[lines[j]]
        for k in range(z.size):
            z[k] += value * row[k]
