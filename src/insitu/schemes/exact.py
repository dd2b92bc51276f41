"""Weights that are numbers: the floating-point twin of every other scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from insitu.kernels.cache import load
from insitu.schemes.base import Kernels, Scheme
from insitu.schemes.moving import Moving

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Exact(Scheme):
    """The number of pulses need not be whole, and a pulse does what it should: plain gradient descent within the range of
    the weights. No cell takes a pulse, so there is neither energy nor wear; reads are those of the chip. Only where a
    ``transfer`` is given, which none is by default, cells are written at a transfer: what is lost then is lost by it alone.
    """

    transfer: Moving | None = None
    exact: ClassVar[bool] = True

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        of = load("exact", "exact updates")
        return Kernels(of.update, of.column, of.dense)

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the range of the weights."""
        return [weights.low, weights.high]
