"""Reads of whole batches: sums by BLAS, then the noise of cells and circuits.

The loops of networks that show one example at a time do the same in :mod:`insitu.kernels.reading`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats

_AT_ONCE = 2**18  #: sums of tiles that stay in the cache until they are converted


def spread_of(x: Floats, variance: Floats, outputs: int) -> Floats:
    """Return the variance (batch, outputs) of sums of inputs x (batch, lines): ``sum_i x_i**2 variance_ij``.

    An input between -1 and 1 is applied as two reads, of its positive and of its negative part, which have it together.

    Parameters
    ----------
    variance : (lines, outputs) what a read of each weight at an input of 1 adds, or (1, 1) if all are alike.
    """
    squares = x * x
    if variance.size > 1:
        return np.asarray(squares @ variance, np.float32)
    return np.asarray(np.repeat(squares.sum(axis=1, keepdims=True) * variance[0, 0], outputs, axis=1), np.float32)


def through_converters(
    x: Floats,
    weights: Floats,
    variance: Floats,
    extra: float,
    numbers: NDArray[np.uint64],
    turn: int,
    way: int,
    read: Any,
    counts: NDArray[np.int64],
) -> Floats:
    """Return the sums (batch, outputs) of a batch x (batch, lines) that converters drive and take.

    Parameters
    ----------
    weights, variance : (lines, outputs), the variance (1, 1) if all are alike. way : 0 forwards, 1 transposed.
    read : the Read, in memory. counts : get the sums that were beyond the range.
    """
    from insitu.kernels.converting import convert_batch, divided, driven_batch, joined

    x = np.ascontiguousarray(x, np.float32)
    driven, top, signs, mixed = driven_batch(x, float(read.of.dac))
    parts, some, most = divided(read.of, way, mixed)
    extra *= joined(read.of, way)
    if most == 1:
        signs[:] = 0
    out = np.zeros((len(x), weights.shape[1]), np.float32)
    noisy, by_cell = bool(extra or variance.size > 1 or variance[0, 0]), variance.size > 1
    at_once = max(_AT_ONCE // (parts * most * weights.shape[1]), 8)
    for first in range(0, len(x), at_once):
        some_of = slice(first, first + at_once)
        shown = driven[some_of]
        if most > 1:
            shown = np.concatenate([np.maximum(shown, 0), np.minimum(shown, 0)])
        sums = _by_part(shown, weights, parts, some)
        spread = np.empty((0, 0, 0), np.float32)
        if noisy:
            squares = shown * shown
            if by_cell:
                spread = _by_part(squares, variance, parts, some)
            else:
                spread = np.empty_like(sums)
                spread[:] = (
                    np.add.reduceat(squares, range(0, weights.shape[0], some), axis=1).T[..., None] * variance[0, 0]
                )
            if extra:
                of_circuits = np.float32(extra) / np.where(signs[some_of] == 2, 2, 1).astype(np.float32)
                spread += np.tile(of_circuits, most)[:, None]
        convert_batch(
            sums, spread, signs[some_of], top[some_of], numbers[some_of], turn, way, read.address, counts, out[some_of]
        )
    return out


def _by_part(x: Floats, matrix: Floats, parts: int, some: int) -> Floats:
    """Return the sums (parts, batch, outputs) of inputs x (batch, lines), ``some`` lines a part, fewer in the last."""
    sums = np.empty((parts, len(x), matrix.shape[1]), np.float32)
    full = x.shape[1] // some
    of, matrices = x[:, : full * some].reshape(len(x), full, some), matrix[: full * some].reshape(full, some, -1)
    np.matmul(of.swapaxes(0, 1), matrices, out=sums[:full])
    if full < parts:
        np.matmul(x[:, full * some :], matrix[full * some :], out=sums[full])
    return sums
