"""The laws that are fitted to pulses: which numbers of each are free, where they start, and how far they may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np

from insitu.devices.base import CELL_FIELDS, IMPERFECTIONS, Device
from insitu.devices.constant import ConstantStep
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.pcm import ExponentialPhaseChange, PhaseChange
from insitu.devices.power import PowerStep
from insitu.devices.saturating import OneSidedSaturating, Saturating
from insitu.devices.softbounds import SoftBounds
from insitu.measure.pulses import LEAST, Pulses


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
_GAMMA, _DECAY = Free(0.5, -20.0, 1.0), Free(1.0, -10.0, 50.0)


@dataclass(frozen=True)
class Family:
    """A law of the package or of a user, with a kind of scatter.

    Parameters
    ----------
    name : of this choice, for tables and ``--family``.
    law : the class; that of a user may live in a file that cannot be imported by name.
    free : its numbers that are fitted, beside the steps.
    fixed : numbers, or tables, that are held.
    tied : whether numbers within their bounds may still not go together, so that the device itself has to be asked.
    """

    name: str
    law: type[Device]
    free: Mapping[str, Free] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    tied: bool = False

    @property
    def ours(self) -> bool:
        """Whether the law is one of the package, which any process can import."""
        return self.law.__module__.startswith("insitu.")

    def free_of(self, down: bool) -> dict[str, Free]:
        """Return all free numbers by field; those that only down pulses tell about are left out if there are none."""
        found = {"step_up": _STEP, "step_down": _STEP} | dict(self.free)
        if self.law.one_sided:
            del found["step_down"]
        return {key: free for key, free in found.items() if down or not key.startswith(("residue", "step_down"))}

    def device(self, numbers: Mapping[str, float]) -> Device:
        """Return the device with these numbers; what it has no field for is left aside."""
        given = {f.name for f in fields(self.law) if f.init}
        known: dict[str, Any] = {key: value for key, value in {**self.fixed, **numbers}.items() if key in given}
        if "step_down" in given and "step_down" not in known:
            known["step_down"] = known["step_up"]
        return self.law(**known)


_RELATIVE, _ABSOLUTE = {"c2c_cv": _CV}, {"c2c_sd": _SD}
_SLOPES = {"gamma_up": _GAMMA, "gamma_down": _GAMMA}
_FLAT, _SOFT = {"gamma_up": 0.0, "gamma_down": 0.0}, {"gamma_up": 1.0, "gamma_down": 1.0}
_POWERS = {"gamma_up": Free(1.0, 0.0, 20.0), "gamma_down": Free(1.0, 0.0, 20.0)}
_DELAY = {"delay": Free(0.3, 0.0, 1.0)}
_SATURATION = {"saturation": Free(1.2, 0.3, 100.0, True, "S")}
_RESET = {"residue": _SD, "residue_sd": _SD}
#: laws of which both directions are gradual; scatter is in proportion to the step, or ``additive``, the same everywhere
GRADUAL = (
    Family("constant", ConstantStep, _RELATIVE),
    Family("constant, additive", LinearStep, _ABSOLUTE, _FLAT),
    Family("soft-bounds", SoftBounds, _RELATIVE),
    Family("soft-bounds, additive", LinearStep, _ABSOLUTE, _SOFT),
    Family("linear", LinearStep, _SLOPES | _RELATIVE),
    Family("linear, additive", LinearStep, _SLOPES | _ABSOLUTE),
    Family("exponential", ExponentialStep, {"decay_up": _DECAY, "decay_down": _DECAY} | _RELATIVE),
    Family("power", PowerStep, _POWERS | _RELATIVE),
    Family("saturating", Saturating, _DELAY | _RELATIVE),
)
#: laws of which RESET is abrupt; scatter of SET has a constant part and one in proportion to the step
ABRUPT = (
    Family("phase-change", PhaseChange, _SATURATION | _ABSOLUTE | _RELATIVE | _RESET, tied=True),
    Family("exponential phase-change", ExponentialPhaseChange, {"decay_up": _DECAY} | _ABSOLUTE | _RELATIVE | _RESET),
    Family("saturating phase-change", OneSidedSaturating, _DELAY | _ABSOLUTE | _RELATIVE | _RESET),
)


_KNOWN = _RELATIVE | _ABSOLUTE | _RESET


def family_of(name: str, device: Device) -> Family:
    """Return the law of any device as a family: its numbers beside range and steps are free, and start where they stand.

    Positive numbers are searched on a logarithmic scale, over a factor of 100 either way; others over ten times their size
    and 10 more. Numbers that are off (None) stay off, except for c2c_cv, without which nothing scatters. Tables are held.
    """
    free, fixed = {"c2c_cv": _CV} if "c2c_cv" in device.noise_off else {}, {}
    for f in fields(device):
        value = getattr(device, f.name)
        if not f.init or f.name in (*CELL_FIELDS, *IMPERFECTIONS, "c2c_cv") or value is None:
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
    """Return the laws that make sense for these pulses: gradual ones, or one-sided ones where RESET is abrupt or absent.

    RESET is abrupt where a down pulse takes away most, 70 % in the median, of what lies above the lowest reading.
    """
    down = pulses.polarity < 0
    if down.sum() < LEAST:
        return ABRUPT
    low, _ = pulses.range
    before, after = pulses.before[down] - low, pulses.after[down] - low
    high = before > np.median(before) / 2
    return ABRUPT if high.any() and np.median(1 - after[high] / before[high]) > 0.7 else GRADUAL
