"""Patches of images, as the rows of one matrix, and what goes back to the pixels from them."""

from __future__ import annotations

import numpy as np

from insitu.arraytypes import Floats


def unfold(images: Floats, size: int, stride: int, padding: int = 0) -> Floats:
    """Return the patches (n, high, wide, size, size, maps) of images (n, height, width, maps), zeros around them."""
    if padding:
        images = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    # a copy even where all lie in order already: compiled kernels treat a view that is read-only as another type
    return np.array(windows[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3), order="C")


def fold(patches: Floats, shape: tuple[int, ...], stride: int, padding: int = 0) -> Floats:
    """Return images (n, *shape) of which each pixel is the sum of all that patches hold of it: the transpose of unfold."""
    from insitu.kernels.folding import add_patches

    n, high, wide, size = patches.shape[:4]
    height, width, maps = shape
    out = np.zeros((n, height + 2 * padding, (width + 2 * padding) * maps), np.float32)
    rows = np.ascontiguousarray(patches, np.float32).reshape(n, high, wide, size, size * maps)
    add_patches(rows, stride, maps, out)
    images = out.reshape(n, height + 2 * padding, width + 2 * padding, maps)
    return images[:, padding : padding + height, padding : padding + width]
