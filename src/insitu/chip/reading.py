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
