"""The perceptron in memory as a classifier of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from insitu.networks.crossbar_estimator import CrossbarEstimator
from insitu.networks.estimating import as_it_was, as_probabilities, checked_labels


class CrossbarClassifier(ClassifierMixin, CrossbarEstimator):
    """Network trained by gradient descent inside the arrays that hold its weights, fully connected or convolutional.

    Parameters
    ----------
    hidden : neurons of each hidden layer, or what it is: a layer of :mod:`insitu.networks.layers` (``Conv``, ``Pool``, ...),
        which may have a device, encoding, scheme and chip of their own.
    image_shape : of the features of an example, (height, width) or (height, width, colours); where there are such layers.
    device : of all arrays, or the name of one of the library; None, with no encoding either, is floating point, or ideal
        cells if a scheme is given.
    encoding : how devices make a weight; None is a pair. scheme : how wanted changes reach the devices; None is blind pulses.
    chip : circuits and time; None is the default.
    neurons : function and loss, :class:`insitu.learning.backprop.Neurons`.
    feedback : how the error goes back; None is backpropagation, see :mod:`insitu.learning.backprop`.
    pruning : takes weights out of learning by the number of examples, such as :class:`insitu.learning.SoftPruning`.
    epochs : passes over the data in ``fit``.
    learning_rate, decay : the rate of epoch n is ``learning_rate * decay**n``, for each example.
    batch : examples whose changes are summed up before any weight moves; more than one, as on the chip, where there are such
        layers only.
    scale : features are multiplied by it; None is one over the largest magnitude in the first data seen.
    random_state : an integer seed reproduces the run, for any number of threads and any split of ``partial_fit``.

    Attributes
    ----------
    network_ : :class:`insitu.networks.perceptron.Perceptron`, or :class:`insitu.networks.convolution.ConvolutionalPerceptron`
        where there are such layers, with ``network_.layers``: the weights of each array.
    classes_ : the labels. counts_, listening_counts_ : events of learning and of predicting (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = CrossbarClassifier((32,), epochs=5, random_state=0).fit(X[:1000], y[:1000])
    >>> bool(model.score(X[1000:], y[1000:]) > 0.8)
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> CrossbarClassifier:
        """Learn from features X (n, features) and labels y (n,), from scratch; ``sample_weight`` (n,) multiplies the rate."""
        with as_it_was(self):
            X, y = self._check(X, y, reset=True)
            self.classes_ = checked_labels(y, None)
            self._fit(X, np.searchsorted(self.classes_, y), len(self.classes_), sample_weight)
            self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> CrossbarClassifier:
        """Learn from X and y once, in the given order, at the rate of the first epoch.

        ``classes`` lists all labels at the first call, if that call does not hold each of them.
        """
        with as_it_was(self):
            first = not hasattr(self, "network_")
            X, y = self._check(X, y, reset=first)
            self.classes_ = checked_labels(y, None if first else self.classes_, classes)
            self._fit_more(X, np.searchsorted(self.classes_, y), len(self.classes_), sample_weight, first)
            self._warn()
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes): softmax, or outputs made to sum to 1."""
        return as_probabilities(self._outputs(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of features X (n, features)."""
        best: NDArray[np.intp] = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]
