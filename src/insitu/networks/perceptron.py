"""A fully connected network whose weights are trained in place, one example at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_kind, require_whole
from insitu.kernels.cache import load
from insitu.kernels.threads import in_parts
from insitu.learning.backprop import Backpropagation, Feedback, FeedbackAlignment, Neurons, glorot
from insitu.learning.pruning import Pruning
from insitu.memory import require_layers
from insitu.networks.layered import Layered
from insitu.random import Stream, content_numbers, offset
from insitu.schemes import Scheme, Weights

_CHUNK = 1000  # images that are converted to single precision at a time


class Perceptron(Layered):
    """The state of one network while it learns; the estimator and the recipe are built on it.

    Parameters
    ----------
    device : of all arrays; parts of a MultiConductance may name their own.
    sizes : neurons of each layer, inputs first; a bias line is added to each.
    neurons : see :class:`insitu.learning.backprop.Neurons`.
    scheme : how wanted changes reach the devices, see :mod:`insitu.schemes`.
    feedback : how the error goes back; None is backpropagation.
    encoding, chip : see :class:`insitu.schemes.Weights`.
    pruning : takes weights out of learning by the number of examples; None is no pruning.
    seed : of the initial weights (Glorot: uniform in +-sqrt(6 / (inputs + outputs))) and all else.

    Attributes
    ----------
    layers : the weights of each layer, (inputs + 1, outputs), the bias line last.
    shown : images so far.
    """

    def __init__(
        self,
        device: Device | None,
        sizes: Sequence[int],
        *,
        neurons: Neurons,
        scheme: Scheme,
        feedback: Feedback | None = None,
        encoding: Encoding | MultiConductance | None = None,
        chip: Chip | None = None,
        pruning: Pruning | None = None,
        seed: int = 0,
    ) -> None:
        require_kind("neurons", neurons, Neurons, "for example Neurons()")
        feedback = Backpropagation() if feedback is None else feedback
        require_kind("feedback", feedback, (Backpropagation, FeedbackAlignment), "for example FeedbackAlignment()")
        for size in sizes:
            require_whole("layers", size, 1)
        require_layers(sizes)
        if len(sizes) < 2:
            raise InputError(f"layers: got {tuple(sizes)}; give at least the inputs and the outputs")
        self.neurons, self.seed, self.inputs = neurons, seed, int(sizes[0])
        shapes = list(itertools.pairwise(sizes))
        made_of: dict[str, Any] = {"form": "factors", "encoding": encoding, "chip": chip, "bias": True, "seed": seed}
        layers = [Weights(device, n + 1, k, scheme, index=i, **made_of) for i, (n, k) in enumerate(shapes)]
        super().__init__(layers, pruning)
        self.feedback = feedback.matrices(shapes, seed)
        for i, (layer, (n, k)) in enumerate(zip(self.layers, shapes, strict=True)):
            weights = glorot(seed, Stream.WEIGHTS + offset(i), n + 1, k).astype(np.float32)
            weights[-1] = 0.0
            layer.put(weights)

    def warm_up(self) -> None:
        """Compile or load all kernels now, so that the time of training is the time of training."""
        assert self._kernels is not None
        for layer in self.layers:
            layer.wiring()
            for level in layer.levels[:-1]:
                level.entry_point("tune")

    # -- learning --------------------------------------------------------------------------------------------------

    def _show(
        self, images: NDArray[Any], wanted: NDArray[Any], rates: NDArray[np.float64], rate: float, scale: float
    ) -> int:
        """Learn images one after the other."""
        from insitu.kernels.state import entry

        wirings = [layer.wiring(rate, back) for layer, back in zip(self.layers, self.feedback, strict=True)]
        reads, options = [layer.reading for layer in self.layers], self.neurons.options()
        train, scratch = entry(self._kernels.train), self._kernels.scratch([r.of for r in reads])
        places = _addresses(reads), _addresses(wirings)
        hits = done = 0
        while done < len(images):
            size = min(self.next_event - self.shown, len(images) - done, _CHUNK)
            part = slice(done, done + size)
            x = np.ascontiguousarray(images[part], np.float32) * np.float32(scale)
            hits += train(*places, x, self._targets(wanted[part]), rates[part], options, scratch, self.shown)
            for layer, drive in zip(self.layers, scratch.drive, strict=True):
                layer.note(drive)
            self.advance(size)
            done += size
        return int(hits)

    @property
    def _kernels(self) -> Any:
        return load("perceptron", "the perceptron")

    # -- reading ---------------------------------------------------------------------------------------------------

    def respond(self, images: NDArray[Any], scale: float = 1.0) -> NDArray[np.float32]:
        """Return the outputs (n, classes), see :meth:`insitu.networks.layered.Layered.respond`."""
        from insitu.kernels.state import entry

        self._check(images)
        scores = np.empty((len(images), self.layers[-1].columns), np.float32)
        kernels = self._kernels
        respond = entry(kernels.respond)
        options = self.neurons.options()
        for start in range(0, len(images), _CHUNK):
            part = images[start : start + _CHUNK]
            x = np.ascontiguousarray(part, np.float32) * np.float32(scale)
            numbers, out = content_numbers(x), scores[start : start + _CHUNK]

            def read(part: slice, x: Any = x, numbers: Any = numbers, out: Any = out) -> tuple[Any, Any]:
                counts = np.zeros((len(self.layers), self.layers[0].heard.size), np.int64)
                reads = [layer.reading for layer in self.layers]  # while listening: no range is learned
                scratch = kernels.scratch([r.of for r in reads])
                respond(_addresses(reads), x[part], numbers[part], options, scratch, out[part], counts)
                return counts, scratch.drive

            with self.listening():
                for heard in in_parts(read, len(x)):
                    for layer, counts, drive in zip(self.layers, *heard, strict=True):
                        layer.heard += counts
                        layer.note(drive)
        return scores


def _addresses(placed: Sequence[Any]) -> NDArray[np.uint64]:
    """Return where kernels find what stands in memory."""
    return np.array([one.address for one in placed], np.uint64)
