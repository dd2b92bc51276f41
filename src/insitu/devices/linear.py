"""The linear step: a step that shrinks (or grows) in proportion to the distance already gone."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.devices.base import Cell, Scattered
from insitu.errors import limits

_GAMMA = limits(-100, 1, hint="1 stops the step at the far bound, 0 is constant")


@dataclass(frozen=True, kw_only=True)
class LinearStep(Scattered):
    """The step falls linearly from the bound it leaves to the bound it moves to.

    With ``x = (g - g_min) / (g_max - g_min)``

    ``up: g + step_up (1 - gamma_up x) (1 + c2c_cv z) + c2c_sd z``,
    ``down: g - step_down (1 - gamma_down (1 - x)) (1 + c2c_cv z) - c2c_sd z``.

    Under equal pulses the conductance follows an exponential towards ``x = 1 / gamma_up``, cut at g_max: the usual
    saturating pulse curve. gamma = 0 is the constant step, gamma = 1 the soft bounds, a negative gamma a step that
    grows on the way.

    Parameters
    ----------
    gamma_up, gamma_down : fraction of the first step that is lost at the far bound; at most 1, else the step would
        change its sign within the range.

    References
    ----------
    The first-order state dependence of Y. Li et al., Symposium on VLSI Technology (2018), doi
    10.1109/VLSIT.2018.8510648 (capacitor cell, nearly constant), and J. Tang et al., IEDM (2018), document 8614551
    (electrochemical cell); its bounded limit, gamma = 1, is that of S. Fusi and L. Abbott, Nat. Neurosci. 10, 485
    (2007), doi 10.1038/nn1859.
    """

    gamma_up: float = field(metadata=_GAMMA)
    gamma_down: float = field(metadata=_GAMMA)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        noise = 1.0 + p.c2c_cv * z
        up = p.step_up * (1.0 - p.gamma_up * x) * noise + p.c2c_sd * z
        down = p.step_down * (1.0 - p.gamma_down * (1.0 - x)) * noise + p.c2c_sd * z
        return g + up if polarity > 0 else g - down
