"""Each example to a mean of 0 and a variance of 1, digital, and what goes back through it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats

_EPSILON = np.float32(1e-5)  #: added to the variance, so that an image of one grey divides by something
_EACH = 3  # operations of a group: the division of a mean, that of the variance with epsilon, the root
_FORWARD, _BACK = 5, 7  # of a number: to the mean, from it, the square, to the variance, the scale; see back


def normalise(x: Floats, groups: int, counts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return x (n, ..., maps), each example and group of maps to mean 0 and variance 1, and by what (n, groups, 1) they were
    multiplied. ``counts`` get the operations.
    """
    from insitu.kernels.state import DIGITAL_OPS

    parts = _dealt(x, groups)
    centred = parts - parts.mean(axis=2, keepdims=True)
    variance = np.square(centred).mean(axis=2, keepdims=True)
    scale = 1 / np.sqrt(variance + _EPSILON)
    centred *= scale
    counts[DIGITAL_OPS] += _FORWARD * x.size + _EACH * scale.size
    return _back_in_place(centred, x.shape), scale


def unnormalise(d: Floats, y: Floats, scale: Floats, counts: NDArray[np.int64]) -> Floats:
    """Return what goes back (n, ..., maps) of d, where y and ``scale`` are what :func:`normalise` returned:
    ``scale (d - mean(d) - y mean(d y))``."""
    from insitu.kernels.state import DIGITAL_OPS

    groups = scale.shape[1]
    back, out = _dealt(d, groups), _dealt(y, groups)
    along = (back * out).mean(axis=2, keepdims=True)
    found = (back - back.mean(axis=2, keepdims=True) - out * along) * scale
    counts[DIGITAL_OPS] += _BACK * d.size + 2 * scale.size
    return _back_in_place(found, d.shape)


def _dealt(x: Floats, groups: int) -> Floats:
    """Return x (n, ..., maps) as (n, groups, numbers), in order in memory: a sum is then the same whatever n is."""
    n, maps = len(x), x.shape[-1]
    dealt = x.reshape(n, -1, groups, maps // groups).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(dealt).reshape(n, groups, -1)


def _back_in_place(parts: Floats, shape: tuple[int, ...]) -> Floats:
    """Return what :func:`_dealt` made of something of that shape, in that shape."""
    n, groups, _ = parts.shape
    found = parts.reshape(n, groups, -1, shape[-1] // groups).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(found).reshape(shape)
