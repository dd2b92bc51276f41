"""What estimators of perceptrons in memory share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from insitu.cells import Encoding, MultiConductance
from insitu.cells.levels import check_encoding
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.devices.loading import named
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.learning.backprop import Feedback, Neurons
from insitu.learning.pruning import Pruning
from insitu.networks.convolution import ConvolutionalPerceptron
from insitu.networks.estimating import Counted, require_layers, validated
from insitu.networks.layered import Layered
from insitu.networks.layers import Dense, InArray, Layer, as_layers, shape_of, with_weights
from insitu.networks.perceptron import Perceptron
from insitu.networks.seeding import seed_of
from insitu.networks.twin import float_twin
from insitu.random import permutation
from insitu.schemes import BlindPulses, Scheme


class CrossbarEstimator(Counted[Layered], BaseEstimator):
    """A network that is trained by gradient descent inside the arrays that hold its weights."""

    def __init__(
        self,
        hidden: Sequence[int | Layer] = (250, 125),
        *,
        image_shape: tuple[int, ...] | None = None,
        device: Device | str | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        neurons: Neurons | None = None,
        feedback: Feedback | None = None,
        pruning: Pruning | None = None,
        epochs: int = 20,
        learning_rate: float = 0.01,
        decay: float = 0.9,
        batch: int = 1,
        scale: float | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.image_shape = image_shape
        self.device = device
        self.encoding = encoding
        self.scheme = scheme
        self.chip = chip
        self.neurons = neurons
        self.feedback = feedback
        self.pruning = pruning
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.decay = decay
        self.batch = batch
        self.scale = scale
        self.random_state = random_state

    #: of the outputs, unless ``neurons`` are given
    _neurons = Neurons()

    def _fit(self, X: NDArray[Any], wanted: NDArray[Any], outputs: int, weight: Any) -> None:
        """Learn from scratch, what is ``wanted`` being labels (n,) or outputs (n, outputs)."""
        weights = self._weights(X, weight)
        self._build(X, outputs)
        for epoch in range(self.epochs):
            order = permutation(self.network_.seed, len(X), epoch)
            of = None if weights is None else weights[order]
            self.network_.learn(X[order], wanted[order], self._rate(epoch), self.scale_, weight=of)

    def _fit_more(self, X: NDArray[Any], wanted: NDArray[Any], outputs: int, weight: Any, first: bool) -> None:
        """Learn once, in the given order, at the rate of the first epoch."""
        weights = self._weights(X, weight)
        if first:
            self._build(X, outputs)
        self.network_.learn(X, wanted, self._rate(0), self.scale_, weight=weights)

    def _outputs(self, X: Any) -> NDArray[np.float64]:
        """Return the outputs (n, outputs) for features X (n, features)."""
        check_is_fitted(self, "network_")
        X = validated(self, X, reset=False)
        return self.network_.respond(X, self.scale_).astype(np.float64)

    def _weights(self, X: NDArray[Any], weight: Any) -> NDArray[np.float64] | None:
        if weight is None:
            return None
        weights: NDArray[np.float64] = _check_sample_weight(weight, X, dtype=np.float64)
        if (weights < 0).any():
            raise InputError(
                f"sample_weight: got {weights.min():g}; allowed are numbers from 0, of which 0 teaches nothing"
            )
        return weights

    def _rate(self, epoch: int) -> float:
        return float(self.learning_rate * self.decay**epoch)

    def _build(self, X: NDArray[Any], outputs: int) -> None:
        require_whole("epochs", self.epochs, 1)
        require_between("learning_rate", self.learning_rate, 0, 1e3, optional=False)
        require_between("decay", self.decay, 0, 1, optional=False)
        require_between("scale", self.scale, 1e-30, 1e30)
        require_whole("batch", self.batch, 1)
        largest = float(np.abs(X).max())
        self.scale_ = float(self.scale) if self.scale is not None else 1.0 / (largest or 1.0)
        options: dict[str, Any] = {
            "neurons": self.neurons if self.neurons is not None else self._neurons,
            "feedback": self.feedback,
            "pruning": self.pruning,
            "seed": seed_of(self.random_state),
        }
        layers = as_layers(self.hidden)
        shape = shape_of(layers, self.image_shape, X.shape[1])
        if layers is not None:
            plan = [with_weights(one, self._made) for one in (*layers, Dense(outputs))]
            self.network_ = ConvolutionalPerceptron(shape, plan, batch=self.batch, **options)
            return
        require_layers(self.hidden, "(250, 125)")
        if self.batch != 1:
            raise InputError(
                f"batch: got {self.batch!r}, but layers of neurons alone learn one example at a time; leave it out, or put "
                "a Conv, Pool or Dense of insitu.networks.layers into hidden"
            )
        sizes = (X.shape[1], *self.hidden, outputs)
        self.network_ = Perceptron(sizes=sizes, **self._made_of(None), **options)

    def _made_of(self, layer: InArray | None) -> dict[str, Any]:
        """Return device, encoding, scheme and chip of all layers, or of one that may have its own."""
        given: dict[str, Any] = {name: getattr(self, name) for name in ("encoding", "scheme", "chip")}
        given["device"] = named(self.device)
        if layer is not None:
            given = layer.own(given)
            if isinstance(layer.chip, Chip):
                layer.chip.require_effect(self.chip_idle)
        made_of = given | {"scheme": given["scheme"] if given["scheme"] is not None else BlindPulses()}
        require_kind("scheme", made_of["scheme"], Scheme, "for example BlindPulses()")
        if made_of["encoding"] is not None:
            check_encoding(made_of["encoding"])
        if given["device"] is None and given["encoding"] is None:
            made_of |= float_twin()
            if given["scheme"] is not None and not given["scheme"].exact:
                made_of |= {"encoding": None, "scheme": given["scheme"]}
        return made_of

    def _made(self, layer: InArray) -> InArray:
        return replace(layer, **self._made_of(layer))
