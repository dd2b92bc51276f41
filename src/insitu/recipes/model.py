"""The network of a finished run, to be asked about new images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, RunError
from insitu.networks.stack import Stack
from insitu.runs import RunFolder, load_checkpoint


@dataclass(frozen=True)
class Model:
    """What a run has learned.

    Parameters
    ----------
    network : as it was when learning ended.
    predict : from images (n, pixels) or (n, height, width), pixels from 0 to 255 as in the data of the run, to what each
        of them shows, (n,). The noise of its reads follows from the image, so an answer does not depend on the others.
    """

    network: Stack
    predict: Callable[[Any], NDArray[Any]]


def restored(network: Stack, folder: RunFolder, predict: Callable[[Any], NDArray[Any]]) -> Model:
    """Return a network with what the run in this folder had learned when it ended; RunError if it kept nothing."""
    found = load_checkpoint(folder)
    if found is None:
        raise RunError(f"{folder.path}: there is no checkpoint.bin, which holds what the network has learned")
    network.restore(found[0])
    return Model(network, predict)


def pixels(X: Any, count: int) -> NDArray[np.uint8]:
    """Return images as bytes (n, count); InputError if they are not images of the run's size and scale."""
    images = np.asarray(X)
    if images.dtype.kind not in "uifb" or images.ndim < 2 or images[:1].size not in (0, count):
        raise InputError(
            f"X: got {images.dtype} of shape {images.shape}; allowed are images (n, {count}) of {count} pixels"
        )
    images = images.reshape(len(images), count)
    if not ((images >= 0) & (images <= 255)).all():
        raise InputError("X: holds pixels below 0, above 255 or not finite; allowed are those from 0 to 255")
    return np.asarray(np.rint(images), np.uint8)
