"""Signals of a perceptron, one example at a time: neurons, and how the error of the outputs finds its way back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.errors import InputError, refuse_idle, require_between, require_whole
from insitu.kernels.cache import load
from insitu.random import Stream, offset, uniform

Function = Literal["tanh", "logistic", "relu", "identity"]
Loss = Literal["cross-entropy", "squared", "linear"]


@dataclass(frozen=True, kw_only=True)
class Neurons:
    """What happens between two arrays: ``y = f(x W)``, and ``d = f'(x W) (W d)`` on the way back.

    Parameters
    ----------
    function : f of the hidden layers.
    segments : f made of that many straight lines over +-limit, constant outside, as a circuit makes it from a table
        (US patent 11,038,520); its derivative is then the slope of the line. None is the exact function.
    limit : see ``segments``.
    loss : cross-entropy with softmax outputs, squared error with outputs f, or, linear, squared error of the sums themselves.
    """

    function: Function = "relu"
    segments: int | None = None
    limit: float = 4.0
    loss: Loss = "cross-entropy"

    def __post_init__(self) -> None:
        for name, allowed in (("function", get_args(Function)), ("loss", get_args(Loss))):
            if getattr(self, name) not in allowed:
                raise InputError(f"neurons.{name}: got {getattr(self, name)!r}; allowed are {', '.join(allowed)}")
        if self.segments is not None:
            require_whole("neurons.segments", self.segments, 1, 4096)
        require_between("neurons.limit", self.limit, 1e-3, 1e3, optional=False)
        if self.segments is None:
            refuse_idle(self, {"limit": "f is the exact function, neurons.segments is None"}, "neurons.")

    def options(self) -> Any:
        """Return what the kernels want."""
        options = load("perceptron", "the perceptron").Options
        return options(
            get_args(Function).index(self.function), get_args(Loss).index(self.loss), self.limit, self.table()
        )

    def applied(self, z: Floats) -> tuple[Floats, Floats]:
        """Return f(z) and f'(z) of sums z (n, units), float32, as the loops of the kernels do example by example."""
        if self.segments is not None:
            table = self.table()
            scale = np.float32(self.segments / (2 * self.limit))
            place = (np.clip(z, -self.limit, self.limit) + np.float32(self.limit)) * scale
            i = np.minimum(place.astype(np.intp), self.segments - 1)
            rise = table[i + 1] - table[i]
            inside = np.abs(z) < self.limit
            return table[i] + rise * (place - i).astype(np.float32), np.where(inside, rise * scale, np.float32(0))
        if self.function == "tanh":
            f = np.tanh(z)
            return f, 1 - f * f
        if self.function == "logistic":
            f = np.float32(0.5) * (np.tanh(z / 2) + 1)
            return f, f * (1 - f)
        if self.function == "relu":
            return np.maximum(z, 0), (z > 0).astype(np.float32)
        return z, np.ones_like(z)

    def put_out(self, z: Floats) -> tuple[Floats, Floats]:
        """Return what the last layer puts out for sums z (n, outputs), and by what the loss multiplies the error: the slope,
        or 1 where it takes the error as it is."""
        if self.loss == "cross-entropy":
            e = np.exp(z - z.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True), np.ones_like(z)
        return (z, np.ones_like(z)) if self.loss == "linear" else self.applied(z)

    def targets(self, labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
        """Return the wanted outputs (n, classes) for labels (n,): 1, and elsewhere 0, or -1 where outputs are tanh."""
        off = -1.0 if self.loss == "squared" and self.function == "tanh" else 0.0
        wanted = np.full((len(labels), classes), off, np.float32)
        wanted[np.arange(len(labels)), labels] = 1.0
        return wanted

    def table(self) -> NDArray[np.float32]:
        """Return f at the ends of the segments, empty if f is exact."""
        if self.segments is None:
            return np.empty(0, np.float32)
        z = np.linspace(-self.limit, self.limit, self.segments + 1)
        f: dict[str, Any] = {
            "tanh": np.tanh,
            "logistic": lambda v: 1 / (1 + np.exp(-v)),
            "relu": lambda v: np.maximum(v, 0),
        }
        return np.asarray(f.get(self.function, lambda v: v)(z), np.float32)


@dataclass(frozen=True, kw_only=True)
class Backpropagation:
    """The error goes back through the weights themselves, by a transposed read: ``d_below = f'(z) (W d)``."""

    def matrices(self, sizes: Sequence[tuple[int, int]], seed: int) -> tuple[NDArray[np.float32], ...]:
        """Return matrices of no rows: the weights are read instead."""
        return tuple(np.zeros((0, columns), np.float32) for _, columns in sizes)


@dataclass(frozen=True, kw_only=True)
class FeedbackAlignment:
    """The error goes back through fixed random numbers B in place of the weights: ``d_below = f'(z) (B d)``.

    No transposed read, and nothing that has to be the same in two places; the weights come to align with B. B is kept and
    multiplied digitally.

    Parameters
    ----------
    gain : B is uniform in +- gain sqrt(6 / (inputs + outputs)), at 1 as the initial weights are.

    References
    ----------
    T. P. Lillicrap, D. Cownden, D. B. Tweed and C. J. Akerman, Nat. Commun. 7, 13276 (2016).
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        require_between("feedback.gain", self.gain, 1e-6, 1e6, optional=False)

    def matrices(self, sizes: Sequence[tuple[int, int]], seed: int) -> tuple[NDArray[np.float32], ...]:
        """Return B (inputs, outputs) of each layer of these sizes; InputError where no error goes back through one."""
        if len(sizes) < 2:
            raise InputError(
                "feedback: got FeedbackAlignment, but of one layer of weights no error goes back; leave it out, or give a "
                "hidden layer"
            )
        return tuple(
            (self.gain * glorot(seed, Stream.FEEDBACK + offset(i), n, k)).astype(np.float32)
            for i, (n, k) in enumerate(sizes)
        )


Feedback = Backpropagation | FeedbackAlignment


def glorot(seed: int, stream: int, inputs: int, outputs: int) -> NDArray[np.float64]:
    """Return numbers (inputs, outputs) uniform in +-sqrt(6 / (inputs + outputs))."""
    u = uniform(seed, stream, inputs * outputs).reshape(inputs, outputs)
    return math.sqrt(6 / (inputs + outputs)) * (2 * u - 1)
