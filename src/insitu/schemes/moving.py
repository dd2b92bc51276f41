"""What carries weights from their least significant array to the others, of any kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.closed_loop import ClosedLoop
from insitu.errors import InputError, require_whole

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


class Effort(NamedTuple):
    """What an array did, one after the other, in all transfers: reads of a weight, updates, and most pulses of an update."""

    looks: int
    updates: int
    slots: int


@dataclass(frozen=True, kw_only=True)
class Moving(ABC):
    """The base of all kinds of transfer.

    Parameters
    ----------
    every : examples between two transfers.
    refresh : examples between two looks for pairs of one-sided devices that are about to saturate.
    closed_loop : how arrays are written closed loop: renewed pairs, and what else a kind writes so.
    groups : transfer the rows in that many groups, one after the other, evenly over the interval; 1 is all at once.
    looks : reads of a weight, array by array, whose mean says what is there.
    """

    every: int
    refresh: int = 1000
    closed_loop: ClosedLoop = field(default_factory=ClosedLoop)
    groups: int = 1
    looks: int = 16
    called: ClassVar[str] = "transfer"  #: in messages

    def __post_init__(self) -> None:
        require_whole(f"{self.called}.every", self.every, 1)
        require_whole(f"{self.called}.refresh", self.refresh, 1)
        require_whole(f"{self.called}.looks", self.looks, 1, 10_000)
        require_whole(f"{self.called}.groups", self.groups, 1, self.every)
        if not isinstance(self.closed_loop, ClosedLoop):
            raise InputError(f"{self.called}.closed_loop: got {self.closed_loop!r}; allowed is ClosedLoop(...)")

    @property
    def period(self) -> int:
        """Examples between the transfers of two groups of rows."""
        return max(1, self.every // self.groups)

    def rows(self, weights: Weights, turn: int) -> NDArray[np.intp]:
        """Return the rows whose turn it is, the first of which is 1."""
        return np.arange((turn - 1) % self.groups, weights.rows, self.groups)

    @abstractmethod
    def move(self, weights: Weights, turn: int) -> None:
        """Carry out a transfer of one group of rows; its random numbers depend on ``turn``."""

    @abstractmethod
    def consolidate(self, weights: Weights, turn: int) -> None:
        """Leave weights so that they keep, before storage."""

    @abstractmethod
    def effort(self, transfers: int, above: int, parts: int) -> Effort:
        """Return what the array above which are so many others, of all parts, did in so many transfers of all rows.

        ``above`` counts from the most significant part, 0.
        """
