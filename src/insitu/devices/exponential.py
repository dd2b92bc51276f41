"""The exponential step: filaments that grow ever more slowly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from insitu.devices.base import Device
from insitu.errors import require_between
from insitu.kernels.fmath import exp


@dataclass(frozen=True, kw_only=True)
class ExponentialStep(Device):
    """The step decays exponentially with the state, with a rate of its own in each direction.

    With ``x = (g - g_min) / (g_max - g_min)``

    ``up: g + step_up exp(-decay_up x) (1 + c2c_cv z)``,
    ``down: g - step_down exp(-decay_down (1 - x)) (1 + c2c_cv z)``.

    decay_down = 0 is the constant LTD of Shi 2018. Under equal up pulses the conductance grows as a logarithm of their
    number.

    Parameters
    ----------
    decay_up, decay_down : rate of the decay over the whole range; the last step is exp(-decay) of the first.
        0 is a constant step, negative a step that grows.

    References
    ----------
    D. Querlioz, O. Bichler and C. Gamrat, IJCNN (2011), doi 10.1109/IJCNN.2011.6033439, for both directions; LTP
    exponential and LTD constant: Y. Shi et al., Nat. Commun. 9, 5312 (2018), doi 10.1038/s41467-018-07682-0, Fig. 3c.
    """

    decay_up: float
    decay_down: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("decay_up", "decay_down"):
            require_between(name, getattr(self, name), -20, 100, hint="The last step is exp(-decay) of the first")

    @staticmethod
    def step(g: float, polarity: int, p: Any, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        noise = 1.0 + p.c2c_cv * z
        # one exponential serves both directions: half the work once compiled
        size = p.step_up if polarity > 0 else -p.step_down
        decay = p.decay_up * x if polarity > 0 else p.decay_down * (1.0 - x)
        return g + size * exp(-decay) * noise
