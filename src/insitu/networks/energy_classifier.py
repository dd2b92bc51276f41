"""The layered network of energy as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from insitu.cells import Encoding
from insitu.devices.base import Device
from insitu.errors import InputError, require_whole
from insitu.ledger import Counts
from insitu.networks.energy import RESTLESS, EnergyNetwork, EnergyRule
from insitu.networks.estimating import device_or_ideal, warn_unsettled
from insitu.networks.seeding import seed_of
from insitu.networks.units import Floats
from insitu.random import permutation


class EnergyClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that learns from activity differences on crossbars (the two-layer network of Yi et al. 2022).

    Inputs are clamped, the network relaxes freely, then with its outputs at (or nudged to) the label; the difference of the
    two changes the weights locally. No error is propagated back.

    Parameters
    ----------
    hidden : units of each hidden layer.
    epochs : passes over the data in ``fit``; batch : examples an update.
    rule : None is the default of :class:`insitu.networks.energy.EnergyRule`. Its rate falls linearly to 0 over ``fit`` and
        stays constant in ``partial_fit``.
    device : None is ideal tantalum oxide. encoding : None is a differential pair of weights -1 to 1.
    test_steps : updates of each layer in ``predict``.
    random_state : an integer seed reproduces every number.

    Attributes
    ----------
    network_ : the network, with ``network_.layers[i].array`` (its cells, weights, write counts).
    classes_ : the labels. scale_ : features are divided by it, the largest magnitude in the first data seen.
    counts_ : events so far, :class:`insitu.ledger.Counts`.

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
        encoding: Encoding | None = None,
        test_steps: int = 20,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.batch = batch
        self.rule = rule
        self.device = device
        self.encoding = encoding
        self.test_steps = test_steps
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> EnergyClassifier:
        """Learn X (n, features) with labels y (n,), from scratch."""
        X, y = self._check(X, y, reset=True)
        self.classes_ = unique_labels(y)
        self._build(X)
        total = self.epochs * -(-len(X) // self.batch)
        rate = self.network_.rule.learning.rate
        for epoch in range(self.epochs):
            order = permutation(self.seed_, len(X), epoch)
            for start in range(0, len(X), self.batch):
                self._learn(X, y, order[start : start + self.batch], rate * (1 - self.updates_ / total))
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> EnergyClassifier:
        """Learn X once, in the given order, from where the network stands.

        ``classes`` lists all labels at the first call, if that call does not hold each of them.
        """
        first = not hasattr(self, "network_")
        X, y = self._check(X, y, reset=first)
        if first:
            self.classes_ = unique_labels(y if classes is None else np.asarray(classes))
            self._build(X)
        if unknown := set(np.unique(y).tolist()) - set(self.classes_.tolist()):
            raise InputError(f"y: label(s) {sorted(unknown)} are not among the classes given at the first call")
        for start in range(0, len(X), self.batch):
            part = np.arange(start, min(start + self.batch, len(X)))
            self._learn(X, y, part, self.network_.rule.learning.rate)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of X; warns where examples do not settle."""
        outputs, moved = self._settle(X)
        remedy = "raise test_steps, or lower rule.gain"
        warn_unsettled(int((moved > RESTLESS).sum()), len(moved), remedy)
        return self.classes_[outputs.argmax(axis=1)]

    def activities(self, X: Any) -> Floats:
        """Return the activity of each output unit (n, classes) once the network has settled."""
        return self._settle(X)[0]

    @property
    def counts_(self) -> Counts:
        """Events so far, learning and prediction together."""
        check_is_fitted(self, "network_")
        return Counts.of(self.network_.counts)

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _check(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(self, X, y, reset=reset, dtype="numeric")
        check_classification_targets(y)
        return X.astype(float), y

    def _build(self, X: NDArray[Any]) -> None:
        require_whole("epochs", self.epochs, 1)
        require_whole("batch", self.batch, 1)
        require_whole("test_steps", self.test_steps, 1)
        for units in self.hidden:
            require_whole("hidden", units, 1)
        self.seed_, self.updates_ = seed_of(self.random_state), 0
        self.scale_ = float(np.abs(X).max()) or 1.0
        rule = self.rule if self.rule is not None else EnergyRule()
        sizes = (X.shape[1], *self.hidden, len(self.classes_))
        device = device_or_ideal(self.device)
        self.network_ = EnergyNetwork(device, sizes, rule, encoding=self.encoding, seed=self.seed_)

    def _learn(self, X: NDArray[Any], y: NDArray[Any], part: NDArray[np.intp], rate: float) -> None:
        wanted = (y[part][:, None] == self.classes_).astype(np.float32)
        self.network_.learn((X[part] / self.scale_).astype(np.float32), wanted, rate)
        self.updates_ += 1

    def _settle(self, X: Any) -> tuple[Floats, Floats]:
        check_is_fitted(self, "network_")
        X = validate_data(self, X, reset=False, dtype="numeric").astype(float)
        return self.network_.respond((X / self.scale_).astype(np.float32), self.test_steps)
