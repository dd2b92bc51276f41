"""Reads of whole batches: sums by BLAS, then the noise of cells and circuits.

The loops of networks that show one example at a time do the same in :mod:`insitu.kernels.reading`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def add_noise(
    out: Floats, x: Floats, variance: Floats, extra: float, numbers: NDArray[np.uint64], turn: int, read: Any
) -> None:
    """Add to sums (batch, outputs) of inputs x (batch, lines) the noise of one read, in place.

    An input between -1 and 1 is applied as two reads, of its positive and of its negative part; the variance of the sum is
    ``sum_i x_i**2 variance_ij`` either way.

    Parameters
    ----------
    variance : (lines, outputs) what a read of each weight at an input of 1 adds, or (1, 1) if all are alike.
    extra : variance of the circuits that read a line.
    numbers : (batch,) of the examples; turn : which of its reads: together the address of the noise.
    """
    from insitu.kernels.reading import add_noise_batch

    squares = x * x
    if variance.size > 1:
        spread = squares @ variance
    else:
        spread = np.repeat(squares.sum(axis=1, keepdims=True) * variance[0, 0], out.shape[1], axis=1)
    if extra:
        spread += np.float32(extra)
    add_noise_batch(out, np.ascontiguousarray(spread), numbers, turn, read)


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
    counts : get the sums that were beyond the range.
    """
    from insitu.kernels.converting import divided, quantised_batch, take_batch
    from insitu.kernels.lines import turn_of

    x = np.ascontiguousarray(x, np.float32)
    top = np.abs(x).max(axis=1)
    driven = quantised_batch(x, top, read.dac) if read.dac else x
    mixed = bool((x < 0).any() and (x > 0).any())
    parts, some, signs = divided(read, way, mixed)
    out = np.zeros((len(x), weights.shape[1]), np.float32)
    noisy = bool(extra or variance.size > 1 or variance[0, 0])
    for part in range(parts):
        lines = slice(part * some, (part + 1) * some)
        for second in range(signs):
            shown = driven[:, lines]
            if signs > 1:
                shown = np.minimum(shown, 0) if second else np.maximum(shown, 0)
            sums = shown @ weights[lines]
            if noisy:
                spread = variance[lines] if variance.size > 1 else variance
                add_noise(
                    sums, shown, spread, extra / signs, numbers, turn_of(turn, 2 * part + second, way, read), read
                )
            take_batch(sums, top, way, read, counts)
            out += sums
    return out
