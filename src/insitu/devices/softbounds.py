"""Soft bounds: a step in proportion to the room that is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from insitu.devices.base import Cell, Scattered
from insitu.errors import limits


@dataclass(frozen=True, kw_only=True)
class SoftBounds(Scattered):
    """The step is proportional to the distance from the bound that it moves to, and never reaches it.

    ``up: g + step_up (g_max - g) / (g_max - g_min) (1 + c2c_cv z) + sd z``,
    ``down: g - step_down (g - g_min) / (g_max - g_min) (1 + c2c_cv z) - sd z``,
    ``sd = c2c_sd + c2c_balance_cv step_up step_down / (step_up + step_down)``.

    n noise-free up pulses give ``g_max - (g_max - g_0) (1 - step_up / (g_max - g_min))**n``; up and down balance at
    ``x = step_up / (step_up + step_down)`` of the range, the symmetry point. step_up and step_down are the full steps,
    from the bound that the pulse leaves. Other parameters are those of :class:`insitu.devices.base.Scattered`.

    Parameters
    ----------
    c2c_balance_cv : scatter of all steps of a cell, relative to its step at its symmetry point, which is
        ``step_up step_down / (step_up + step_down)``; it adds to c2c_sd, and differs from cell to cell as that step does.

    References
    ----------
    S. Fusi and L. Abbott, Nat. Neurosci. 10, 485 (2007), doi 10.1038/nn1859; observed in analogue memristive cells by
    J. Frascaroli et al., Sci. Rep. 8, 7178 (2018).
    """

    c2c_balance_cv: float | None = field(default=None, metadata=limits(0, 100))

    noise_off: ClassVar[dict[str, Any]] = {**Scattered.noise_off, "c2c_balance_cv": None}

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        noise = 1.0 + p.c2c_cv * z
        sd = p.c2c_sd + p.c2c_balance_cv * p.step_up * p.step_down / (p.step_up + p.step_down + 1e-30)
        if polarity > 0:
            return g + p.step_up * (1.0 - x) * noise + sd * z
        return g - p.step_down * x * noise - sd * z
