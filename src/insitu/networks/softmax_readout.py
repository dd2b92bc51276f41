"""A readout that weighs counts of spikes against each other: softmax regression in digital numbers, from labelled images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.kernels.threads import one_blas_thread
from insitu.random import permutation

_EPOCHS, _BATCH, _RATE, _MOMENTUM, _DECAY = 10, 100, 1.0, 0.9, 1e-4
_ALIKE = 1e-3  #: root mean square length of examples below which they are alike
_NORM = 3.0  #: root mean square length of an example


@dataclass(frozen=True)
class SoftmaxReadout:
    """Softmax regression on the square roots of spike counts, shifted and scaled: P(class) ~ exp(b + sum_i w_i z_i).

    It is learned from labels, by descent in ordinary numbers on a digital computer, after all learning in the array; its
    weights are in no array. The root makes the spread of a count the same, whatever its mean, as that of Poisson counts is.

    Parameters
    ----------
    mean : (counters,) of the roots in the first images seen. scale : of what is left after that.
    weights, bias : (counters, classes), (classes,).
    """

    mean: Floats
    scale: float
    weights: Floats
    bias: Floats

    @classmethod
    def begin(cls, counts: NDArray[np.integer], classes: int) -> SoftmaxReadout:
        """Return a readout that knows the scale of counts (n, counters) and nothing else."""
        n, counters = counts.shape
        total, squares = np.zeros(counters), np.zeros(counters)
        for start in range(0, n, 1000):
            root = np.sqrt(counts[start : start + 1000], dtype=np.float64)
            total += root.sum(axis=0)
            squares += (root**2).sum(axis=0)
        mean = total / n
        length = np.sqrt(max(float((squares / n - mean**2).sum()), 0.0))
        weights = np.zeros((counters, classes), np.float32)
        scale = float(_NORM / length) if length > _ALIKE else 0.0
        return cls(mean.astype(np.float32), scale, weights, np.zeros(classes, np.float32))

    @property
    def blind(self) -> bool:
        """Whether it sees nothing in counts, for all that it began with were alike."""
        return self.scale == 0.0

    def learn(self, counts: NDArray[np.integer], labels: NDArray[np.integer], seed: int) -> SoftmaxReadout:
        """Return the readout after some passes over the counts (n, counters) of labelled images, class indices (n,).

        Stochastic gradient descent with momentum on the cross entropy, at a rate that falls to 0.
        """
        w, b, v = self.weights.copy(), self.bias.copy(), np.zeros_like(self.weights)
        wanted = np.eye(len(b), dtype=np.float32)[labels]
        steps, step = _EPOCHS * -(-len(counts) // _BATCH), 0
        with one_blas_thread():
            for epoch in range(_EPOCHS):
                order = permutation(seed, len(counts), epoch)
                for start in range(0, len(order), _BATCH):
                    some = order[start : start + _BATCH]
                    z, rate = self._scaled(counts[some]), np.float32(_RATE * (1 - step / steps))
                    error = (_softmax(z @ w + b) - wanted[some]) / np.float32(len(some))
                    v = np.float32(_MOMENTUM) * v - rate * (z.T @ error + np.float32(_DECAY) * w)
                    w += v
                    b -= rate * error.sum(axis=0)
                    step += 1
        return replace(self, weights=w, bias=b)

    def probabilities(self, counts: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes) for counts (n, counters).

        Row by row the same bits, whatever else is in the batch: each is summed by itself, in double precision.
        """
        found = np.empty((len(counts), len(self.bias)))
        weights = np.asarray(self.weights.T, np.float64, order="C")
        for m, one in enumerate(counts):
            found[m] = (weights * self._scaled(one)).sum(axis=1) + self.bias
        return np.asarray(_softmax(found), np.float64)

    def _scaled(self, counts: NDArray[np.integer]) -> Floats:
        return np.asarray((np.sqrt(counts, dtype=np.float32) - self.mean) * np.float32(self.scale), np.float32)


def _softmax(z: NDArray[np.floating]) -> NDArray[np.floating]:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))
