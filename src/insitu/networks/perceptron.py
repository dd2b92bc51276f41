"""A fully connected network whose weights are trained in place, one example at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.aging import age
from insitu.arrays.crossbar import Crossbar
from insitu.arrays.stack import Stack
from insitu.arrays.transfer import ClosedLoop, Outcome, Transfer, load_weights, refresh_pairs, transfer
from insitu.cells import MultiConductance
from insitu.errors import InputError, require_whole
from insitu.kernels.cache import load
from insitu.learning.backprop import ExactUpdate, Neurons
from insitu.learning.methods import Beside, Method
from insitu.learning.open_loop import OpenLoop
from insitu.ledger import Counts
from insitu.random import Stream, uniform

_CHUNK = 1000  # images that are converted to single precision at a time


class Perceptron:
    """The state of one network while it learns; the estimator and the recipe are built on it.

    Parameters
    ----------
    sizes : neurons of each layer, inputs first; a bias line is added to each.
    cell : parts of a weight.
    neurons : see :class:`insitu.learning.backprop.Neurons`.
    method : how it learns: OpenLoop, MixedPrecision or TikiTaka of :mod:`insitu.learning`.
    seed : of the initial weights (Glorot: uniform in +-sqrt(6 / (inputs + outputs))) and all else.

    Attributes
    ----------
    layers : the weights of each layer, (inputs + 1, outputs), the bias line last.
    beside : what the method keeps beside each of them.
    shown : images so far. outcome : of all transfers so far. transfers : how many there were.
    """

    def __init__(
        self, sizes: Sequence[int], cell: MultiConductance, *, neurons: Neurons, method: Method, seed: int = 0
    ) -> None:
        for name, given, kind in (
            ("cell", cell, MultiConductance),
            ("neurons", neurons, Neurons),
            ("method", method, Method),
        ):
            if not isinstance(given, kind):
                raise InputError(f"{name}: got {given!r}; allowed is a {kind.__name__} of insitu")
        for size in sizes:
            require_whole("layers", size, 1)
        if len(sizes) < 2:
            raise InputError(f"layers: got {tuple(sizes)}; give at least the inputs and the outputs")
        self.cell, self.neurons, self.method, self.seed = cell, neurons, method, seed
        shapes = [(n + 1, k) for n, k in itertools.pairwise(sizes)]
        self.layers = tuple(Stack(cell, n, k, seed=seed, index=i) for i, (n, k) in enumerate(shapes))
        free = len(self.layers) * len(cell.parts)
        self.beside = tuple(method.beside(layer, free + i) for i, layer in enumerate(self.layers))
        self.shown = self.transfers = 0
        self.outcome = Outcome()
        exact = Transfer(closed_loop=ClosedLoop(tolerance=None), inversion=None)
        for i, (layer, (n, k)) in enumerate(zip(self.layers, shapes, strict=True)):
            u = uniform(seed, Stream.WEIGHTS + 16 * i, n * k).reshape(n, k)
            weights = (np.sqrt(6 / (n + k)) * (2 * u - 1)).astype(np.float32)
            weights[-1] = 0.0
            self.outcome += load_weights(layer, weights, method.transfer or exact, 0)
            if self.exact:
                layer.weights[:] = weights  # without the rounding of a conductance

    def warm_up(self) -> None:
        """Compile or load all kernels now, so that the time of training is the time of training."""
        self._compiled()
        for level in (level for layer in self.layers for level in layer.levels[:-1]):
            level.compiled("transfer")

    @property
    def exact(self) -> bool:
        """Whether weights change as numbers do, not by pulses."""
        return isinstance(self.method, OpenLoop) and isinstance(self.method.pulses, ExactUpdate)

    @property
    def _fast(self) -> list[Crossbar]:
        return [beside.fast for beside in self.beside if beside.fast is not None]

    # -- learning --------------------------------------------------------------------------------------------------

    def learn(self, images: NDArray[Any], labels: NDArray[np.int64], rate: float, scale: float = 1.0) -> int:
        """Show images (n, inputs), times ``scale``, once, in order, learning; return how many were named before it."""
        self._check(images)
        labels = self._checked(labels, len(images))
        for level in (level for layer in self.layers for level in layer.levels):
            level.require_all_live()
        run = self._compiled()
        hits = done = 0
        while done < len(images):
            event = self._next_event()
            size = min(event - self.shown, len(images) - done, _CHUNK)
            part = np.ascontiguousarray(images[done : done + size], np.float32) * np.float32(scale)
            hits += run(part, labels[done : done + size], float(rate), self.shown)
            self.shown += size
            done += size
            if self.exact and (self.shown == event or done == len(images)):
                self._follow()
            if self.shown == event:
                self._events()
        return int(hits)

    def _next_event(self) -> int:
        """Return after which image something happens: a transfer, or time that leaves its mark."""
        periods = [self.method.aging] if self._ages else []
        if self.method.transfer is not None:
            periods.append(max(1, self.method.transfer.every // self.method.transfer.groups))
        return min(((self.shown // period + 1) * period for period in periods), default=2**62)

    @property
    def _ages(self) -> bool:
        devices = [part.device for part in self.cell.parts] + [fast.device for fast in self._fast]
        return any(device.retention.tau is not None or device.retention.nu is not None for device in devices)

    def _events(self) -> None:
        method = self.method
        if self._ages and self.shown % method.aging == 0:
            for layer in self.layers:
                layer.age(method.aging * method.image_seconds)
            for fast in self._fast:
                age(fast, method.aging * method.image_seconds)
        how = method.transfer
        if how is None:
            return
        period = max(1, how.every // how.groups)
        if self.shown % period != 0:
            return
        turn = self.shown // period
        for layer in self.layers:
            if len(layer.levels) > 1:
                rows = np.arange((turn - 1) % how.groups, layer.lowest.rows, how.groups)
                self.outcome += transfer(layer, how, turn, rows)
            elif layer.lowest.device.one_sided:
                self.outcome += refresh_pairs(layer.lowest, how.closed_loop, turn)
        for fast in self._fast:
            if fast.device.one_sided:
                self.outcome += refresh_pairs(fast, how.closed_loop, turn)
        self.transfers += turn % how.groups == 0

    def _follow(self) -> None:
        """Let the conductances follow weights that were changed as numbers."""
        for layer in self.layers:
            low = layer.lowest
            part = low.chop[:, None] * (low.weights - low.base)
            low.g[:] = low.encoding.encode(part.T, low.device)

    def _compiled(self) -> Any:
        kernels = load("perceptron", "the perceptron")
        lows = [layer.lowest for layer in self.layers]
        wirings = [self.method.wiring(*both) for both in zip(self.layers, self.beside, strict=True)]
        weights, states, takers, updates, carries, memories, vectors = zip(*wirings, strict=True)
        carries = tuple(carry or kernels.carry_nothing for carry in carries)
        methods = np.zeros((len(lows), kernels.METHOD))
        train = kernels.train(len(lows))
        options, table = self.neurons.vector(), self.neurons.table()
        counts = np.zeros((len(lows), lows[0].counts.size), np.int64)

        def run(images: NDArray[np.float32], labels: NDArray[np.int64], rate: float, shown: int) -> int:
            for row, vector in zip(methods, vectors, strict=True):
                numbers = vector(rate)
                row[: len(numbers)] = numbers
            methods[:, kernels.PLANES] = [layer.planes for layer in self.layers]
            counts[:] = 0
            hits = train(
                weights, states, takers, updates, carries, memories,
                images, labels, rate, options, table, methods, shown, counts,
            )  # fmt: skip
            for low, events in zip(lows, counts, strict=True):
                low.counts += events
            return int(hits)

        return run

    # -- reading ---------------------------------------------------------------------------------------------------

    def respond(self, images: NDArray[Any], scale: float = 1.0) -> NDArray[np.float32]:
        """Return the outputs (n, classes) for images (n, inputs), times ``scale``; with softmax, probabilities.

        Reading leaves no mark, in the counts neither: they are those of training.
        """
        self._check(images)
        kernels = load("perceptron", "the perceptron")
        scores = np.empty((len(images), self.layers[-1].lowest.columns), np.float32)
        respond = kernels.respond(len(self.layers))
        weights = tuple(layer.weights for layer in self.layers)
        options, table, key = self.neurons.vector(), self.neurons.table(), np.uint64(self.seed)
        for start in range(0, len(images), _CHUNK):
            part = np.ascontiguousarray(images[start : start + _CHUNK], np.float32) * np.float32(scale)
            respond(weights, part, options, table, key, start, scores[start : start + _CHUNK])
        return scores

    def _check(self, images: NDArray[Any]) -> None:
        inputs = self.layers[0].lowest.rows - 1
        if images.ndim != 2 or images.shape[1] != inputs:
            raise InputError(
                f"images: got shape {images.shape}; allowed is (n, {inputs}), as the first layer has inputs"
            )

        if images.dtype.kind == "f" and not np.isfinite(images).all():
            raise InputError("images: hold NaN or infinity; allowed are finite numbers")

    def _checked(self, labels: NDArray[Any], n: int) -> NDArray[np.int64]:
        classes, given = self.layers[-1].lowest.columns, np.asarray(labels)
        whole = given.dtype.kind in "iu" and given.shape == (n,)
        if not whole or (n and not 0 <= given.min() <= given.max() < classes):
            raise InputError(f"labels: allowed are {n} whole numbers from 0 to {classes - 1}, one for each image")
        return np.ascontiguousarray(given, np.int64)

    @property
    def counts(self) -> Counts:
        """Events so far, of all arrays together."""
        ledgers = [layer.counts for layer in self.layers] + [fast.counts for fast in self._fast]
        return Counts.of(np.sum(ledgers, axis=0))

    # -- saving ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        state = {f"{n}.{name}": a for n, layer in enumerate(self.layers) for name, a in layer.arrays().items()}
        state |= {f"beside{n}.{name}": a for n, kept in enumerate(self.beside) for name, a in kept.arrays().items()}
        return state | {"progress": np.array([self.shown, self.transfers, *vars(self.outcome).values()], np.int64)}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        if "progress" not in arrays:
            raise InputError("restore: 'progress' is missing; these are not the arrays of a Perceptron")
        kept = {f"beside{n}": part for n, part in enumerate(self.beside)}
        parts: dict[str, Stack | Beside] = {str(n): layer for n, layer in enumerate(self.layers)} | kept
        for name, part in parts.items():
            part.restore({k.removeprefix(f"{name}."): a for k, a in arrays.items() if k.startswith(f"{name}.")})
        self.shown, self.transfers, *outcome = map(int, arrays["progress"])
        self.outcome = Outcome(*outcome)
