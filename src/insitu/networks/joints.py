"""What joins two layers of a network of energy: an array that is read both ways, with the patches and pools around it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.networks.layers import Pool
from insitu.networks.pooling import pool, unpool
from insitu.networks.stages import Stage, spread_over
from insitu.schemes import Weights

#: which pixel of each patch was the largest, of each pool in turn; None of a mean
Won = tuple[NDArray[np.int16] | None, ...]


class Reads:
    """The address of the noise of reads: the numbers of the examples, and how often they were read so far.

    Parameters
    ----------
    numbers : (n,) of the examples. begin : from where they count.
    """

    def __init__(self, numbers: NDArray[np.uint64], begin: int = 0) -> None:
        self.numbers, self.begin, self._turn = numbers, begin, -1
        self._spread = {1: numbers}

    @property
    def next(self) -> int:
        """Number of the next read."""
        self._turn += 1
        return self._turn

    def at(self, spots: int) -> NDArray[np.uint64]:
        """Return a number (n x spots,) for each position of each example."""
        if spots not in self._spread:
            self._spread[spots] = spread_over(self.numbers, spots, self.begin)
        return self._spread[spots]


@dataclass
class Joint:
    """Weights between two layers of units: ``gain s_above . pool(W patches(s_below))`` is their part of -E.

    Parameters
    ----------
    array : the weights. stage : the layer that they are, in its place. gain : of its sums, both ways.
    below : pools of what comes in, which only inputs have; above : pools of the sums.
    """

    array: Weights
    stage: Stage
    gain: np.float32
    below: tuple[Stage, ...] = ()
    above: tuple[Stage, ...] = ()

    @property
    def units(self) -> int:
        """Units behind it."""
        return int(np.prod(self.above[-1].gives if self.above else self.stage.gives))

    def lines(self, s: Floats) -> Floats:
        """Return what drives the rows (n x spots, rows - 1) while the units below are at s (n, units)."""
        x = s.reshape(-1, *(self.below[0] if self.below else self.stage).comes)
        for one in self.below:
            x, _ = pool(x, one.layer, self.array.tally)  # type: ignore[arg-type]
        return self.stage.lines(x)

    def read(self, lines: Floats, reads: Reads) -> tuple[Floats, Won]:
        """Return what lines (n x spots, rows - 1) give the units above (n, units), and what the pools let through."""
        return self._pooled(self.array.read(lines, reads.at(self.stage.spots), reads.next), self.array.tally)

    def up(self, s: Floats, reads: Reads) -> tuple[Floats, Won]:
        """Return the same for units below at s (n, units)."""
        return self.read(self.lines(s), reads)

    def down(self, s: Floats, won: Won, reads: Reads) -> Floats:
        """Return what units above at s (n, units) give those below (n, units): a transposed read at each position."""
        e = self.array.read_transposed(self.wide(s, won), reads.at(self.stage.spots), reads.next)
        back = np.ascontiguousarray(self.stage.back(e)).reshape(len(s), -1)
        return np.multiply(back, self.gain, out=back)

    def wide(self, s: Floats, won: Won) -> Floats:
        """Return what drives the columns (n x spots, columns) while the units above are at s: as far as pools let it."""
        for one, which in zip(reversed(self.above), reversed(won), strict=True):
            s = unpool(s.reshape(-1, *one.gives), one.layer, one.comes, which, self.array.tally)  # type: ignore[arg-type]
        return s.reshape(-1, self.array.columns)

    def exact(self, s: Floats) -> Floats:
        """Return what units below at s give those above (n, units) by the weights as they are; it reads no hardware."""
        weights, nobody = self.array.values, np.zeros_like(self.array.tally)
        return self._pooled(self.lines(s) @ weights[:-1] + weights[-1], nobody)[0]

    def _pooled(self, sums: Floats, counts: NDArray[np.int64]) -> tuple[Floats, Won]:
        won = []
        n = len(sums) // self.stage.spots
        for one in self.above:
            sums, which = pool(sums.reshape(-1, *one.comes), one.layer, counts)  # type: ignore[arg-type]
            won.append(which)
        sums = sums.reshape(n, -1)
        return np.multiply(sums, self.gain, out=sums), tuple(won)


def joints_of(stages: list[Stage], arrays: list[Weights], gain: float) -> list[Joint]:
    """Return what joins the layers of units: each array with the pools behind it, the first with those of the inputs.

    ``gain`` is divided by the square root of the inputs of the array.
    """
    found: list[Joint] = []
    front: tuple[Stage, ...] = ()
    for pools, group in groupby(stages, lambda one: isinstance(one.layer, Pool)):
        run = tuple(group)
        if not pools:
            for one in run:
                own = np.float32(gain / np.sqrt(one.rows - 1))
                found.append(Joint(arrays[len(found)], one, own, below=() if found else front))
        elif found:
            found[-1].above = run
        else:
            front = run
    return found
