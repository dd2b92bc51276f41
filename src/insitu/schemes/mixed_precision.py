"""Mixed precision: changes add up in a digital memory, devices hold the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from insitu.errors import require_between, require_whole
from insitu.schemes.per_weight import PerWeight


@dataclass(frozen=True, kw_only=True)
class MixedPrecision(PerWeight):
    """``chi += change``; where ``|chi| >= epsilon``, ``n = trunc(chi / epsilon)`` blind pulses, ``chi -= n epsilon``.

    chi is a digital memory of the size of the weights, and the change is exact: no row or column fires, the periphery
    multiplies. Nothing verifies what a pulse did, so errors of the devices stay until the signal notices.

    Parameters
    ----------
    epsilon : weight that a pulse stands for, in mean steps of the device, up and down, from where a weight is 0.
    burst : most pulses a weight and update; the rest waits in chi, which holds at most the range of a weight.

    References
    ----------
    S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020): epsilon is the granularity of the device. The limits of a
    burst and of chi are ours: they keep a network that diverges from pulsing for ever.
    """

    epsilon: float = 1.0
    burst: int = 31
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {"epsilon": (0.3, 10.0)}

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("epsilon", self.epsilon, 1e-6, 1e6, optional=False)
        require_whole("burst", self.burst, 1, 10_000)

    @staticmethod
    def pulses(change: float, kept: float, p: Any, z: float) -> tuple[float, float]:
        """Return whole epsilons of what has added up, at most a burst, and the rest."""
        chi = min(max(kept + change, p.low - p.high), p.high - p.low)
        size = p.epsilon * p.step
        n = min(max(chi / size, -p.burst), p.burst)
        n = np.trunc(n)
        return n, chi - n * size
