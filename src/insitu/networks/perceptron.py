"""A fully connected network whose weights are trained in place, one example at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.stack import Stack
from insitu.arrays.transfer import ClosedLoop, Outcome, Transfer, load_weights, nominal_step, refresh_pairs, transfer
from insitu.cells import MultiConductance
from insitu.errors import InputError, require_between, require_whole
from insitu.kernels.cache import load
from insitu.learning.backprop import ExactUpdate, Neurons, Pulses, StochasticPulses
from insitu.ledger import Counts
from insitu.random import Stream, uniform

_CHUNK = 1000  # images that are converted to single precision at a time


@dataclass(frozen=True, kw_only=True)
class OpenLoop:
    """Blind pulses after every example, and a transfer now and then (G. Cristiano et al., 2018).

    Parameters
    ----------
    pulses : how x and delta become pulses on the least significant array.
    transfer : when and how its weights move up; None never. With a single array, pairs of one-sided devices that are about
        to saturate are refreshed instead (G. Burr et al., 2015).
    image_seconds : physical time an image takes, for leak and drift, s.
    aging : images between two looks at the clock; leak and drift advance in such steps.
    """

    pulses: Pulses = field(default_factory=StochasticPulses)
    transfer: Transfer | None = field(default_factory=Transfer)
    image_seconds: float = 5e-6
    aging: int = 400

    def __post_init__(self) -> None:
        require_between("image_seconds", self.image_seconds, 0, 1e9, unit="s", optional=False)
        require_whole("aging", self.aging, 1)


class Perceptron:
    """The state of one network while it learns; the estimator and the recipe are built on it.

    Parameters
    ----------
    sizes : neurons of each layer, inputs first; a bias line is added to each.
    cell : parts of a weight.
    neurons : see :class:`insitu.learning.backprop.Neurons`.
    method : how it learns.
    seed : of the initial weights (Glorot: uniform in +-sqrt(6 / (inputs + outputs))) and all else.

    Attributes
    ----------
    layers : the weights of each layer, (inputs + 1, outputs), the bias line last.
    shown : images so far. outcome : of all transfers so far. transfers : how many there were.
    """

    def __init__(
        self, sizes: Sequence[int], cell: MultiConductance, *, neurons: Neurons, method: OpenLoop, seed: int = 0
    ) -> None:
        for size in sizes:
            require_whole("layers", size, 1)
        if len(sizes) < 2:
            raise InputError(f"layers: got {tuple(sizes)}; give at least the inputs and the outputs")
        self.cell, self.neurons, self.method, self.seed = cell, neurons, method, seed
        shapes = [(n + 1, k) for n, k in zip(sizes[:-1], sizes[1:], strict=True)]
        self.layers = tuple(Stack(cell, n, k, seed=seed, index=i) for i, (n, k) in enumerate(shapes))
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

    @property
    def exact(self) -> bool:
        """Whether weights change as numbers do, not by pulses."""
        return isinstance(self.method.pulses, ExactUpdate)

    # -- learning --------------------------------------------------------------------------------------------------

    def learn(self, images: NDArray[Any], labels: NDArray[np.int64], rate: float, scale: float = 1.0) -> int:
        """Show images (n, inputs), times ``scale``, once, in order, learning; return how many were named before it."""
        self._check(images)
        run = self._compiled()
        hits = done = 0
        while done < len(images):
            size = min(self._next_event() - self.shown, len(images) - done, _CHUNK)
            part = images[done : done + size].astype(np.float32) * np.float32(scale)
            hits += run(part, np.ascontiguousarray(labels[done : done + size]), float(rate), self.shown)
            self.shown += size
            done += size
            self._events()
        if self.exact:
            self._follow()
        return int(hits)

    def _next_event(self) -> int:
        """Return after which image something happens: a transfer, or time that leaves its mark."""
        periods = [self.method.aging] if self._ages else []
        if self.method.transfer is not None:
            periods.append(max(1, self.method.transfer.every // self.method.transfer.groups))
        return min(((self.shown // period + 1) * period for period in periods), default=2**62)

    @property
    def _ages(self) -> bool:
        devices = [part.device.retention for part in self.cell.parts]
        return any(kept.tau is not None or kept.nu is not None for kept in devices)

    def _events(self) -> None:
        method = self.method
        if self._ages and self.shown % method.aging == 0:
            for layer in self.layers:
                layer.age(method.aging * method.image_seconds)
        how = method.transfer
        if how is None:
            return
        period = max(1, how.every // how.groups)
        if self.shown % period != 0:
            return
        if self.exact:
            self._follow()
        turn = self.shown // period
        for layer in self.layers:
            if len(layer.levels) > 1:
                rows = np.arange((turn - 1) % how.groups, layer.lowest.rows, how.groups)
                self.outcome += transfer(layer, how, turn, rows)
            elif layer.lowest.device.one_sided:
                self.outcome += refresh_pairs(layer.lowest, how.closed_loop, turn)
        self.transfers += turn % how.groups == 0

    def _follow(self) -> None:
        """Let the conductances follow weights that were changed as numbers."""
        for layer in self.layers:
            low = layer.lowest
            part = low.chop[:, None] * (low.weights - low.base)
            low.g[:] = low.encoding.encode(part.T, low.device)

    def _compiled(self) -> Any:
        kernels = load("perceptron", "the perceptron")
        pulses, lows = self.method.pulses, [layer.lowest for layer in self.layers]
        methods = np.zeros((len(lows), 9))
        methods[:, kernels.PLANES] = [layer.planes for layer in self.layers]
        if isinstance(pulses, ExactUpdate):
            updates = tuple(kernels.update_exact for _ in lows)
            methods[:, 0] = sum(encoding.w_max for encoding in self.cell.encodings)
        else:
            updates = tuple(low.compiled("outer").update for low in lows)
            for row, low in zip(methods, lows, strict=True):
                row[:5] = pulses.vector(nominal_step(low))
        weights, states = tuple(low.weights for low in lows), tuple(low.state for low in lows)
        carries = tuple(kernels.carry_nothing for _ in lows)
        memories = tuple(np.zeros((1, 1), np.float32) for _ in lows)
        train = kernels.train(len(lows))
        options, table = self.neurons.vector(), self.neurons.table()
        counts = np.zeros((len(lows), lows[0].counts.size), np.int64)

        def run(images: NDArray[np.float32], labels: NDArray[np.int64], rate: float, shown: int) -> int:
            counts[:] = 0
            hits = train(
                weights, states, updates, carries, memories, images, labels, rate, options, table, methods, shown, counts
            )
            for low, events in zip(lows, counts, strict=True):
                low.counts += events
            return int(hits)

        return run

    # -- reading ---------------------------------------------------------------------------------------------------

    def respond(self, images: NDArray[Any], scale: float = 1.0) -> NDArray[np.float32]:
        """Return the outputs (n, classes) for images (n, inputs), times ``scale``; with softmax, probabilities.

        Reading leaves no mark but in the counts.
        """
        self._check(images)
        kernels = load("perceptron", "the perceptron")
        scores = np.empty((len(images), self.layers[-1].lowest.columns), np.float32)
        respond = kernels.respond(len(self.layers))
        weights = tuple(layer.weights for layer in self.layers)
        options, table, key = self.neurons.vector(), self.neurons.table(), np.uint64(self.seed)
        for start in range(0, len(images), _CHUNK):
            part = images[start : start + _CHUNK].astype(np.float32) * np.float32(scale)
            respond(weights, part, options, table, key, start, scores[start : start + _CHUNK])
        return scores

    def _check(self, images: NDArray[Any]) -> None:
        inputs = self.layers[0].lowest.rows - 1
        if images.ndim != 2 or images.shape[1] != inputs:
            raise InputError(f"images: got shape {images.shape}; allowed is (n, {inputs}), as the first layer has inputs")

    @property
    def counts(self) -> Counts:
        """Events so far, of all arrays together."""
        return Counts.of(np.sum([layer.counts for layer in self.layers], axis=0))

    # -- saving ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        state = {f"{n}.{name}": a for n, layer in enumerate(self.layers) for name, a in layer.arrays().items()}
        return state | {"progress": np.array([self.shown, self.transfers, *vars(self.outcome).values()], np.int64)}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        for n, layer in enumerate(self.layers):
            layer.restore({k.removeprefix(f"{n}."): a for k, a in arrays.items() if k.startswith(f"{n}.")})
        self.shown, self.transfers, *outcome = map(int, arrays["progress"])
        self.outcome = Outcome(*outcome)
