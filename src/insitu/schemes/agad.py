"""AGAD: Tiki-Taka whose reference is measured while it learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from insitu.errors import require_between, require_whole
from insitu.schemes.fast_array import FastArray

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Agad(FastArray):
    """Analogue gradient accumulation with a dynamic reference; see :class:`insitu.schemes.fast_array.FastArray`.

    The reference of a cell is what reads of A said of it while its row had the other polarity. With v = A a read, M and M0
    digital, both 0 at first:

    2. ``H += gain rate c (v - M0) / w_A``, then ``M += min(tail / period, 1) (v - M)``; w_A the largest weight that A holds.
    4. After every ``period``-th read of a row c flips, and its M0 becomes M.

    While a row has its first polarity nothing is known of its reference, and H stays 0.

    Parameters
    ----------
    period : reads of a row between two flips. tail : reads that M remembers are ``period / tail``.
    zero_shift : pairs of pulses before training. 0, the default: the cells are taken as they are, for a reference that
        is wrong adds up to nothing.

    References
    ----------
    M. J. Rasch, F. Carta, O. Fagbohungbe and T. Gokmen, Nat. Commun. 15 (2024), s41467-024-51221-z, as aihwkit implements it
    (``DynamicTransferCompound``), choppers of rows only and regular. That H waits for the first reference is ours; there it
    adds up, and C takes no pulse so long. All values are ours but ``tail``.
    """

    fast_pulses: float = 100.0
    gain: float = 0.1
    period: int = 100
    tail: float = 5.0
    zero_shift: int = 0
    kept: ClassVar[int] = 3
    called: ClassVar[str] = "agad"
    slower: ClassVar[str] = "raise period"
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {**FastArray.tunable, "period": (20, 500)}

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole("agad.period", self.period, 2, 1_000_000)
        require_between("agad.tail", self.tail, 1e-6, 1e6, optional=False)

    @property
    def flips(self) -> float:
        """How often a polarity flips, a read of its row."""
        return 1 / self.period

    @property
    def flipping(self) -> tuple[float, float]:
        """The last numbers of the carry."""
        return float(self.period), min(self.tail / self.period, 1.0)

    def warning(self, weights: Weights, shown: int) -> str | None:
        """Say if no polarity has flipped yet, so that nothing could be learned; else as every fast array does."""
        if 0 < (sweeps := self.sweeps(weights, shown)) < self.period:
            return (
                f"no polarity has flipped yet, so nothing is known of the references, and no weight has learned: a row was "
                f"read {sweeps:.3g} times, and flips after {self.period:,}; lower period, raise rows, or learn longer"
            )
        return super().warning(weights, shown)
