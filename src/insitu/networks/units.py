"""Graded units: their activation, and the cost at the outputs."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats

Unit = Literal["tanh", "hard", "sigmoid", "softmax", "linear"]


def activate(kind: Unit, u: Floats) -> Floats:
    """Return the activity, which may overwrite u (batch, units).

    linear: u. tanh: tanh u. hard: u kept in [0, 1]. sigmoid: 1 / (1 + exp(-u)). softmax: over the units
    of a row, as one unit of many states.
    """
    if kind == "linear":
        return u
    if kind == "tanh":
        return np.tanh(u, out=u)
    if kind == "hard":
        return np.clip(u, 0, 1, out=u)
    if kind == "sigmoid":
        np.tanh(np.multiply(u, 0.5, out=u), out=u)
        u += 1
        u *= 0.5
        return u
    u -= u.max(axis=1, keepdims=True)
    np.exp(u, out=u)
    u /= u.sum(axis=1, keepdims=True)
    return u


def rest(kind: Unit, batch: int, units: int) -> Floats:
    """Return the activity (batch, units) at no drive."""
    return activate(kind, np.zeros((batch, units), np.float32))


def potential(kind: Unit, s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Phi(s), the integral of the inverse activation."""
    if kind in ("hard", "linear"):
        return s * s / 2
    if kind == "tanh":
        a, b = np.clip((1 + s) / 2, 1e-12, 1), np.clip((1 - s) / 2, 1e-12, 1)
        return a * np.log(a) + b * np.log(b)
    a = np.clip(s, 1e-12, 1)
    inner = a * np.log(a)
    if kind == "softmax":
        return inner
    b = np.clip(1 - s, 1e-12, 1)
    return inner + b * np.log(b)
