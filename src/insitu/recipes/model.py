"""The network of a finished run, to be asked about new images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.building import arranged
from insitu.datasets.scaling import Scaling
from insitu.errors import InputError, RunError
from insitu.networks.stack import Stack
from insitu.runs import RunFolder, load_checkpoint


@dataclass(frozen=True)
class Model:
    """What a run has learned.

    Parameters
    ----------
    network : as it was when learning ended.
    predict : from images (n, pixels), (n, height, width) or (n, height, width, colours), or rows of a table (n, features), as
        they are in the data of the run, to the label of each, (n,). The noise of its reads follows from the example, so an
        answer does not depend on the others.
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


def pixels(X: Any, count: int) -> NDArray[np.float32]:
    """Return features from 0 to 255, (n, count); InputError if they are not images of the run's size and scale."""
    images = np.asarray(X)
    if images.dtype.kind not in "uifb" or images.ndim < 2 or images[:1].size not in (0, count):
        raise InputError(
            f"X: got {images.dtype} of shape {images.shape}; allowed are images (n, {count}) of {count} pixels"
        )
    images = images.reshape(len(images), count)
    if not ((images >= 0) & (images <= 255)).all():
        raise InputError("X: holds pixels below 0, above 255 or not finite; allowed are those from 0 to 255")
    return images.astype(np.float32)


def of_data(model: Model, data: Mapping[str, Any]) -> Model:
    """Return a model that takes new data as the file of the run has them, and answers with its labels.

    Parameters
    ----------
    data : of the manifest of the run, :meth:`insitu.datasets.Dataset.record`.
    """
    names, scaling = data.get("names"), Scaling.of(data["scaling"]) if "scaling" in data else None
    if not names:
        return model

    def predict(X: Any) -> NDArray[Any]:
        answers = model.predict(_features(X, scaling))
        return np.asarray(np.array(names)[answers])

    return Model(model.network, predict)


def _features(X: Any, scaling: Scaling | None) -> NDArray[Any]:
    """Return X as (n, features), scaled as the data of the run were; InputError if that cannot be."""
    X = np.asarray(X)
    if X.dtype.kind not in "uifb" or X.ndim not in (2, 3, 4):
        raise InputError(
            f"X: got {X.dtype} of shape {X.shape}; allowed are numbers (n, features), as in the data of the run"
        )
    rows = arranged(X)[0]
    if scaling is None:
        return rows
    if scaling.low.size not in (1, rows.shape[1]):
        raise InputError(
            f"X: got {rows.shape[1]} features; allowed are {scaling.low.size}, those that the run learned from"
        )
    if not np.isfinite(rows).all():
        raise InputError("X: holds NaN or infinity; allowed are finite numbers")
    return scaling(rows)
