"""The power of the pulse number: a conductance of which a power changes in equal parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.devices.base import Cell, Scattered
from insitu.errors import limits
from insitu.kernels.fmath import exp, log

_ALPHA = limits(-20, 20, hint="1 is the constant step; up pulses saturate above it, down pulses below it")


@dataclass(frozen=True, kw_only=True)
class PulsePower(Scattered):
    """The step is a power of the conductance itself, so that the conductance is a power of the number of pulses.

    With the conductance half a first step further on, ``m = g + step_up / 2`` or ``g - step_down / 2``,

    ``up: g + step_up (m / m at g_min)**(1 - alpha_up) (1 + c2c_cv z) + c2c_sd z``,
    ``down: g - step_down (m / m at g_max)**(1 - alpha_down) (1 + c2c_cv z) - c2c_sd z``.

    Of N equal pulses from bound to bound, as small as those of a device with many levels, n lead to

    ``g = (g_min**alpha + (g_max**alpha - g_min**alpha) n / N)**(1 / alpha)``, down likewise from g_max:

    from a small g_min a power of the pulse number, of exponent 1 / alpha.

    Parameters
    ----------
    alpha_up, alpha_down : exponents; 1 is the constant step. Up pulses do ever less above 1, down pulses below 1. At 0 every
        pulse does the same part of g.

    References
    ----------
    The curve: J.-W. Jang et al., IEEE Electron Device Lett. 36, 457 (2015), doi 10.1109/LED.2015.2418342, as others quote
    it; the paper was not read. The other curve in use, ``B (1 - exp(-n / A))`` of NeuroSim, is the linear step exactly.
    """

    alpha_up: float = field(metadata=_ALPHA)
    alpha_down: float = field(metadata=_ALPHA)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        size = p.step_up if polarity > 0 else -p.step_down
        start = p.g_min if polarity > 0 else p.g_max
        alpha = p.alpha_up if polarity > 0 else p.alpha_down
        # the logarithm needs more than nothing
        ratio = max(g + 0.5 * size, 1e-300) / max(start + 0.5 * size, 1e-300)
        sd = p.c2c_sd if polarity > 0 else -p.c2c_sd
        return g + size * exp((1.0 - alpha) * log(ratio)) * (1.0 + p.c2c_cv * z) + sd * z
