"""What perceptrons in memory share: what they take as images and as wanted outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.learning.backprop import Neurons
from insitu.networks.stack import Stack


class Layered(Stack, ABC):
    """A network from inputs to outputs that is trained by an error at the outputs.

    Attributes
    ----------
    inputs : features of an example. neurons : function and loss. seed : of all random numbers.
    """

    inputs: int
    neurons: Neurons
    seed: int

    def learn(
        self,
        images: NDArray[Any],
        wanted: NDArray[Any],
        rate: float,
        scale: float = 1.0,
        *,
        weight: NDArray[np.float64] | None = None,
    ) -> int:
        """Show images (n, inputs), times ``scale``, once, in order, learning; return how many were named before it.

        ``wanted`` are labels (n,), whole numbers, or outputs (n, outputs); ``weight`` (n,) multiplies the rate of each image.
        """
        self._check(images)
        wanted = self._checked(np.asarray(wanted), len(images))
        rates = np.full(len(images), float(rate)) if weight is None else rate * weight
        hits = self._show(images, wanted, rates, rate, scale)
        for layer in self.layers:
            layer.follow()
        return hits

    @abstractmethod
    def _show(
        self, images: NDArray[Any], wanted: NDArray[Any], rates: NDArray[np.float64], rate: float, scale: float
    ) -> int:
        """Do it for what was checked, with the rates (n,) of each image and that of all."""

    @abstractmethod
    def respond(self, images: NDArray[Any], scale: float = 1.0) -> NDArray[np.float32]:
        """Return the outputs (n, classes) for images (n, inputs), times ``scale``; with softmax, probabilities.

        The noise of a read follows from the image alone: an answer depends neither on the batch nor on what was asked
        before.
        """

    def _check(self, images: NDArray[Any]) -> None:
        inputs = self.inputs
        if images.ndim != 2 or images.shape[1] != inputs:
            raise InputError(
                f"images: got shape {images.shape}; allowed is (n, {inputs}), as the first layer has inputs"
            )
        if images.dtype.kind == "f" and not np.isfinite(images).all():
            raise InputError("images: hold NaN or infinity; allowed are finite numbers")

    def _targets(self, wanted: NDArray[Any]) -> NDArray[np.float32]:
        """Return the wanted outputs (n, outputs)."""
        return self.neurons.targets(wanted, self.layers[-1].columns) if wanted.ndim == 1 else wanted

    def _checked(self, wanted: NDArray[Any], n: int) -> NDArray[Any]:
        outputs = self.layers[-1].columns
        if wanted.dtype.kind == "f" and wanted.shape == (n, outputs) and np.isfinite(wanted).all():
            return np.ascontiguousarray(wanted, np.float32)
        whole = wanted.dtype.kind in "iu" and wanted.shape == (n,)
        if not whole or (n and not 0 <= wanted.min() <= wanted.max() < outputs):
            raise InputError(
                f"labels: allowed are {n} whole numbers from 0 to {outputs - 1}, one for each image, "
                f"or finite numbers ({n}, {outputs})"
            )
        return wanted.astype(np.int64)
