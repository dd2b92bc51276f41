"""The range of an ADC, learned from how large the sums are that it sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def edges() -> NDArray[np.float64]:
    """Return the upper edge (bins,) of each bin of :mod:`insitu.kernels.converting`: eight an octave, from 2**-32 on."""
    from insitu.kernels.converting import BINS, FIRST

    upper = (np.arange(FIRST + 1, FIRST + 1 + BINS) << 20).astype(np.int32)
    return upper.view(np.float32).astype(float)


def learned(sums: NDArray[np.int64], quantile: float) -> float:
    """Return the range within which this part of the sums seen lies, ``sums`` (bins,) of each size; 0.0 if none was seen."""
    total = np.cumsum(sums)
    if not total[-1]:
        return 0.0
    return float(edges()[np.searchsorted(total, quantile * total[-1])])
