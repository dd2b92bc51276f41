"""The power-law step: soft bounds with an exponent."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.devices.base import Cell, Scattered
from insitu.errors import limits
from insitu.kernels.fmath import exp, log

_GAMMA = limits(0, 50, hint="0 is the constant step, 1 the soft bounds")


@dataclass(frozen=True, kw_only=True)
class PowerStep(Scattered):
    """The step is a power of the distance from the bound that it moves to.

    With ``x = (g - g_min) / (g_max - g_min)``

    ``up: g + step_up (1 - x)**gamma_up (1 + c2c_cv z) + c2c_sd z``,
    ``down: g - step_down x**gamma_down (1 + c2c_cv z) - c2c_sd z``.

    Parameters
    ----------
    gamma_up, gamma_down : exponents, at least 0; 0 is the constant step, 1 the soft bounds, more saturates sooner.

    References
    ----------
    S. Fusi and L. Abbott, Nat. Neurosci. 10, 485 (2007), doi 10.1038/nn1859; J. Frascaroli et al., Sci. Rep. 8, 7178
    (2018).
    """

    gamma_up: float = field(metadata=_GAMMA)
    gamma_down: float = field(metadata=_GAMMA)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        room = max(1.0 - x if polarity > 0 else x, 1e-300)  # the logarithm needs more than nothing
        size = p.step_up if polarity > 0 else -p.step_down
        gamma = p.gamma_up if polarity > 0 else p.gamma_down
        sd = p.c2c_sd if polarity > 0 else -p.c2c_sd
        return g + size * exp(gamma * log(room)) * (1.0 + p.c2c_cv * z) + sd * z
