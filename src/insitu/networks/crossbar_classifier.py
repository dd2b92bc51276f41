"""The perceptron in memory as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import require_between, require_kind, require_whole
from insitu.learning.backprop import Feedback, Neurons
from insitu.learning.pruning import Pruning
from insitu.networks.estimating import Counted, checked_labels, require_layers, validated
from insitu.networks.perceptron import Perceptron
from insitu.networks.seeding import seed_of
from insitu.networks.twin import float_twin
from insitu.random import permutation
from insitu.schemes import BlindPulses, Scheme


class CrossbarClassifier(Counted[Perceptron], ClassifierMixin, BaseEstimator):
    """Fully connected network trained by gradient descent inside the arrays that hold its weights.

    Parameters
    ----------
    hidden : neurons of each hidden layer.
    device : of all arrays; None, with no encoding either, is floating point, or ideal cells if a scheme is given.
    encoding : how devices make a weight; None is a pair. scheme : how wanted changes reach the devices; None is blind pulses.
    chip : circuits and time; None is the default.
    neurons : function and loss, :class:`insitu.learning.backprop.Neurons`.
    feedback : how the error goes back; None is backpropagation, see :mod:`insitu.learning.backprop`.
    pruning : takes weights out of learning by the number of examples, such as :class:`insitu.learning.SoftPruning`.
    epochs : passes over the data in ``fit``.
    learning_rate, decay : the rate of epoch n is ``learning_rate * decay**n``. One example at a time, as on the chip.
    scale : features are multiplied by it; None is one over the largest magnitude in the first data seen.
    random_state : an integer seed reproduces the run, for any number of threads and any split of ``partial_fit``.

    Attributes
    ----------
    network_ : :class:`insitu.networks.perceptron.Perceptron`, with ``network_.layers``.
    classes_ : the labels. counts_, listening_counts_ : events of learning and of predicting (:class:`insitu.ledger.Counts`).

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
        device: Device | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        neurons: Neurons | None = None,
        feedback: Feedback | None = None,
        pruning: Pruning | None = None,
        epochs: int = 20,
        learning_rate: float = 0.01,
        decay: float = 0.9,
        scale: float | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
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
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> CrossbarClassifier:
        """Learn from features X (n, features) and labels y (n,), from scratch."""
        X, y = self._check(X, y, reset=True)
        self.classes_ = checked_labels(y, None)
        self._build(X)
        labels = np.searchsorted(self.classes_, y)
        for epoch in range(self.epochs):
            order = permutation(self.network_.seed, len(X), epoch)
            self.network_.learn(X[order], labels[order], self._rate(epoch), self.scale_)
        self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> CrossbarClassifier:
        """Learn from X and y once, in the given order, at the rate of the first epoch.

        ``classes`` lists all labels at the first call, if that call does not hold each of them.
        """
        first = not hasattr(self, "network_")
        X, y = self._check(X, y, reset=first)
        self.classes_ = checked_labels(y, None if first else self.classes_, classes)
        if first:
            self._build(X)
        self.network_.learn(X, np.searchsorted(self.classes_, y), self._rate(0), self.scale_)
        self._warn()
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes): softmax, or outputs made to sum to 1."""
        check_is_fitted(self, "network_")
        X = validated(self, X, reset=False)
        scores = self.network_.respond(X, self.scale_).astype(np.float64)
        scores += 1e-30 - np.minimum(scores.min(axis=1, keepdims=True), 0.0)  # if all are 0, all are equally likely
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of features X (n, features)."""
        best: NDArray[np.intp] = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _rate(self, epoch: int) -> float:
        return float(self.learning_rate * self.decay**epoch)

    def _build(self, X: NDArray[Any]) -> None:
        require_whole("epochs", self.epochs, 1)
        require_between("learning_rate", self.learning_rate, 0, 1e3, optional=False)
        require_between("decay", self.decay, 0, 1, optional=False)
        require_between("scale", self.scale, 1e-30, 1e30)
        require_layers(self.hidden, "(250, 125)")
        largest = float(np.abs(X).max())
        self.scale_ = float(self.scale) if self.scale is not None else 1.0 / (largest or 1.0)
        made_of: dict[str, Any] = {"device": self.device, "encoding": self.encoding}
        made_of["scheme"] = self.scheme if self.scheme is not None else BlindPulses()
        require_kind("scheme", made_of["scheme"], Scheme, "for example BlindPulses()")
        if self.device is None and self.encoding is None:
            made_of = float_twin()
            if self.scheme is not None and not self.scheme.exact:
                made_of |= {"encoding": None, "scheme": self.scheme}
        self.network_ = Perceptron(
            sizes=(X.shape[1], *self.hidden, len(self.classes_)),
            neurons=self.neurons if self.neurons is not None else Neurons(),
            feedback=self.feedback,
            chip=self.chip,
            pruning=self.pruning,
            seed=seed_of(self.random_state),
            **made_of,
        )
