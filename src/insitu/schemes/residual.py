"""Residual learning: each array learns what those above it leave over, and hands a share of it on by pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from insitu.arrays.crossbar import Crossbar
from insitu.cells.steps import mean_steps
from insitu.errors import require_between, require_whole
from insitu.random import Stream, offset, uniform
from insitu.schemes.moving import Effort, Moving

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class ResidualTransfer(Moving):
    """Between the parts of a :class:`insitu.cells.MultiConductance`, of equal devices say: open loop, nothing is verified.

    ``W = sum_k W_k``, W_0 the least significant part, which takes the pulses of training. At a transfer, of each weight, of
    all parts that are due, the upper ones first:

    ``n = floor(share W_k / s + u)``, at most ``burst`` either way, pulses on part k + 1

    W_k as a read says it, s the mean step of part k + 1, u a uniform number. Nothing is taken from part k: where the weights
    come out too large, the gradient, which is that of all parts together, takes it back. Training thus ends where the lower
    parts rest at 0, whatever draws their cells there.

    Parameters
    ----------
    every : examples between two transfers of the least significant part.
    share : of what a part holds that goes up at a transfer.
    slower : part k moves at every ``slower**k``-th of these transfers.
    burst : most pulses that a transfer gives a weight.
    looks : reads of a weight before its part moves up.

    References
    ----------
    Z. Li et al., arXiv 2510.02516 (2025), of which an abstract and summaries were read: tiles of falling significance, each
    on its own time scale, train devices of about 4 bits. Two arrays: Z. Wu et al., arXiv 2502.06309 (2025). That transfers
    are rounded at random and need no digital memory, and all values, are ours.
    """

    every: int = 100
    looks: int = 1
    share: float = 0.1
    slower: int = 4
    burst: int = 31
    called: ClassVar[str] = "residual"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("residual.share", self.share, 1e-6, 10, optional=False)
        require_whole("residual.slower", self.slower, 1, 10_000)
        require_whole("residual.burst", self.burst, 1, 10_000)

    def move(self, weights: Weights, turn: int) -> None:
        """Hand up a share of what each part that is due holds of one group of rows."""
        sweep = (turn - 1) // self.groups + 1
        parts = weights.levels[::-1]
        for k in range(len(parts) - 2, -1, -1):
            if sweep % self.slower**k == 0:
                self._hand(weights, parts[k], parts[k + 1], turn)
        weights.refresh()

    def _hand(self, weights: Weights, low: Crossbar, high: Crossbar, turn: int) -> None:
        rows = self.rows(weights, turn)
        live = (low.frozen[:, rows] == 0).T & (high.frozen[:, rows] == 0).T
        inside, columns = np.nonzero(live)
        rows = rows[inside]
        held = low.chop[rows] * low.look(rows, columns, self.looks)
        u = uniform(high.seed, Stream.ROUND + offset(high.index), weights.rows * weights.columns, turn)
        step = sum(mean_steps(high.device, high.encoding)) / 2
        pulses = np.floor(self.share * held / step + u[rows * weights.columns + columns])
        pulses = np.clip(pulses, -self.burst, self.burst).astype(np.int64)
        some = pulses != 0
        high.give(rows[some], columns[some], pulses[some])

    def consolidate(self, weights: Weights, turn: int) -> None:
        """Do nothing: what the lower parts hold stays theirs, for none is made to keep longer than another."""

    def effort(self, transfers: int, above: int, parts: int) -> Effort:
        """Return what the array did: each but the topmost is read, each but the least significant is pulsed."""
        k = parts - 1 - above
        reads = self.looks * (transfers // self.slower**k) if above else 0
        return Effort(reads, transfers // self.slower ** (k - 1) if k else 0, self.burst)
