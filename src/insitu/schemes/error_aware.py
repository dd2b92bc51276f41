"""The error-aware probabilistic update: a change smaller than the error of a write is written now and then, larger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from insitu.errors import require_between
from insitu.schemes.per_weight import PerWeight


@dataclass(frozen=True, kw_only=True)
class ErrorAware(PerWeight):
    """EaPU. Where ``|u| >= u_th``, u is written; else, with probability ``|u| / u_th``, ``sign(u) u_th``, or nothing.

    u is the wanted change, ``u_th = threshold x error``. What is written is u on average, so that nothing has to be kept for
    a weight, and a write, which costs its error whatever its size, is seldom.

    A device with a statistical law of programming is written by it, to where the weight stands and u: ``error_sd`` anew at
    every write, on the cells that are written only, counted as write-verify counts. ``error`` is then the standard deviation
    that the errors of its cells give a weight. On any other device u becomes blind pulses, rounded to a whole number by
    chance, and ``error`` is a mean step.

    Parameters
    ----------
    threshold : size of a write that is worth it, in errors of a write, else in mean steps; 0 writes every change as it is.

    References
    ----------
    Liu et al., Nat. Commun. 16 (2025), s41467-025-66240-7, with ``u_th`` = 2 uS, the writing noise of its devices, on
    matrices after each batch, by closed loop. Blind pulses are ours, as is how events are counted.
    """

    threshold: float = 1.0
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {"threshold": (0.2, 5.0)}
    kept: ClassVar[int] = 0
    draws: ClassVar[bool] = True
    by_law: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("error_aware.threshold", self.threshold, 0, 1e6, optional=False)

    @staticmethod
    def pulses(change: float, kept: float, p: Any, z: float) -> tuple[float, float]:
        """Return what is written of a change, and nothing to keep."""
        u, least = abs(change), p.threshold * p.error
        if not u > 0.0:  # nor what is no number
            return 0.0, 0.0
        u = min(u, p.high - p.low)  # however large, no error pulses for ever
        if u < least:
            if z * least >= u:
                return 0.0, 0.0
            u, z = least, z * least / u  # given that it is written, again uniform
        if p.whole:
            u = float(int(u / p.step + z))
        return u if change > 0.0 else -u, 0.0
