"""Pruning *during* training: weights that have matured are taken out of learning and never pulsed again.

Soft-pruning sets them to a constant, non-zero value (Shi et al., Nat. Commun. 9, 5312 (2018)); conventional pruning sets
them to zero. What "matured" means is not in the public part of the paper; here a neuron's weights mature with the number
of its output spikes [recalled from the paper, unverified; the numbers are ours].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.closed_loop import ClosedLoop
from insitu.arrays.crossbar import Crossbar
from insitu.errors import InputError, refuse_idle, require_between, require_kind, require_whole
from insitu.random import Stream, offset, uniform
from insitu.schemes.weights import Weights

Order = Literal["lowest", "highest", "magnitude", "random"]


class Pruning(Protocol):
    """Called between images; takes weights of an array out of learning."""

    def apply(self, weights: Weights, fired: NDArray[np.int64]) -> int:
        """Prune what is due, given the output spikes (columns,) of each neuron so far; return how many weights."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How much of a neuron's weights is pruned after its n-th output spike.

    ``fraction`` of them at once when n reaches ``maturity``; or, with a ``power``, progressively:
    ``min(fraction, 1 - (maturity / n)**power)`` from then on.

    Parameters
    ----------
    fraction : of the weights of each neuron, 0 to 1.
    maturity : output spikes of the neuron.
    power : None is all at once.
    order : which weights go first: the lowest, the highest, the smallest in magnitude, or at random.
    """

    fraction: float = 0.75
    maturity: int = 2000
    power: float | None = None
    order: Order = "lowest"

    def __post_init__(self) -> None:
        require_between("fraction", self.fraction, 0, 1, hint="75 % is 0.75", optional=False)
        require_whole("maturity", self.maturity, 1)
        require_between("power", self.power, 1e-3, 100)
        if self.order not in get_args(Order):
            raise InputError(f"order: got {self.order!r}; allowed: {', '.join(get_args(Order))}")

    def pruned(self, fired: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the fraction that should be pruned after ``fired`` spikes."""
        n = np.maximum(fired, self.maturity)
        ramp = 1.0 if self.power is None else 1.0 - (self.maturity / n) ** self.power
        return np.where(fired >= self.maturity, np.minimum(self.fraction, ramp), 0.0)

    def due(self, weights: Weights, fired: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return (rows, columns): the live weights that are to be pruned now."""
        array = weights.array
        keep = array.rows - np.floor(self.pruned(fired) * array.rows + 1e-9).astype(np.int64)
        due = np.zeros((array.rows, array.columns), bool)
        columns = np.flatnonzero(array.n_live > keep)
        if columns.size == 0:
            return due
        rank = self._rank(array, columns)
        rank = np.where(array.live_in(columns), rank, np.inf)
        place = np.argsort(np.argsort(rank, axis=0, kind="stable"), axis=0, kind="stable")
        due[:, columns] = place < (array.n_live - keep)[columns]
        return due

    def _rank(self, array: Crossbar, columns: NDArray[np.intp]) -> NDArray[np.floating]:
        """Return what the weights of some columns are ordered by, (rows, columns); the smallest go first."""
        if self.order == "random":
            u = uniform(array.seed, Stream.PRUNE + offset(array.index), array.rows * array.columns)
            return u.reshape(array.columns, array.rows).T[:, columns]
        weights = array.weights[:, columns]
        return {"lowest": weights, "highest": -weights, "magnitude": np.abs(weights)}[self.order]


_LOOP = ClosedLoop(tolerance=0.01, iterations=100, burst=20)


@dataclass(frozen=True, kw_only=True)
class SoftPruning:
    """Set matured weights to a constant non-zero value and stop updating them.

    Parameters
    ----------
    schedule : when, how many and which.
    value : the constant. None holds each weight at the value it matured to, which costs no pulse; a number is written to
        all of them by write-verify (its pulses and reads are counted), e.g. -1 for the lowest weight.
    loop : of that write, closed loop.
    """

    schedule: Schedule = Schedule()
    value: float | None = None
    loop: ClosedLoop = _LOOP

    def __post_init__(self) -> None:
        require_between("value", self.value, -100, 100)
        if self.value == 0:
            raise InputError("value: got 0; soft-pruning keeps a non-zero value, use conventional pruning for zero")
        require_kind("loop", self.loop, ClosedLoop, "for example ClosedLoop()")
        if self.value is None:
            refuse_idle(self, {"loop": "with value=None weights are held where they are, and nothing is written"})

    def require(self, weights: Weights) -> None:
        """Raise InputError if the loop cannot write these weights, or has a field that does nothing to them."""
        if weights.scheme.exact:
            refuse_idle(self, {"loop": "weights are numbers, which are set"}, "pruning.")
        elif self.value is not None:
            part = weights.array.device, weights.array.encoding
            self.loop.require(*part)
            refuse_idle(self.loop, self.loop.idle(*part), "pruning.loop.", _LOOP)

    def apply(self, weights: Weights, fired: NDArray[np.int64]) -> int:
        """Prune what is due; return how many weights."""
        due = self.schedule.due(weights, fired)
        count = int(due.sum())
        if count and self.value is not None:
            weights.set_to(due, self.value, self.loop)
        if count:
            weights.freeze(due)
        return count


@dataclass(frozen=True, kw_only=True)
class ConventionalPruning:
    """Remove matured weights: they read as zero from then on, and take no pulse."""

    schedule: Schedule = Schedule()

    def apply(self, weights: Weights, fired: NDArray[np.int64]) -> int:
        """Prune what is due; return how many weights."""
        due = self.schedule.due(weights, fired)
        count = int(due.sum())
        if count:
            weights.remove(due)
        return count
