"""The sigmoid step: slow first pulses, slow last ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.devices.base import Cell, Scattered
from insitu.errors import limits

_RISE = limits(0, 1e4, hint="0 is no growth: the linear step")
_FALL = limits(-100, 1, hint="1 stops the step at the far bound, 0 is no fall")


@dataclass(frozen=True, kw_only=True)
class SigmoidStep(Scattered):
    """The step grows with the way that is gone and falls with it: two factors that are linear in the state.

    With ``x = (g - g_min) / (g_max - g_min)``

    ``up: g + step_up (1 + rise_up x) (1 - fall_up x) (1 + c2c_cv z) + c2c_sd z``,
    ``down: g - step_down (1 + rise_down (1 - x)) (1 - fall_down (1 - x)) (1 + c2c_cv z) - c2c_sd z``.

    Under equal pulses the conductance follows a logistic curve between two bounds that it never reaches, ``x = -1 / rise_up``
    and ``x = 1 / fall_up``, cut to the range. step_up is the first step; where ``rise_up > fall_up`` the pulses after it do
    more. Without a rise it is the linear step; fall = 1 and rise = 4 delay / (1 - 0.8 delay) in both directions, with steps
    1 - 0.8 delay times as large, is the saturating cell of a delay.

    Parameters
    ----------
    rise_up, rise_down : growth of a step over the range, relative to the first, had it no fall; at least 0.
    fall_up, fall_down : part that is lost at the far bound; at most 1.

    References
    ----------
    P.-F. Verhulst, Corr. Math. Phys. 10, 113 (1838), for the logistic curve; that the two bounds lie outside the range, as
    the one of the linear step does, is ours.
    """

    rise_up: float = field(metadata=_RISE)
    rise_down: float = field(metadata=_RISE)
    fall_up: float = field(metadata=_FALL)
    fall_down: float = field(metadata=_FALL)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        gone = x if polarity > 0 else 1.0 - x
        size = p.step_up if polarity > 0 else -p.step_down
        rise = p.rise_up if polarity > 0 else p.rise_down
        fall = p.fall_up if polarity > 0 else p.fall_down
        sd = p.c2c_sd if polarity > 0 else -p.c2c_sd
        return g + size * (1.0 + rise * gone) * (1.0 - fall * gone) * (1.0 + p.c2c_cv * z) + sd * z
