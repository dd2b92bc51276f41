"""The generic saturating device: a steep initial slope, at once or delayed."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.devices.base import Cell, Scattered
from insitu.devices.pcm import OneSided
from insitu.errors import limits

_DELAY = limits(0, 1, hint="0 is an immediate, 1 a delayed steep slope")


@dataclass(frozen=True, kw_only=True)
class Saturating(Scattered):
    """A saturating conductance whose steep slope comes at once (delay = 0) or after a slow start (delay = 1).

    With ``x = (g - g_min) / (g_max - g_min)``, mirrored for down pulses (1 - x for x)

    ``immediate: step_up (1 - x)``, ``delayed: step_up 4 (x + 0.05) (1 - x)``;
    delay mixes the two, ``step_up (1 - x) (1 + delay (4 x - 0.8))``, each step takes the factor 1 + c2c_cv z and
    scatters by c2c_sd z besides.

    The dynamic range is set by the initial jump J = step_up / (g_max - g_min), about one over the number of steps. The
    delayed slope starts at J / 5 and peaks at 1.1 J near the middle. Spread of the maximum conductance is
    ``spread.range_cv``, of the jump ``spread.step_cv``.

    Parameters
    ----------
    delay : 0 immediate, 1 delayed, or between.

    References
    ----------
    G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018), doi 10.1063/1.5042462: two shapes, immediate or delayed steep
    initial slope, dynamic range set by the size of the jump. The two formulas are ours; the paper's were not available.
    """

    delay: float = field(metadata=_DELAY)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        gone = x if polarity > 0 else 1.0 - x
        size = p.step_up if polarity > 0 else -p.step_down
        sd = p.c2c_sd if polarity > 0 else -p.c2c_sd
        return g + size * (1.0 - gone) * (1.0 + p.delay * (4.0 * gone - 0.8)) * (1.0 + p.c2c_cv * z) + sd * z


@dataclass(frozen=True, kw_only=True)
class OneSidedSaturating(OneSided):
    """The SET of :class:`Saturating` with the abrupt RESET of a phase-change cell (see :class:`OneSided`).

    ``m = step_up (1 - x) (1 + delay (4 x - 0.8))``.

    Parameters
    ----------
    delay : 0 immediate, 1 delayed, or between.

    References
    ----------
    As :class:`Saturating`.
    """

    delay: float = field(metadata=_DELAY)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        mean = p.step_up * (1.0 - x) * (1.0 + p.delay * (4.0 * x - 0.8))
        sd = p.c2c_cv * abs(mean) + p.c2c_slope * g + p.c2c_sd
        return g + mean + sd * z if polarity > 0 else p.g_min + p.residue + p.residue_sd * z
