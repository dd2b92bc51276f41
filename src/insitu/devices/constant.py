"""The constant step: what an ideal memory cell would do."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.devices.base import Cell, Scattered


@dataclass(frozen=True, kw_only=True)
class ConstantStep(Scattered):
    """Every pulse moves the conductance by the same amount, wherever it stands.

    ``up: g + step_up (1 + c2c_cv z) + c2c_sd z``, ``down: g - step_down (1 + c2c_cv z) - c2c_sd z``.

    Without noise and spread this is the ideal analogue cell: linear and, with equal steps, symmetric.
    Parameters are those of :class:`insitu.devices.base.Scattered`.

    References
    ----------
    T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016), doi 10.3389/fnins.2016.00333, specify their resistive
    processing unit by such a cell.
    """

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        noise = 1.0 + p.c2c_cv * z
        return g + p.step_up * noise + p.c2c_sd * z if polarity > 0 else g - p.step_down * noise - p.c2c_sd * z
