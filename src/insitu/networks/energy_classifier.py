"""The layered network of energy as a classifier of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from insitu.arraytypes import Floats
from insitu.networks.energy_estimator import EnergyEstimator
from insitu.networks.estimating import as_it_was, as_probabilities, checked_labels


class EnergyClassifier(ClassifierMixin, EnergyEstimator):
    """A classifier that learns from activity differences on crossbars (the two-layer network of Yi et al. 2022), dense or
    convolutional.

    Inputs are clamped, the network relaxes freely, then with its outputs at (or nudged to) the label; the difference of the
    two changes the weights locally. No error is propagated back.

    Parameters
    ----------
    hidden : units of each hidden layer, or what it is: ``Conv``, ``Pool`` or ``Dense`` of :mod:`insitu.networks.layers`,
        which may have a device, encoding, scheme and chip of their own.
    image_shape : of the features of an example, (height, width) or (height, width, colours); where there are such layers.
    epochs : passes over the data in ``fit``; batch : examples an update.
    rule : None is the default of :class:`insitu.networks.energy_rule.EnergyRule`, or where there are such layers
        ``CONVOLUTIONAL`` of :mod:`insitu.networks.energy_convolution`. Its rate falls linearly to 0 over ``fit`` and stays
        constant in ``partial_fit``.
    device : or the name of one of the library; None is ideal tantalum oxide. encoding : None is a pair of weights -1 to 1.
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

    def fit(self, X: Any, y: Any) -> EnergyClassifier:
        """Learn X (n, features) with labels y (n,), from scratch."""
        with as_it_was(self):
            X, y = self._check(X, y, reset=True)
            self.classes_ = checked_labels(y, None)
            self._fit(X, self._wanted(y), len(self.classes_))
            self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> EnergyClassifier:
        """Learn X once, in the given order, from where the network stands.

        ``classes`` lists all labels at the first call, if that call does not hold each of them.
        """
        with as_it_was(self):
            first = not hasattr(self, "network_")
            X, y = self._check(X, y, reset=first)
            self.classes_ = checked_labels(y, None if first else self.classes_, classes)
            self._fit_more(X, self._wanted(y), len(self.classes_), first)
            self._warn()
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of X; warns where examples do not settle."""
        likeliest = self._outputs(X, warn=True).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes): the activities of the outputs, made to sum to 1."""
        return as_probabilities(self._outputs(X, warn=True))

    def activities(self, X: Any) -> Floats:
        """Return the activity of each output unit (n, classes) once the network has settled."""
        return self._outputs(X)

    def _wanted(self, y: NDArray[Any]) -> Floats:
        return np.asarray(y[:, None] == self.classes_, np.float32)
