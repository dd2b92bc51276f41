"""A perceptron of convolutions, pools and dense layers, whose weights are trained in place, some examples at a time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.errors import require_kind, require_whole
from insitu.kernels.threads import one_blas_thread
from insitu.learning.backprop import Backpropagation, Feedback, FeedbackAlignment, Neurons, glorot
from insitu.learning.pruning import Pruning
from insitu.networks.layered import Layered
from insitu.networks.layers import Layer, Shape
from insitu.networks.passing import Passage
from insitu.networks.stages import arrays_of, laid, weighed
from insitu.random import LISTENING, Stream, content_numbers, offset
from insitu.schemes import Weights

_AT_ONCE = 2**23  # numbers of patches at a time, of images that are only listened to


class ConvolutionalPerceptron(Layered):
    """The state of one network while it learns; the estimators are built on it.

    Every layer of weights is one array. That of a convolution is driven with the patch of one position after the other; its
    change is the sum over positions: a matrix that the periphery multiplies out, where the scheme takes one, else outer
    product by outer product.

    Parameters
    ----------
    comes : shape of an example: (height, width, colours), or (features,).
    layers : all of them, the outputs last, each with its device and its scheme; see :mod:`insitu.networks.layers`.
    batch : examples from which the change of the weights is summed up, before any weight moves.
    neurons, feedback, pruning, seed : see :class:`insitu.networks.perceptron.Perceptron`. The initial weights are Glorot's,
        by the rows and columns of the array.

    Attributes
    ----------
    stages : the layers in their places. layers : the arrays. shown : examples so far.
    """

    def __init__(
        self,
        comes: Shape,
        layers: Sequence[Layer],
        *,
        neurons: Neurons,
        feedback: Feedback | None = None,
        pruning: Pruning | None = None,
        batch: int = 1,
        seed: int = 0,
    ) -> None:
        require_kind("neurons", neurons, Neurons, "for example Neurons()")
        feedback = Backpropagation() if feedback is None else feedback
        require_kind("feedback", feedback, (Backpropagation, FeedbackAlignment), "for example FeedbackAlignment()")
        require_whole("batch", batch, 1)
        self.neurons, self.seed, self.inputs, self.batch = neurons, seed, prod(comes), batch
        self.stages = laid(comes, layers)
        shapes = [one.shape for one in weighed(self.stages)]
        super().__init__(arrays_of(self.stages, seed), pruning)
        self.feedback = feedback.matrices([(rows - 1, columns) for rows, columns in shapes], seed)
        for i, (array, shape) in enumerate(zip(self.layers, shapes, strict=True)):
            weights = glorot(seed, Stream.WEIGHTS + offset(i), *shape).astype(np.float32)
            weights[-1] = 0.0
            array.put(weights)

    # -- learning --------------------------------------------------------------------------------------------------

    def _show(
        self, images: NDArray[Any], wanted: NDArray[Any], rates: NDArray[np.float64], rate: float, scale: float
    ) -> int:
        """Learn images, ``batch`` at a time."""
        hits = 0
        with one_blas_thread():
            for first in range(0, len(images), self.batch):
                part = slice(first, first + self.batch)
                x = np.ascontiguousarray(images[part], np.float32) * np.float32(scale)
                hits += self._learn(x, self._targets(wanted[part]), rates[part].astype(np.float32), rate)
                self.advance(len(x))
        return hits

    def _learn(self, x: Floats, targets: Floats, rates: Floats, rate: float) -> int:
        """Learn one batch x (n, inputs) with ``rates`` (n,); return how many were named before it."""
        numbers = np.uint64(self.shown) + np.arange(len(x), dtype=np.uint64)
        way = Passage(self.layers, self.neurons, self.feedback, numbers, keeps=True)
        out, slope = self._forward(x, way)
        *hidden, last = self.stages
        d = way.ask(last, (targets - out) * slope)
        if d is not None:
            way.back(hidden, d)
        for n, array in enumerate(self.layers):
            lines, wanted = way.passed[n].lines, way.asked[n]
            _ask(array, lines, wanted * np.repeat(rates, len(wanted) // len(x))[:, None], rate)
        return int((out.argmax(axis=1) == targets.argmax(axis=1)).sum())

    def _forward(self, x: Floats, way: Passage) -> tuple[Floats, Floats]:
        """Return the outputs (n, outputs) for x (n, inputs), and by what the loss multiplies their error."""
        *hidden, last = self.stages
        h = way.through(hidden, x.reshape(len(x), *self.stages[0].comes))
        return self.neurons.put_out(way.sums(last, h))

    # -- reading ---------------------------------------------------------------------------------------------------

    def respond(self, images: NDArray[Any], scale: float = 1.0) -> Floats:
        """Return the outputs (n, classes), see :meth:`insitu.networks.layered.Layered.respond`."""
        self._check(images)
        scores = np.empty((len(images), self.layers[-1].columns), np.float32)
        widest = max(one.spots * one.rows for one in weighed(self.stages))
        size = max(1, min(1000, _AT_ONCE // widest))
        with self.listening(), one_blas_thread():
            for first in range(0, len(images), size):
                x = np.ascontiguousarray(images[first : first + size], np.float32) * np.float32(scale)
                way = Passage(self.layers, self.neurons, self.feedback, content_numbers(x), LISTENING, keeps=False)
                scores[first : first + size] = self._forward(x, way)[0]
        return scores


def _ask(array: Weights, lines: Floats, d: Floats, rate: float) -> None:
    """Ask an array for the sum of the outer products of lines (m, rows - 1), the bias at 1, and d (m, columns)."""
    from insitu.kernels.state import DIGITAL_OPS

    if not array.takes_dense:
        array.add_factors(np.column_stack([lines, np.ones(len(lines), np.float32)]), d, rate)
        return
    change = np.empty((array.rows, array.columns), np.float32)
    np.matmul(lines.T, d, out=change[:-1])
    d.sum(axis=0, out=change[-1])
    array.array.counts[DIGITAL_OPS] += 2 * len(d) * change.size
    array.add(change)
