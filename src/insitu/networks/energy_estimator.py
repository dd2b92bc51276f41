"""What estimators of layered networks of energy share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from insitu.arraytypes import Floats
from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import require_kind, require_whole
from insitu.learning.pruning import Pruning
from insitu.networks.energy import EnergyNetwork
from insitu.networks.energy_convolution import CONVOLUTIONAL, ConvolutionalEnergyNetwork
from insitu.networks.energy_rule import EnergyRule
from insitu.networks.estimating import Counted, device_or_ideal, require_layers, validated, warn_unsettled
from insitu.networks.layers import Dense, InArray, Layer, as_layers, shape_of, with_weights
from insitu.networks.relaxing import RESTLESS, Relaxing
from insitu.networks.seeding import seed_of
from insitu.random import permutation
from insitu.schemes import Scheme, WriteVerify


class EnergyEstimator(Counted[Relaxing], BaseEstimator):
    """A layered network that learns from activity differences on crossbars."""

    def __init__(
        self,
        hidden: Sequence[int | Layer] = (32,),
        *,
        image_shape: tuple[int, ...] | None = None,
        epochs: int = 100,
        batch: int = 32,
        rule: EnergyRule | None = None,
        device: Device | str | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        pruning: Pruning | None = None,
        test_steps: int = 20,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.image_shape = image_shape
        self.epochs = epochs
        self.batch = batch
        self.rule = rule
        self.device = device
        self.encoding = encoding
        self.scheme = scheme
        self.chip = chip
        self.pruning = pruning
        self.test_steps = test_steps
        self.random_state = random_state

    #: unless one is given
    _rule = EnergyRule()
    #: the same of networks with convolutions
    _convolutional = CONVOLUTIONAL

    def _fit(self, X: NDArray[Any], wanted: Floats, outputs: int) -> None:
        """Learn the wanted outputs (n, outputs) from scratch, at a rate that falls to 0."""
        self._build(X, outputs)
        total = self.epochs * -(-len(X) // self.batch)
        for epoch in range(self.epochs):
            order = permutation(self.seed_, len(X), epoch)
            for start in range(0, len(X), self.batch):
                self._learn(X, wanted, order[start : start + self.batch], 1 - self.updates_ / total)

    def _fit_more(self, X: NDArray[Any], wanted: Floats, outputs: int, first: bool) -> None:
        """Learn once, in the given order, from where the network stands."""
        if first:
            self._build(X, outputs)
        for start in range(0, len(X), self.batch):
            self._learn(X, wanted, np.arange(start, min(start + self.batch, len(X))), 1.0)

    def _build(self, X: NDArray[Any], outputs: int) -> None:
        require_whole("epochs", self.epochs, 1)
        require_whole("batch", self.batch, 1)
        require_whole("test_steps", self.test_steps, 1)
        self.seed_, self.updates_ = seed_of(self.random_state), 0
        self.scale_ = float(np.abs(X).max()) or 1.0
        layers = as_layers(self.hidden)
        dense = layers is None or all(isinstance(one, Dense) for one in layers)
        rule = self.rule if self.rule is not None else self._rule if dense else self._convolutional
        require_kind("rule", rule, EnergyRule, "for example EnergyRule()")
        given: dict[str, Any] = {"pruning": self.pruning, "seed": self.seed_}
        made_of = {name: getattr(self, name) for name in ("scheme", "encoding", "chip")}
        made_of["device"] = device_or_ideal(self.device)
        shape = shape_of(layers, self.image_shape, X.shape[1])
        if layers is not None:
            made_of["scheme"] = self.scheme if self.scheme is not None else WriteVerify()
            plan = [with_weights(one, lambda one: self._made(one, made_of)) for one in (*layers, Dense(outputs))]
            self.network_ = ConvolutionalEnergyNetwork(shape, plan, rule, **given)
            return
        require_layers(self.hidden, "(32,)")
        sizes = (X.shape[1], *self.hidden, outputs)
        self.network_ = EnergyNetwork(sizes=sizes, rule=rule, **given, **made_of)

    def _made(self, layer: InArray, made_of: dict[str, Any]) -> InArray:
        if isinstance(layer.chip, Chip):
            layer.chip.require_effect(self.chip_idle)
        return replace(layer, **layer.own(made_of))

    def _learn(self, X: NDArray[Any], wanted: Floats, part: NDArray[np.intp], decay: float) -> None:
        rate = self.network_.rule.learning.rate * decay
        self.network_.learn((X[part] / self.scale_).astype(np.float32), wanted[part], rate)
        self.updates_ += 1

    def _outputs(self, X: Any, *, warn: bool = False) -> Floats:
        """Return the activity of the outputs (n, outputs) once the network has settled; it may warn where it does not."""
        check_is_fitted(self, "network_")
        X = validated(self, X, reset=False).astype(float)
        outputs, moved = self.network_.respond((X / self.scale_).astype(np.float32), self.test_steps)
        if warn:
            remedy = "raise test_steps, or lower rule.gain"
            warn_unsettled(int((moved > RESTLESS).sum()), len(moved), remedy)
        return outputs
