"""From rows of an array back to images, and many images on one picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_pixels(values: NDArray[Any], mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return images (..., height, width) of one value an input (..., inputs); NaN where a pixel is no input.

    Parameters
    ----------
    mask : (height * width,) True where a pixel is an input.
    """
    images = np.full((*values.shape[:-1], mask.size), np.nan)
    images[..., mask] = values
    return images.reshape(*values.shape[:-1], *shape)


def tiled(tiles: NDArray[Any], columns: int, fill: float = 1.0) -> NDArray[Any]:
    """Return tiles (n, height, width, ...) side by side, row after row, with one pixel of ``fill`` between them."""
    n, height, width, *rest = tiles.shape
    rows = math.ceil(n / columns)
    frame = np.full((rows * columns, height + 1, width + 1, *rest), fill, tiles.dtype)
    frame[:n, :height, :width] = tiles
    frame = frame.reshape(rows, columns, height + 1, width + 1, *rest).swapaxes(1, 2)
    return frame.reshape(rows * (height + 1), columns * (width + 1), *rest)[:-1, :-1]


def pick_neurons(neuron_class: NDArray[np.integer], activity: NDArray[np.integer], limit: int) -> NDArray[np.intp]:
    """Return up to ``limit`` neurons, sorted by class and within a class by activity, as many of each class as possible.

    Every class gives its most active neuron first, then every class its second, and so on; neurons without a class (-1)
    come last.

    Parameters
    ----------
    neuron_class, activity : (neurons,), for example ``readout.neuron_class`` and ``readout.spikes.sum(axis=1)``.
    """
    group = np.where(neuron_class < 0, np.iinfo(np.int64).max, neuron_class)
    order = np.lexsort((np.arange(group.size), -np.asarray(activity, np.int64), group))
    group = group[order]
    rank = np.arange(group.size) - np.searchsorted(group, group)
    rank[neuron_class[order] < 0] += group.size
    return order[np.sort(np.argsort(rank, kind="stable")[:limit])]
