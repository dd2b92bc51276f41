"""The perceptron in memory as a regressor of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.learning.backprop import Neurons
from insitu.networks.crossbar_estimator import CrossbarEstimator
from insitu.networks.estimating import as_it_was
from insitu.networks.regressing import Regressor


class CrossbarRegressor(Regressor, CrossbarEstimator):
    """Network with linear outputs, trained by gradient descent inside the arrays that hold its weights.

    Parameters
    ----------
    neurons : None is linear outputs, ``Neurons(loss="linear")``.
    hidden, image_shape, device, encoding, scheme, chip, feedback, pruning, epochs, learning_rate, decay, batch, scale,
        random_state : see :class:`CrossbarClassifier`.

    Attributes
    ----------
    network_ : see :class:`CrossbarClassifier`.
    standard_ : mean and spread of the targets in the first data seen, which outputs are relative to: with
        another first part, a split into calls of ``partial_fit`` learns something else.
    counts_, listening_counts_ : events of learning and of predicting (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = CrossbarRegressor((32,), random_state=0).fit(X[:300], y[:300])
    >>> bool(model.score(X[300:], y[300:]) > 0.3)
    True
    """

    _neurons = Neurons(loss="linear")

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> CrossbarRegressor:
        """Learn from features X (n, features) and numbers y (n,) or (n, outputs), from scratch.

        ``sample_weight`` (n,) multiplies the rate.
        """
        with as_it_was(self):
            self._fit(*self._wanted(X, y, True), sample_weight)
            self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> CrossbarRegressor:
        """Learn from X and y once, in the given order, at the rate of the first epoch."""
        with as_it_was(self):
            first = not hasattr(self, "network_")
            self._fit_more(*self._wanted(X, y, first), sample_weight, first)
            self._warn()
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the numbers (n,), or (n, outputs), for features X (n, features)."""
        outputs = self._outputs(X)
        return self.standard_.outward(outputs)
