"""Sign pulses: one pulse, up or down, for each weight whose wanted change is not too small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from insitu.errors import require_between
from insitu.schemes.per_weight import PerWeight


@dataclass(frozen=True, kw_only=True)
class SignPulses(PerWeight):
    """The Manhattan rule: one identical pulse a weight and update, ``sign(change)``, where ``|change| > threshold s``.

    s is the mean step. Batch or stochastic is a matter of the network: an energy network asks once for a batch, a perceptron
    after every example. The rate only decides which changes pass the threshold.

    Parameters
    ----------
    threshold : least change that gets a pulse, in mean steps of the device; 0 is the Manhattan rule as published.

    References
    ----------
    E. Zamanidoost, F. M. Bayat, D. Strukov and I. Kataeva (2015). Thresholded signs: W. Zhang et al., Science 381, 1205
    (2023), where the threshold is that of an output error, not of the product, and SET and RESET cycles take turns, so that
    one device of a pair is pulsed at a time; here both are.
    """

    threshold: float = 0.1
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {"threshold": (0.01, 3.0)}
    kept: ClassVar[int] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("sign_pulses.threshold", self.threshold, 0, 1e6, optional=False)

    @staticmethod
    def pulses(change: float, kept: float, p: Any, z: float) -> tuple[float, float]:
        """Return one pulse, or none, and nothing to keep."""
        if not abs(change) > p.threshold * p.step:  # nor what is no number
            return 0.0, 0.0
        return 1.0 if change > 0.0 else -1.0, 0.0
