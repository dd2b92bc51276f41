"""The exponential step: filaments that grow ever more slowly."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.devices.base import Cell, Scattered
from insitu.errors import limits
from insitu.kernels.fmath import exp

_DECAY = limits(-20, 100, hint="The last step is exp(-decay) of the first")


@dataclass(frozen=True, kw_only=True)
class ExponentialStep(Scattered):
    """The step decays exponentially with the state, with a rate of its own in each direction.

    With ``x = (g - g_min) / (g_max - g_min)`` and ``e(x) = floor + (1 - floor) exp(-decay x)``

    ``up: g + step_up e_up(x) (1 + c2c_cv z) + c2c_sd z``,
    ``down: g - step_down e_down(1 - x) (1 + c2c_cv z) - c2c_sd z``.

    decay_down = 0 is the constant LTD of Shi 2018. Without a floor the conductance grows under equal up pulses as a
    logarithm of their number.

    Parameters
    ----------
    decay_up, decay_down : rate of the decay over the whole range; the last step is exp(-decay) of the first.
        0 is a constant step, negative a step that grows.
    floor_up, floor_down : fraction of the first step that never decays; None is 0.

    References
    ----------
    D. Querlioz, O. Bichler and C. Gamrat, IJCNN (2011), doi 10.1109/IJCNN.2011.6033439, for both directions; LTP
    exponential and LTD constant: Y. Shi et al., Nat. Commun. 9, 5312 (2018), doi 10.1038/s41467-018-07682-0, Fig. 3c.
    With a floor: the fit to HfO2 cells of Gong et al., Nat. Commun. (2018), doi 10.1038/s41467-018-04485-1, in aihwkit.
    """

    decay_up: float = field(metadata=_DECAY)
    decay_down: float = field(metadata=_DECAY)
    floor_up: float | None = field(default=None, metadata=limits(0, 1))
    floor_down: float | None = field(default=None, metadata=limits(0, 1))

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        noise = 1.0 + p.c2c_cv * z
        # one exponential serves both directions: half the work once compiled
        size = p.step_up if polarity > 0 else -p.step_down
        decay = p.decay_up * x if polarity > 0 else p.decay_down * (1.0 - x)
        floor = p.floor_up if polarity > 0 else p.floor_down
        sd = p.c2c_sd if polarity > 0 else -p.c2c_sd
        return g + size * (floor + (1.0 - floor) * exp(-decay)) * noise + sd * z
