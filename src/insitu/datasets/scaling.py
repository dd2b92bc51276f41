"""From the numbers of a file to features of one scale, learned on the training part alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL = 255.0  #: the largest feature


@dataclass(frozen=True, eq=False)
class Scaling:
    """A range of numbers that becomes 0 to 255; what is beyond it is clipped, as a converter would.

    Parameters
    ----------
    low, high : (features,), or (1,) for one range of all; a feature that never changes becomes 0.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def learned(cls, X: NDArray[Any], *, each: bool) -> Scaling:
        """Return the range of each feature of X (n, features), or that of all of them together."""
        low, high = (ends.astype(np.float64).reshape(-1) for ends in (X.min(axis=0), X.max(axis=0)))
        return cls(low, high) if each else cls(low.min(keepdims=True), high.max(keepdims=True))

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Scaling:
        """Return what :meth:`as_dict` described."""
        return cls(*(np.array(record[name], np.float64) for name in ("low", "high")))

    def as_dict(self) -> dict[str, list[float]]:
        """Return the range as JSON types."""
        return {"low": self.low.tolist(), "high": self.high.tolist()}

    def __call__(self, X: NDArray[Any]) -> NDArray[np.float32]:
        """Return the features (n, features), 0 to 255, of X (n, features)."""
        span = np.where(self.high > self.low, self.high - self.low, np.inf)
        out = np.empty(X.shape, np.float32)
        for first in range(0, len(X), 4096):  # double precision of a part at a time
            part = slice(first, first + 4096)
            out[part] = np.clip((X[part] - self.low) / span, 0, 1) * FULL
        return out
