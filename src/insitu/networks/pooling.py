"""Pools of maps: the largest or the mean of each patch, digital, and what goes back through them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.networks.layers import Pool, Shape


def pool(x: Floats, how: Pool, counts: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int16] | None]:
    """Return the pooled maps (n, high, wide, maps) of x (n, height, width, maps), and which pixel of each patch was the
    largest, by rows, of the same shape; None of a mean. ``counts`` get the comparisons, or the sums and the division.
    """
    from insitu.kernels.state import DIGITAL_OPS

    first, *others = (x[pixel] for pixel in _pixels(how, x.shape[1:3]))
    out = np.array(first)
    counts[DIGITAL_OPS] += out.size * (len(others) + (how.how == "mean"))
    if how.how == "mean":
        for other in others:
            out += other
        out /= np.float32(how.size**2)
        return out, None
    which = np.zeros(out.shape, np.int16)
    for place, other in enumerate(others, 1):
        np.copyto(which, np.int16(place), where=other > out)
        np.maximum(out, other, out=out)
    return out, which


def unpool(d: Floats, how: Pool, shape: Shape, which: NDArray[np.int16] | None, counts: NDArray[np.int64]) -> Floats:
    """Return what goes back (n, *shape) of d (n, high, wide, maps): to the largest, or to all of a patch alike."""
    from insitu.kernels.state import DIGITAL_OPS

    out = np.zeros((len(d), *shape), np.float32)
    if which is None:
        d = d / np.float32(how.size**2)
        counts[DIGITAL_OPS] += d.size
    for place, pixel in enumerate(_pixels(how, shape[:2])):
        out[pixel] += d if which is None else d * (which == place)
    return out


def _pixels(how: Pool, sides: tuple[int, ...]) -> list[tuple[slice, ...]]:
    """Return where each pixel of a patch stands, of all patches (n, high, wide, maps) at once, row by row."""
    step = how.stride or how.size
    last = [(side - how.size) // step * step for side in sides]
    starts = [(i, j) for i in range(how.size) for j in range(how.size)]
    return [
        (slice(None), *(slice(i, i + end + 1, step) for i, end in zip(start, last, strict=True))) for start in starts
    ]
