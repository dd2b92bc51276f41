"""Weights that are numbers: the floating-point twin of every other scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from insitu.errors import InputError
from insitu.kernels.cache import load
from insitu.schemes.base import Kernels, Scheme
from insitu.schemes.moving import Moving

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Exact(Scheme):
    """The number of pulses need not be whole, and a pulse does what it should: plain gradient descent within the range of
    the weights. No cell takes a pulse, so there is neither energy nor wear; reads are those of the chip.
    """

    transfer: Moving | None = None
    exact: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.transfer is not None:
            raise InputError("exact.transfer: weights are numbers, which are not transferred; allowed is None")

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        of = load("exact", "exact updates")
        return Kernels(of.update, of.column, of.dense)

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the range of the weights."""
        return [weights.low, weights.high]
