"""The layered network of energy as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import require_kind, require_whole
from insitu.learning.pruning import Pruning
from insitu.networks.energy import RESTLESS, EnergyNetwork, EnergyRule
from insitu.networks.estimating import (
    Counted,
    checked_labels,
    device_or_ideal,
    require_layers,
    validated,
    warn_unsettled,
)
from insitu.networks.seeding import seed_of
from insitu.networks.units import Floats
from insitu.random import permutation
from insitu.schemes import Scheme


class EnergyClassifier(Counted[EnergyNetwork], ClassifierMixin, BaseEstimator):
    """A classifier that learns from activity differences on crossbars (the two-layer network of Yi et al. 2022).

    Inputs are clamped, the network relaxes freely, then with its outputs at (or nudged to) the label; the difference of the
    two changes the weights locally. No error is propagated back.

    Parameters
    ----------
    hidden : units of each hidden layer.
    epochs : passes over the data in ``fit``; batch : examples an update.
    rule : None is the default of :class:`insitu.networks.energy.EnergyRule`. Its rate falls linearly to 0 over ``fit`` and
        stays constant in ``partial_fit``.
    device : None is ideal tantalum oxide. encoding : None is a pair of weights -1 to 1.
    scheme : how wanted changes reach the devices; None is write-verify. chip : circuits and time; None is the default.
    pruning : takes weights out of learning by the number of examples; None is no pruning.
    test_steps : updates of each layer in ``predict``.
    random_state : an integer seed reproduces every number.

    Attributes
    ----------
    network_ : the network, with ``network_.layers[i]`` (its cells, weights, write counts).
    classes_ : the labels. scale_ : features are divided by it, the largest magnitude in the first data seen.
    counts_, listening_counts_ : events of learning and of predicting (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(EnergyClassifier(random_state=0).fit(X, y).score(X, y) > 0.9)
    True
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (32,),
        *,
        epochs: int = 100,
        batch: int = 32,
        rule: EnergyRule | None = None,
        device: Device | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        pruning: Pruning | None = None,
        test_steps: int = 20,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
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

    def fit(self, X: Any, y: Any) -> EnergyClassifier:
        """Learn X (n, features) with labels y (n,), from scratch."""
        X, y = self._check(X, y, reset=True)
        self.classes_ = checked_labels(y, None)
        self._build(X)
        total = self.epochs * -(-len(X) // self.batch)
        rate = self.network_.rule.learning.rate
        for epoch in range(self.epochs):
            order = permutation(self.seed_, len(X), epoch)
            for start in range(0, len(X), self.batch):
                self._learn(X, y, order[start : start + self.batch], rate * (1 - self.updates_ / total))
        self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> EnergyClassifier:
        """Learn X once, in the given order, from where the network stands.

        ``classes`` lists all labels at the first call, if that call does not hold each of them.
        """
        first = not hasattr(self, "network_")
        X, y = self._check(X, y, reset=first)
        self.classes_ = checked_labels(y, None if first else self.classes_, classes)
        if first:
            self._build(X)
        for start in range(0, len(X), self.batch):
            part = np.arange(start, min(start + self.batch, len(X)))
            self._learn(X, y, part, self.network_.rule.learning.rate)
        self._warn()
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of X; warns where examples do not settle."""
        outputs, moved = self._settle(X)
        remedy = "raise test_steps, or lower rule.gain"
        warn_unsettled(int((moved > RESTLESS).sum()), len(moved), remedy)
        return np.asarray(self.classes_[outputs.argmax(axis=1)])

    def activities(self, X: Any) -> Floats:
        """Return the activity of each output unit (n, classes) once the network has settled."""
        return self._settle(X)[0]

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _build(self, X: NDArray[Any]) -> None:
        require_whole("epochs", self.epochs, 1)
        require_whole("batch", self.batch, 1)
        require_whole("test_steps", self.test_steps, 1)
        require_layers(self.hidden, "(32,)")
        self.seed_, self.updates_ = seed_of(self.random_state), 0
        self.scale_ = float(np.abs(X).max()) or 1.0
        rule = self.rule if self.rule is not None else EnergyRule()
        require_kind("rule", rule, EnergyRule, "for example EnergyRule()")
        sizes = (X.shape[1], *self.hidden, len(self.classes_))
        device = device_or_ideal(self.device)
        made_of = {name: getattr(self, name) for name in ("scheme", "encoding", "chip", "pruning")}
        self.network_ = EnergyNetwork(device, sizes, rule, seed=self.seed_, **made_of)

    def _learn(self, X: NDArray[Any], y: NDArray[Any], part: NDArray[np.intp], rate: float) -> None:
        wanted = (y[part][:, None] == self.classes_).astype(np.float32)
        self.network_.learn((X[part] / self.scale_).astype(np.float32), wanted, rate)
        self.updates_ += 1

    def _settle(self, X: Any) -> tuple[Floats, Floats]:
        check_is_fitted(self, "network_")
        X = validated(self, X, reset=False).astype(float)
        return self.network_.respond((X / self.scale_).astype(np.float32), self.test_steps)
