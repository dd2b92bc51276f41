"""A batch on its way through the layers of a network in memory, and its error on the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.errors import InputError
from insitu.learning.backprop import Neurons
from insitu.networks.layers import InArray, Normalise, Pool, Residual
from insitu.networks.normalising import normalise, unnormalise
from insitu.networks.pooling import pool, unpool
from insitu.networks.stages import Stage, spread_over
from insitu.schemes import Weights


@dataclass
class Passed:
    """What a layer of weights keeps of a batch: the lines driven, and the numbers of its reads."""

    lines: Floats
    numbers: NDArray[np.uint64]


@contextmanager
def _bounded() -> Iterator[None]:
    """Say of what layers give each other that it is too large for reads why it is."""
    try:
        yield
    except InputError as wrong:
        raise InputError(
            f"learning_rate: with it the network left all bounds; lower it, or normalise ({wrong})"
        ) from None


class Passage:
    """A batch that goes through the layers, and what each keeps of it for the way back.

    Parameters
    ----------
    arrays : the weights, in order. neurons : between them.
    feedback : matrices through which errors go back, or of no rows, see :mod:`insitu.learning.backprop`.
    numbers : (n,) of the examples. begin : from where they count.
    keeps : whether there is a way back.

    Attributes
    ----------
    passed : what each array keeps. asked : the wanted change of the sums of each array (n x spots, columns), once back.
    """

    def __init__(
        self,
        arrays: Sequence[Weights],
        neurons: Neurons,
        feedback: Sequence[Floats],
        numbers: NDArray[np.uint64],
        begin: int = 0,
        *,
        keeps: bool,
    ) -> None:
        self.arrays, self.neurons, self.feedback, self.keeps = arrays, neurons, feedback, keeps
        self.numbers, self.begin = numbers, begin
        self.passed: dict[int, Passed] = {}
        self.asked: dict[int, Floats] = {}
        # by the place in memory of a stage, which stays where it is while a batch is on its way
        self._slopes: dict[int, Floats] = {}
        self._won: dict[int, NDArray[np.int16] | None] = {}
        self._normal: dict[int, tuple[Floats, Floats]] = {}

    # -- forwards ----------------------------------------------------------------------------------------------------

    def through(self, stages: Sequence[Stage], h: Floats) -> Floats:
        """Return what layers give (n, *shape) for what comes in (n, *shape)."""
        for stage in stages:
            h = self._on(stage, h)
        return h

    def sums(self, stage: Stage, h: Floats) -> Floats:
        """Return the sums (n x spots, columns) of an array for what comes in (n, *shape)."""
        lines, at = stage.lines(h), spread_over(self.numbers, stage.spots, self.begin)
        if self.keeps:
            self.passed[stage.array] = Passed(lines, at)
        if stage.lowest:  # what comes from outside
            return self.arrays[stage.array].read(lines, at)
        with _bounded():
            return self.arrays[stage.array].read(lines, at)

    def _on(self, stage: Stage, h: Floats) -> Floats:
        layer, tally = stage.layer, self.arrays[stage.array].tally
        if isinstance(layer, Pool):
            h, which = pool(h, layer, tally)
            if self.keeps:
                self._won[id(stage)] = which
            return h
        if isinstance(layer, Normalise):
            h, scale = normalise(h, layer.groups, tally)
            if self.keeps:
                self._normal[id(stage)] = h, scale
        elif isinstance(layer, Residual):
            h = _added(self.through(stage.inside, h), self.through(stage.beside, h), tally)
        else:
            h = self.sums(stage, h)
        return self._fired(stage, h).reshape(len(self.numbers), *stage.gives)

    def _fired(self, stage: Stage, z: Floats) -> Floats:
        """Return what the neurons of a layer make of its sums, if it has any."""
        if not stage.layer.neurons:  # type: ignore[union-attr]  # a pool has none, and does not come here
            return z
        h, slope = self.neurons.applied(z)
        if self.keeps:
            self._slopes[id(stage)] = slope
        self._count_neurons(stage, z.size)
        return h

    # -- back --------------------------------------------------------------------------------------------------------

    def back(self, stages: Sequence[Stage], d: Floats) -> Floats | None:
        """Return what goes back (n, *shape) of d (n, *shape) behind layers; None where no array lies below to want it."""
        for stage in reversed(stages):
            wanted = self._down(stage, d)
            if wanted is None or stage.lowest:
                return None
            d = wanted
        return d

    def ask(self, stage: Stage, d: Floats) -> Floats | None:
        """Keep the wanted change of sums d (n x spots, columns), and return what goes back of it (n, *shape)."""
        self.asked[stage.array] = d
        if stage.lowest:
            return None
        array, matrix = self.arrays[stage.array], self.feedback[stage.array]
        if not matrix.shape[0]:
            with _bounded():
                return stage.back(array.read_transposed(d, self.passed[stage.array].numbers, 1))
        e = d @ matrix.T
        _count(array.tally, 2 * len(e) * matrix.size)
        return stage.back(e)

    def _down(self, stage: Stage, d: Floats) -> Floats | None:
        layer, tally = stage.layer, self.arrays[stage.array].tally
        if id(stage) in self._slopes:
            slope = self._slopes[id(stage)]
            d = np.ascontiguousarray(d.reshape(slope.shape) * slope)
            self._count_neurons(stage, d.size)
        if isinstance(layer, InArray):
            return self.ask(stage, np.ascontiguousarray(d.reshape(-1, stage.gives[-1])))
        if isinstance(layer, Residual):
            beside, inside = self.back(stage.beside, d), self.back(stage.inside, d)
            return None if beside is None or inside is None else _added(inside, beside, tally)
        if stage.lowest:
            return None
        if isinstance(layer, Normalise):
            return unnormalise(d.reshape(-1, *stage.gives), *self._normal[id(stage)], tally)
        return unpool(d.reshape(-1, *stage.gives), layer, stage.comes, self._won[id(stage)], tally)

    def _count_neurons(self, stage: Stage, units: int) -> None:
        """Count neurons or their slopes behind digital layers; those behind an array are counted with its reads."""
        from insitu.kernels.state import ACTIVATIONS

        if not isinstance(stage.layer, InArray):
            self.arrays[stage.array].tally[ACTIVATIONS] += units


def _added(x: Floats, y: Floats, counts: NDArray[np.int64]) -> Floats:
    _count(counts, x.size)
    return x + y


def _count(counts: NDArray[np.int64], operations: int) -> None:
    from insitu.kernels.state import DIGITAL_OPS

    counts[DIGITAL_OPS] += operations
