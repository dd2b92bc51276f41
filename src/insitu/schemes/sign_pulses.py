"""Sign pulses: one pulse, up or down, for each weight whose wanted change is not too small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from insitu.errors import require_between, require_bools
from insitu.kernels.cache import load
from insitu.schemes.base import Kernels
from insitu.schemes.per_weight import PerWeight

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class SignPulses(PerWeight):
    """The Manhattan rule: one identical pulse a weight and update, ``sign(change)``, where ``|change| > threshold s``.

    s is the mean step. Batch or stochastic is a matter of the network: an energy network asks once for a batch, a perceptron
    after every example. The rate only decides which changes pass the threshold.

    With both of the options this is STELLAR: ``e_j = 0`` where ``|e_j| < error_threshold``, then one pulse in the direction
    of ``sign(x_i) sign(e_j)``, at even updates to the cells that have to rise alone, at odd ones to those that have to fall.

    Parameters
    ----------
    threshold : least change that gets a pulse, in mean steps of the device; 0 is the Manhattan rule as published.
    alternate : whether updates are cycles of SET and of RESET in turn. An update then sends pulses of one polarity, so that
        of a pair one device moves, half as far as both do; one device a weight moves one way at a time.
    error_threshold : least error of an output that moves weights, without the rate, in place of ``threshold``; wanted
        changes are then taken as factors alone, whose signs are enough: nothing is multiplied. None is off.

    References
    ----------
    E. Zamanidoost, F. M. Bayat, D. Strukov and I. Kataeva (2015). ``alternate`` and ``error_threshold``: W. Zhang et al.,
    Science 381, 1205 (2023), as the authors' public simulation has them, for inputs that are not negative.
    """

    threshold: float = 0.1
    alternate: bool = False
    error_threshold: float | None = None
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {"threshold": (0.01, 3.0)}
    kept: ClassVar[int] = 0
    cycles: ClassVar[str] = "alternate"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("sign_pulses.threshold", self.threshold, 0, 1e6, optional=False)
        require_between("sign_pulses.error_threshold", self.error_threshold, 0, 1e6)
        require_bools(self, ("alternate",), "sign_pulses.")
        if self.error_threshold is not None:  # whatever asks for a matrix otherwise gives its factors then
            object.__setattr__(self, "takes", ("factors",))

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        if self.error_threshold is None:
            return super().kernels(weights)
        return Kernels(load("signs", "signs of factors").update, None, None)

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return what those functions want; errors come with their rate."""
        if self.error_threshold is None:
            return super().numbers(weights, rate)
        return [rate * self.error_threshold, float(self.alternate)]

    @staticmethod
    def pulses(change: float, kept: float, p: Any, z: float) -> tuple[float, float]:
        """Return one pulse, or none, and nothing to keep."""
        if not abs(change) > p.threshold * p.step:  # nor what is no number
            return 0.0, 0.0
        return 1.0 if change > 0.0 else -1.0, 0.0
