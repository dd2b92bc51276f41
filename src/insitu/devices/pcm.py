"""Phase-change memory: a cell that is SET gradually and RESET at one blow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from insitu.devices.base import Cell, Scattered
from insitu.errors import InputError, limits, require_between
from insitu.kernels.fmath import exp


@dataclass(frozen=True, kw_only=True)
class OneSided(Scattered):
    """A cell of which only SET (up) is gradual: the abstract base of the one-sided families.

    ``SET: g + m + (c2c_cv |m| + c2c_slope g + c2c_sd) z``, m the mean step that the family gives,
    ``RESET: g_min + residue + residue_sd z``, from wherever the cell stands.

    Parameters
    ----------
    c2c_slope : scatter of a SET that grows with the conductance, per S and pulse; it adds to the other two.
    residue, residue_sd : mean and scatter of what a RESET leaves above g_min, S; the array cuts it at g_min.

    ``step_down``, the largest RESET, is the range and cannot be given.
    """

    step_down: float = field(init=False, default=0.0)
    c2c_slope: float | None = field(default=None, metadata=limits(0, 10))
    residue: float | None = field(default=None, metadata=limits(0, 1, unit="S"))
    residue_sd: float | None = field(default=None, metadata=limits(0, 1, unit="S"))

    one_sided: ClassVar[bool] = True
    noise_off: ClassVar[dict[str, Any]] = dict.fromkeys(("c2c_cv", "c2c_slope", "c2c_sd", "residue_sd"))
    units: ClassVar[dict[str, str]] = {**Scattered.units, "residue": "S", "residue_sd": "S"}

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "step_down", self.g_max - self.g_min)


@dataclass(frozen=True, kw_only=True)
class PhaseChange(OneSided):
    """The mean SET step changes linearly with the conductance, as one-pulse statistics are fitted.

    ``m(g) = step_up (1 - g / saturation)``, in the form ``m = a g + b`` of the source: step_up = b, saturation = -b / a.
    The mean of many cells approaches the saturation as ``s - (s - g_0) (1 - step_up / s)**n``; above it, where noise takes
    some cells, SET lowers them on average, as in the source.

    Parameters
    ----------
    saturation : conductance at which the mean step is 0, S, above g_min. step_up is the step at 0 S, at most this.

    References
    ----------
    The one-pulse form of the model of Nandakumar et al. (2018) as it stands in the public repository
    YigitDemirag/meta-analog, memristor.py: mean and standard deviation linear in the conductance.
    """

    saturation: float

    units: ClassVar[dict[str, str]] = {**OneSided.units, "saturation": "S"}

    def __post_init__(self) -> None:
        super().__post_init__()
        low = max(self.g_min, self.step_up)
        require_between("saturation", self.saturation, low, 1, unit="S", hint="It is above g_min and step_up")
        if self.saturation == 0:
            raise InputError("saturation: got 0 S; it must be above 0")

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        mean = p.step_up * (1.0 - g / p.saturation)
        sd = p.c2c_cv * abs(mean) + p.c2c_slope * g + p.c2c_sd
        return g + mean + sd * z if polarity > 0 else p.g_min + p.residue + p.residue_sd * z


@dataclass(frozen=True, kw_only=True)
class ExponentialPhaseChange(OneSided):
    """The mean SET step decays exponentially along the range, towards a floor.

    With ``x = (g - g_min) / (g_max - g_min)``: ``m = step_up (floor_up + (1 - floor_up) exp(-decay_up x))``.

    Parameters
    ----------
    decay_up : rate of the decay over the whole range.
    floor_up : fraction of the first step that never decays; None is 0.

    References
    ----------
    The SET law by which aihwkit represents the cells of Nandakumar et al., Front. Neurosci. (2020), doi
    10.3389/fnins.2020.00406 (preset PCM, exponential step).
    """

    decay_up: float = field(metadata=limits(-20, 100))
    floor_up: float | None = field(default=None, metadata=limits(0, 1))

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse, S."""
        x = (g - p.g_min) / (p.g_max - p.g_min)
        mean = p.step_up * (p.floor_up + (1.0 - p.floor_up) * exp(-p.decay_up * x))
        sd = p.c2c_cv * mean + p.c2c_slope * g + p.c2c_sd
        return g + mean + sd * z if polarity > 0 else p.g_min + p.residue + p.residue_sd * z
