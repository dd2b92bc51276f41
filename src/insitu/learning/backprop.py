"""Backpropagation one example at a time: neurons, and how the wanted change of a weight becomes pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, require_between, require_whole

Function = Literal["tanh", "logistic", "relu", "identity"]
Loss = Literal["cross-entropy", "squared"]

_FUNCTIONS: tuple[Function, ...] = ("tanh", "logistic", "relu", "identity")
_LOSSES: tuple[Loss, ...] = ("cross-entropy", "squared")


@dataclass(frozen=True, kw_only=True)
class Neurons:
    """What happens between two arrays: ``y = f(x W)``, and ``d = f'(x W) (W d)`` on the way back.

    Parameters
    ----------
    function : f of the hidden layers.
    segments : f made of that many straight lines over +-limit, constant outside, as a circuit makes it from a table
        (US patent 11,038,520); its derivative is then the slope of the line. None is the exact function.
    limit : see ``segments``.
    loss : cross-entropy with softmax outputs, or squared error with outputs f.
    noise : standard deviation of the circuits that read a column or row, in units of the sum; None is none.
    """

    function: Function = "relu"
    segments: int | None = None
    limit: float = 4.0
    loss: Loss = "cross-entropy"
    noise: float | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("function", _FUNCTIONS), ("loss", _LOSSES)):
            if getattr(self, name) not in allowed:
                raise InputError(f"neurons.{name}: got {getattr(self, name)!r}; allowed are {', '.join(allowed)}")
        if self.segments is not None:
            require_whole("neurons.segments", self.segments, 1, 4096)
        require_between("neurons.limit", self.limit, 1e-3, 1e3, optional=False)
        require_between("neurons.noise", self.noise, 0, 1e3)

    def vector(self) -> NDArray[np.float64]:
        """Return what the kernels want, in the order of insitu.kernels.perceptron; a target that is off is -1 for tanh."""
        off = -1.0 if self.loss == "squared" and self.function == "tanh" else 0.0
        kinds = _FUNCTIONS.index(self.function), _LOSSES.index(self.loss)
        return np.array([*kinds, off, self.limit, self.noise or 0.0])

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
        return f.get(self.function, lambda v: v)(z).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class StochasticPulses:
    """Rows and columns fire at random, in proportion to their signals; a device moves where both fire.

    Parameters
    ----------
    slots : most slots of a train; fewer are used where fewer do.

    References
    ----------
    T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016); T. Gokmen, M. Onen, W. Haensch, Front. Neurosci. 11, 538 (2017).
    """

    slots: int = 31

    def __post_init__(self) -> None:
        require_whole("pulses.slots", self.slots, 1, 63)

    def vector(self, step: float) -> list[float]:
        """Return what the kernel wants, if one pulse changes a weight by ``step``."""
        return [step, float(self.slots), 0.0, 1.0, 0.0]


@dataclass(frozen=True, kw_only=True)
class DeterministicPulses:
    """Rows and columns fire a rounded number of times; every firing of the one meets every firing of the other.

    Parameters
    ----------
    x_levels : firings of a row at signal ``full``. Few are better: the more a row fires, the larger an error has to be
        for a column to fire at all.
    delta_levels : most firings of a column.
    """

    x_levels: int = 2
    delta_levels: int = 16
    full: float = 1.0

    def __post_init__(self) -> None:
        require_whole("pulses.x_levels", self.x_levels, 1, 1000)
        require_whole("pulses.delta_levels", self.delta_levels, 1, 1000)
        require_between("pulses.full", self.full, 1e-9, 1e9, optional=False)

    def vector(self, step: float) -> list[float]:
        """Return what the kernel wants, if one pulse changes a weight by ``step``."""
        return [step, 0.0, float(self.x_levels), self.full, float(self.delta_levels)]


@dataclass(frozen=True, kw_only=True)
class ExactUpdate:
    """The number of pulses need not be whole: the ideal limit, plain stochastic gradient descent."""


Pulses = StochasticPulses | DeterministicPulses | ExactUpdate
