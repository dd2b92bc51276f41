"""Looking at a network without charging the hardware for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray


@contextmanager
def uncounted(*ledgers: NDArray[np.int64]) -> Iterator[None]:
    """Put these counts of events back as they were, however the block ends.

    Figures and progress curves are for people; a chip that learns does not draw them.

    Parameters
    ----------
    ledgers : each a vector of counts, for example ``network.array.counts``.
    """
    before = [ledger.copy() for ledger in ledgers]
    try:
        yield
    finally:
        for ledger, counts in zip(ledgers, before, strict=True):
            ledger[:] = counts
