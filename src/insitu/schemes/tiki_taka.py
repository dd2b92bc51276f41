"""Tiki-Taka: what a fast array has learned is filtered by digital memory on its way to the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from insitu.errors import require_between
from insitu.schemes.fast_array import FastArray


@dataclass(frozen=True, kw_only=True)
class TikiTaka(FastArray):
    """Version 2, and with ``chop`` its chopped form; see :class:`insitu.schemes.fast_array.FastArray` for what is common.

    At 2 ``H += gain rate c (A - reference) / w_A``, w_A the largest weight that A holds; at 4 c flips with probability
    ``chop``.

    Parameters
    ----------
    chop : see above; 0 is version 2.

    References
    ----------
    Version 2: T. Gokmen, Front. Artif. Intell. 4, 699148 (2021), steps 1 to 3. Chopped: M. J. Rasch, F. Carta, O. Fagbohungbe
    and T. Gokmen, Nat. Commun. 15 (2024), s41467-024-51221-z. References at the symmetry points: H. Kim et al., arXiv
    1907.10228 (2019). The papers were read as aihwkit implements them. Of its variants these are taken: several rows a read
    (``n_reads_per_transfer``), H that loses what a pulse stands for (``forget_buffer`` false, momentum 0), choppers of
    rows only, no scale that follows the signals (``auto_scale`` false). All values are ours.
    """

    chop: float = 0.0
    called: ClassVar[str] = "tiki_taka"
    slower: ClassVar[str] = "lower chop"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("tiki_taka.chop", self.chop, 0, 1, optional=False)

    @property
    def flips(self) -> float:
        """How often a polarity flips, a read of its row."""
        return self.chop

    @property
    def flipping(self) -> tuple[float, float]:
        """The last numbers of the carry."""
        return self.chop, 0.0
