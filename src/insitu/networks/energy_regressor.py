"""The layered network of energy as a regressor of scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.networks.energy_convolution import CONVOLUTIONAL
from insitu.networks.energy_estimator import EnergyEstimator
from insitu.networks.energy_rule import EnergyRule
from insitu.networks.estimating import as_it_was
from insitu.networks.regressing import Regressor


class EnergyRegressor(Regressor, EnergyEstimator):
    """A regressor that learns from activity differences on crossbars: outputs are linear units, held at what is wanted.

    Parameters
    ----------
    rule : None is ``EnergyRule(output="linear", gain=1.0)``: with linear outputs, which nothing bounds, a larger gain gives
        free relaxations several ends. With convolutions, the rule of the classifier with linear outputs, this gain, and half
        of its rate.
    hidden, image_shape, epochs, batch, device, encoding, scheme, chip, pruning, test_steps, random_state : see
        :class:`EnergyClassifier`.

    Attributes
    ----------
    network_ : the network, with ``network_.layers[i]`` (its cells, weights, write counts).
    standard_ : mean and spread of the targets in the first data seen, which outputs are relative to: with
        another first part, a split into calls of ``partial_fit`` learns something else.
    counts_, listening_counts_ : events of learning and of predicting (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = EnergyRegressor((16,), epochs=50, random_state=0).fit(X[:300], y[:300])
    >>> bool(model.score(X[300:], y[300:]) > 0.3)
    True
    """

    _rule = EnergyRule(output="linear", gain=1.0)
    _convolutional = replace(
        CONVOLUTIONAL, output="linear", gain=1.0, learning=replace(CONVOLUTIONAL.learning, rate=1.0)
    )

    def fit(self, X: Any, y: Any) -> EnergyRegressor:
        """Learn X (n, features) with numbers y (n,) or (n, outputs), from scratch."""
        with as_it_was(self):
            self._fit(*self._wanted(X, y, True))
            self._warn()
        return self

    def partial_fit(self, X: Any, y: Any) -> EnergyRegressor:
        """Learn X once, in the given order, from where the network stands."""
        with as_it_was(self):
            first = not hasattr(self, "network_")
            self._fit_more(*self._wanted(X, y, first), first)
            self._warn()
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the numbers (n,), or (n, outputs), for X; warns where examples do not settle."""
        outputs = self._outputs(X, warn=True)
        return self.standard_.outward(outputs.astype(np.float64))
