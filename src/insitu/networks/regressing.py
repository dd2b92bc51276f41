"""What regressors share: numbers as targets, and what outputs are relative to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from insitu.errors import InputError
from insitu.networks.estimating import require_scale, validated


@dataclass(frozen=True)
class Standard:
    """What the outputs of a regressor are relative to: ``y = mean + spread output``.

    Parameters
    ----------
    mean, spread : (outputs,); the spread of a target that is always the same is 1. flat : whether targets are (n,).
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    flat: bool

    @classmethod
    def of(cls, y: NDArray[np.float64]) -> Standard:
        """Return that of targets (n,) or (n, outputs)."""
        columns, flat = y.reshape(len(y), -1), y.ndim == 1
        spread = columns.std(axis=0)
        return cls(columns.mean(axis=0), np.where(spread > 0, spread, 1.0), flat)

    @property
    def outputs(self) -> int:
        """How many numbers are predicted for an example."""
        return self.mean.size

    def inward(self, y: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the wanted outputs (n, outputs) for targets; InputError if their number is another one than at first."""
        columns = y.reshape(len(y), -1)
        if columns.shape[1] != self.outputs:
            raise InputError(f"y: got {columns.shape[1]} numbers an example; at the first call it was {self.outputs}")
        return ((columns - self.mean) / self.spread).astype(np.float32)

    def outward(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the targets for outputs (n, outputs)."""
        y = self.mean + self.spread * outputs
        return y[:, 0] if self.flat else y


class Regressor(RegressorMixin):
    """One number an example, or several."""

    standard_: Standard

    def _wanted(self, X: Any, y: Any, first: bool) -> tuple[Any, NDArray[np.float32], int]:
        """Return features, wanted outputs (n, outputs) and their number; of the first data also keep the standard."""
        X, y = checked_numbers(self, X, y, reset=first)
        if first:
            self.standard_ = Standard.of(y)
        return X, self.standard_.inward(y), self.standard_.outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def checked_numbers(model: Any, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray[np.float64]]:
    """Return features and targets (n,) or (n, outputs), finite numbers both, as scikit-learn checks them."""
    X, y = validated(model, X, y, reset=reset, multi_output=True, y_numeric=True)
    y = np.asarray(y, float)
    require_scale("y", y, "scale the targets")
    return X, y
