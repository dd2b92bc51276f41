"""The geometric step: a pulse changes the conductance by a factor, as where readings run over decades."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log

from insitu.devices.base import Cell, Device
from insitu.errors import InputError, limits

_GAMMA = limits(-100, 1, hint="1 stops the step at the far bound, 0 is a constant factor")


@dataclass(frozen=True, kw_only=True)
class GeometricStep(Device):
    """The step of ln g falls linearly, over ln g, from the bound it leaves to the bound it moves to.

    With ``x = ln(g / g_min) / ln(g_max / g_min)``

    ``up: g exp((step_up / g_min) (1 - gamma_up x) (1 + c2c_cv z))``,
    ``down: g exp(-(step_down / g_max) (1 - gamma_down (1 - x)) (1 + c2c_cv z))``.

    It is the linear step with ln g in place of g: step_up and step_down are the first steps from either bound, S, as far as
    they are small against it.

    Parameters
    ----------
    gamma_up, gamma_down : fraction of the first step of ln g that is lost at the far bound, at most 1; 0 is a constant one.

    References
    ----------
    Our own, for cells whose conductance is read over decades, where steps grow with it: no published set has this law.
    """

    gamma_up: float = field(metadata=_GAMMA)
    gamma_down: float = field(metadata=_GAMMA)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.g_min <= 0:
            raise InputError("g_min: got 0 S; a law of factors never gets there, give the lowest conductance above 0")

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = log(max(g, p.g_min) / p.g_min) / log(p.g_max / p.g_min)
        first = p.step_up / p.g_min if polarity > 0 else -p.step_down / p.g_max
        lost = p.gamma_up * x if polarity > 0 else p.gamma_down * (1.0 - x)
        by = first * (1.0 - lost) * (1.0 + p.c2c_cv * z)
        return g * exp(min(max(by, -300.0), 300.0))  # a cell is kept within its range anyway
