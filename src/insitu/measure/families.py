"""The laws that are fitted to pulses: which numbers of each are free, where they start, and how far they may go."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np

from insitu.devices.base import CELL_FIELDS, GROUPS, Device
from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.geometric import GeometricStep
from insitu.devices.linear import LinearStep
from insitu.devices.pcm import ExponentialPhaseChange, PhaseChange
from insitu.devices.power import PowerStep
from insitu.devices.pulsepower import PulsePower
from insitu.devices.saturating import OneSidedSaturating, Saturating
from insitu.devices.sigmoid import SigmoidStep
from insitu.devices.softbounds import SoftBounds
from insitu.errors import InputError
from insitu.measure.pulses import Pulses


class Free(NamedTuple):
    """A number that is fitted: start and bounds, as a plain number or, of ``unit`` S, in parts of the range.

    ``log`` numbers are positive and searched on a logarithmic scale.
    """

    start: float
    low: float
    high: float
    log: bool = False
    unit: str = ""


_STEP = Free(0.01, 1e-6, 1.5, True, "S")
_CV = Free(0.5, 1e-4, 10.0, True)
_SD = Free(0.01, 1e-5, 1.0, True, "S")
#: noise of readings: constant, and in proportion to the conductance
READ_SD, READ_CV = "read_noise.sd", "read_noise.cv"
READS = {READ_SD: Free(0.01, 1e-6, 1.0, True, "S"), READ_CV: Free(0.01, 1e-6, 1.0, True)}
#: what is told apart by its likelihood, scatter and noise in proportion and constant; of two that do as well the first goes
KINDS = (("c2c_sd", "c2c_cv"), (READ_CV, READ_SD))
NOISES = tuple(name for pair in KINDS for name in pair)
_GAMMA, _DECAY = Free(0.5, -20.0, 1.0), Free(1.0, -10.0, 50.0)


@dataclass(frozen=True)
class Family:
    """A law of the package or of a user.

    Parameters
    ----------
    name : of this choice, for tables and ``--law``.
    law : the class; that of a user may live in a file that cannot be imported by name.
    free : its numbers that are fitted, beside the steps.
    fixed : numbers, or tables, that are held.
    counted : how many numbers of tables were taken from the pulses, for its criterion.
    tied : whether numbers within their bounds may still not go together, so that the device itself has to be asked.
    """

    name: str
    law: type[Device]
    free: Mapping[str, Free] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    tied: bool = False
    counted: int = 0

    @property
    def logarithmic(self) -> bool:
        """Whether bounds of the range are looked for in ln G."""
        return issubclass(self.law, GeometricStep)

    @property
    def ours(self) -> bool:
        """Whether the law is one of the package, which any process can import."""
        return self.law.__module__.startswith("insitu.")

    def free_of(self, signs: Container[int]) -> dict[str, Free]:
        """Return all free numbers by field; those that only up (+1) or only down (-1) pulses tell about, if there are any."""
        found = {"step_up": _STEP, "step_down": _STEP} | dict(self.free)
        if self.law.one_sided:
            if 1 not in signs:
                raise InputError(f"{self.name}: is a law of SET, of which there are no pulses")
            del found["step_down"]
        gone = [ends for sign, ends in ((1, ("_up",)), (-1, ("_down", "residue", "residue_sd"))) if sign not in signs]
        return {key: free for key, free in found.items() if not any(key.endswith(ends) for ends in gone)}

    def unmeasured(self, signs: Container[int]) -> dict[str, str]:
        """Return which numbers of the device are those of the other direction, for want of any pulses: field -> source."""
        if self.law.one_sided:
            return {}
        pairs = [("_up", "_down")] * (1 not in signs) + [("_down", "_up")] * (-1 not in signs)
        names = [f.name for f in fields(self.law) if f.name in {"step_up", "step_down", *self.free}]
        return {n: n.removesuffix(mine) + other for mine, other in pairs for n in names if n.endswith(mine)}

    def device(self, numbers: Mapping[str, float], signs: Container[int] = (1, -1)) -> Device:
        """Return the device with these numbers; what it has no field for is left aside."""
        given = {f.name for f in fields(self.law) if f.init}
        whole = {**self.fixed, **numbers}
        whole |= {name: whole[source] for name, source in self.unmeasured(signs).items()}
        return self.law(**{key: value for key, value in whole.items() if key in given})


_SCATTER = {"c2c_cv": _CV, "c2c_sd": _SD}
scale_of_scatter = {"c2c_cv": _CV}  #: of a table, which has the scatter itself
TABLE, SWITCH = "table", "switch"  #: the families that are made of the pulses, and that of two levels
_POWERS = {"gamma_up": Free(1.0, 0.0, 20.0), "gamma_down": Free(1.0, 0.0, 20.0)}
_ALPHAS = {"alpha_up": Free(1.5, -10.0, 10.0), "alpha_down": Free(0.5, -10.0, 10.0)}
_RISE, _FALL = Free(2.0, 0.01, 1e3, True), Free(0.7, -20.0, 1.0)
_SIGMOID = {"rise_up": _RISE, "rise_down": _RISE, "fall_up": _FALL, "fall_down": _FALL}
_DELAY = {"delay": Free(0.3, 0.0, 1.0)}
_SATURATION = {"saturation": Free(1.2, 0.3, 100.0, True, "S")}
_RESET = {"residue": _SD, "residue_sd": _SD}
#: laws of which both directions are gradual
GRADUAL = (
    Family("constant", ConstantStep, _SCATTER),
    Family("soft-bounds", SoftBounds, _SCATTER),
    Family("linear", LinearStep, {"gamma_up": _GAMMA, "gamma_down": _GAMMA} | _SCATTER),
    Family("exponential", ExponentialStep, {"decay_up": _DECAY, "decay_down": _DECAY} | _SCATTER),
    Family("power", PowerStep, _POWERS | _SCATTER),
    Family("pulse-power", PulsePower, _ALPHAS | _SCATTER),
    Family("saturating", Saturating, _DELAY | _SCATTER),
    Family("sigmoid", SigmoidStep, _SIGMOID | _SCATTER),
)
#: where readings run over decades: steps of ln G
GEOMETRIC = Family(
    "geometric",
    GeometricStep,
    {"gamma_up": _GAMMA, "gamma_down": _GAMMA, "c2c_cv": _CV}
    | dict.fromkeys(("step_up", "step_down"), _STEP._replace(low=1e-9)),
)
#: laws of which RESET is abrupt
ABRUPT = (
    Family("phase-change", PhaseChange, _SATURATION | _SCATTER | _RESET, tied=True),
    Family("exponential phase-change", ExponentialPhaseChange, {"decay_up": _DECAY} | _SCATTER | _RESET),
    Family("saturating phase-change", OneSidedSaturating, _DELAY | _SCATTER | _RESET),
)


_KNOWN = _SCATTER | _RESET


def family_of(name: str, device: Device) -> Family:
    """Return the law of any device as a family: its numbers beside range and steps are free, and start where they stand.

    Positive numbers are searched on a logarithmic scale, over a factor of 100 either way; others over ten times their size
    and 10 more. Numbers that are off (None) stay off, except for the scatter c2c_cv and c2c_sd. Tables are held.
    """
    free, fixed = {name: one for name, one in _SCATTER.items() if name in device.noise_off}, {}
    for f in fields(device):
        value = getattr(device, f.name)
        if not f.init or f.name in (*CELL_FIELDS, *GROUPS, *_SCATTER) or value is None:
            continue
        if "float" not in str(f.type) or isinstance(value, tuple):
            fixed[f.name] = value
        elif f.name in _KNOWN:
            free[f.name] = _KNOWN[f.name]
        elif value > 0:
            free[f.name] = Free(value, value / 100, value * 100, True)
        else:
            free[f.name] = Free(value, value - 10 * abs(value) - 10, value + 10 * abs(value) + 10)
    return Family(name, type(device), free, fixed, tied=True)


def families_for(pulses: Pulses) -> tuple[Family, ...]:
    """Return the laws that make sense for these pulses: gradual ones, or one-sided ones where RESET is abrupt or absent."""
    if -1 not in pulses.signs or _abrupt(pulses):
        return ABRUPT
    return (*GRADUAL, GEOMETRIC) if over_decades(pulses) else GRADUAL


def over_decades(pulses: Pulses) -> bool:
    """Whether readings, all of them above 0, run over two decades and more."""
    low, high = pulses.range
    return 0 < low <= high / 100


def _abrupt(pulses: Pulses) -> bool:
    """Whether one down pulse takes away most, 70 % in the median, of what lies above the lowest reading of its device.

    Only pulses from the upper half count: to what is down already, the second pulse of a train does nothing more.
    """
    taken = []
    for k in range(len(pulses.names)):
        own = pulses.of == k
        down = own & (pulses.polarity < 0)
        low = min(pulses.before[own].min(), pulses.after[own].min())
        before, after = pulses.before[down] - low, pulses.after[down] - low
        high = before > before.max(initial=0.0) / 2
        taken += list(1 - after[high] / before[high])
    return bool(taken) and float(np.median(taken)) > 0.7
