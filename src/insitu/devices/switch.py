"""The stochastic switch: a cell with few levels that answers a pulse only sometimes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from insitu.devices.base import Cell, Device, Draw
from insitu.errors import InputError, limits, require_whole


@dataclass(frozen=True, kw_only=True)
class StochasticSwitch(Device):
    """A binary or multilevel cell: a pulse moves it by one level with a probability, else leaves it.

    With ``d = (g_max - g_min) / (levels - 1)`` and the nearest level ``k = round((g - g_min) / d)``

    ``up: g_min + (k + 1) d if z < probability_up else g``,
    ``down: g_min + (k - 1) d if z < probability_down else g``, z uniform in (0, 1).

    The levels are equally spaced over the range of the very cell, so that they follow its d2d spread. The number of
    pulses until a switch is geometric, with mean 1 / probability.

    Parameters
    ----------
    levels : number of levels, at least 2 (binary).
    probability_up, probability_down : chance that a pulse moves the cell; 1 is certain, and then nothing is drawn.

    ``step_up`` and ``step_down`` follow from the levels and cannot be given; nor can ``c2c_cv`` (the probabilities are
    the cycle-to-cycle noise) or a spread of steps and asymmetry.

    References
    ----------
    M. Suri et al., "Bio-inspired stochastic computing using binary CBRAM synapses", IEEE Trans. Electron Devices 60,
    2402 (2013).
    """

    step_up: float = field(init=False, default=0.0)
    step_down: float = field(init=False, default=0.0)
    levels: int = 2
    probability_up: float = field(default=1.0, metadata=limits(0, 1))
    probability_down: float = field(default=1.0, metadata=limits(0, 1))

    draw: ClassVar[Draw] = "uniform"
    noise_off: ClassVar[dict[str, Any]] = {"probability_up": 1.0, "probability_down": 1.0}

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole("levels", self.levels, 2, 4096)
        if self.c2c_cv is not None:
            raise InputError("c2c_cv: leave it None; the noise of a StochasticSwitch is in its probabilities")
        if self.spread.step_cv or self.spread.asymmetry_cv:
            raise InputError("spread: a StochasticSwitch has levels and no step size; only spread.range_cv applies")
        for name in ("step_up", "step_down"):
            object.__setattr__(self, name, (self.g_max - self.g_min) / (self.levels - 1))

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        level = (p.g_max - p.g_min) / (p.levels - 1.0)
        k = int((g - p.g_min) / level + 0.5)
        moved = p.g_min + (k + 1 if polarity > 0 else k - 1) * level
        return moved if z < (p.probability_up if polarity > 0 else p.probability_down) else g
