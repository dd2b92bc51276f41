"""The perceptron in memory as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from insitu.cells import MultiConductance
from insitu.errors import InputError, require_between, require_whole
from insitu.learning.backprop import Neurons
from insitu.learning.methods import Method
from insitu.learning.open_loop import OpenLoop
from insitu.ledger import Counts
from insitu.networks.perceptron import Perceptron
from insitu.networks.seeding import seed_of
from insitu.networks.twin import float_cell, float_method
from insitu.random import permutation


class CrossbarClassifier(ClassifierMixin, BaseEstimator):
    """Fully connected network trained by backpropagation inside the arrays that hold its weights.

    Parameters
    ----------
    hidden : neurons of each hidden layer.
    cell : devices of a weight, :class:`insitu.cells.MultiConductance`; None is floating point.
    method : how the wanted changes reach the devices, such as :class:`insitu.learning.OpenLoop`; None is blind
        pulses with transfers, or plain stochastic gradient descent where ``cell`` is None.
    neurons : function, loss and noise, :class:`insitu.learning.backprop.Neurons`.
    epochs : passes over the data in ``fit``.
    learning_rate, decay : the rate of epoch n is ``learning_rate * decay**n``. One example at a time, as on the chip.
    scale : features are multiplied by it; None is one over the largest magnitude in the first data seen.
    random_state : an integer seed reproduces the run, for any number of threads and any split of ``partial_fit``.

    Attributes
    ----------
    network_ : :class:`insitu.networks.perceptron.Perceptron`, with ``network_.layers``.
    classes_, counts_ : the labels, and the events so far (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = CrossbarClassifier((32,), epochs=5, random_state=0).fit(X[:1000], y[:1000])
    >>> bool(model.score(X[1000:], y[1000:]) > 0.8)
    True
    """

    def __init__(
        self,
        hidden: Sequence[int] = (250, 125),
        *,
        cell: MultiConductance | None = None,
        method: Method | None = None,
        neurons: Neurons | None = None,
        epochs: int = 20,
        learning_rate: float = 0.01,
        decay: float = 0.9,
        scale: float | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.cell = cell
        self.method = method
        self.neurons = neurons
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.decay = decay
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> CrossbarClassifier:
        """Learn from features X (n, features) and labels y (n,), from scratch."""
        X, y = self._check(X, y, reset=True)
        self.classes_ = unique_labels(y)
        self._build(X)
        labels = np.searchsorted(self.classes_, y)
        for epoch in range(self.epochs):
            order = permutation(self.network_.seed, len(X), epoch)
            self.network_.learn(X[order], labels[order], self._rate(epoch), self.scale_)
        if self.network_.outcome.warning:
            warnings.warn(self.network_.outcome.warning, stacklevel=2)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> CrossbarClassifier:
        """Learn from X and y once, in the given order, at the rate of the first epoch.

        ``classes`` lists all labels at the first call, if that call does not hold each of them.
        """
        first = not hasattr(self, "network_")
        X, y = self._check(X, y, reset=first)
        if first:
            self.classes_ = unique_labels(y if classes is None else np.asarray(classes))
        if unknown := set(np.unique(y).tolist()) - set(self.classes_.tolist()):
            raise InputError(f"y: label(s) {sorted(unknown)} are not among the classes given at the first call")
        if first:
            self._build(X)
        self.network_.learn(X, np.searchsorted(self.classes_, y), self._rate(0), self.scale_)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes): softmax, or outputs made to sum to 1."""
        check_is_fitted(self, "network_")
        X = validate_data(self, X, reset=False, dtype="numeric")
        scores = self.network_.respond(X, self.scale_).astype(np.float64)
        scores += 1e-30 - np.minimum(scores.min(axis=1, keepdims=True), 0.0)  # if all are 0, all are equally likely
        return scores / scores.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of features X (n, features)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    @property
    def counts_(self) -> Counts:
        """Events so far."""
        check_is_fitted(self, "network_")
        return self.network_.counts

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _rate(self, epoch: int) -> float:
        return float(self.learning_rate * self.decay**epoch)

    def _check(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(self, X, y, reset=reset, dtype="numeric")
        check_classification_targets(y)
        return X, y

    def _build(self, X: NDArray[Any]) -> None:
        require_whole("epochs", self.epochs, 1)
        require_between("learning_rate", self.learning_rate, 0, 1e3, optional=False)
        require_between("decay", self.decay, 0, 1, optional=False)
        require_between("scale", self.scale, 1e-30, 1e30)
        if isinstance(self.hidden, str) or not isinstance(self.hidden, Sequence):
            raise InputError(f"hidden: got {self.hidden!r}; allowed is a tuple of whole numbers, such as (250, 125)")
        if len(self.classes_) < 2:
            raise InputError("y: holds one class only; there is nothing to tell apart")
        largest = float(np.abs(X).max())
        self.scale_ = float(self.scale) if self.scale is not None else 1.0 / (largest or 1.0)
        method = self.method
        if method is None:
            method = OpenLoop() if self.cell is not None else float_method()
        self.network_ = Perceptron(
            (X.shape[1], *self.hidden, len(self.classes_)),
            self.cell if self.cell is not None else float_cell(),
            neurons=self.neurons if self.neurons is not None else Neurons(),
            method=method,
            seed=seed_of(self.random_state),
        )
