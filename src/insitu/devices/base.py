"""What a device is: a frozen dataclass of SI parameters and one pure scalar function.

A user writes a new device by subclassing :class:`Device`, adding fields and giving ``step``; nothing is registered and
nothing is compiled by hand (docs/add-a-device.md).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal, Protocol

from insitu.devices.imperfections import Endurance, Faults, Programming, ReadNoise, Retention, Spread, Telegraph
from insitu.devices.pulse import Pulse
from insitu.errors import InputError, limits, require_limits, store_plain_numbers, suggest
from insitu.plugins import Portable

__all__ = [
    "CELL_FIELDS",
    "Cell",
    "Device",
    "Draw",
    "Endurance",
    "Faults",
    "Programming",
    "Pulse",
    "ReadNoise",
    "Retention",
    "Scattered",
    "Spread",
    "Telegraph",
    "parameters",
]

Draw = Literal["none", "normal", "uniform"]

#: Parameters that differ from cell to cell once a device has spread; all others are shared by an array.
CELL_FIELDS = ("g_min", "g_max", "step_up", "step_down")

#: field of a device -> the group of imperfections that it holds; none of them enters the law of a pulse
IMPERFECTIONS = {
    "spread": Spread,
    "faults": Faults,
    "endurance": Endurance,
    "retention": Retention,
    "read_noise": ReadNoise,
    "telegraph": Telegraph,
    "programming": Programming,
}
#: the same of all groups of numbers
GROUPS = {**IMPERFECTIONS, "pulse": Pulse}

_CONDUCTANCE_HINT = "Conductances are in siemens, typically 1e-9 to 1e-2; 2.3 uS is 2.3e-6"
_STEP_HINT = "Steps are positive in both directions"


class Cell(Protocol):
    """The numbers of one cell, by the names of the fields of its device; a law that has tables takes Any in its place."""

    def __getattr__(self, name: str, /) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Device(Portable):
    """A cell that answers pulses: the abstract base of every device family.

    Parameters
    ----------
    g_min, g_max : conductance range, S. The array clips every step to it.
    step_up, step_down : size of one step where the family's law says so, S, both positive.
    c2c_cv : cycle-to-cycle spread of a step, relative to that step; None is noise-free.
    spread, faults, endurance, retention, read_noise, telegraph, programming : see :mod:`insitu.devices.imperfections`.
    pulse : amplitude of the pulses to which the law is the answer, and how steps grow with it.

    A family adds fields (numbers, or tuples of numbers), with their limits as metadata, and the scalar ``step``.
    """

    g_min: float = field(metadata=limits(0, 1, unit="S", hint=_CONDUCTANCE_HINT))
    g_max: float = field(metadata=limits(0, 1, unit="S", hint=_CONDUCTANCE_HINT))
    step_up: float = field(metadata=limits(0, 1, unit="S", hint=_STEP_HINT))
    step_down: float = field(metadata=limits(0, 1, unit="S", hint=_STEP_HINT))
    c2c_cv: float | None = field(default=None, metadata=limits(0, 10))
    spread: Spread = field(default_factory=Spread)
    faults: Faults = field(default_factory=Faults)
    endurance: Endurance = field(default_factory=Endurance)
    retention: Retention = field(default_factory=Retention)
    read_noise: ReadNoise = field(default_factory=ReadNoise)
    telegraph: Telegraph = field(default_factory=Telegraph)
    programming: Programming = field(default_factory=Programming)
    pulse: Pulse = field(default_factory=Pulse)

    #: whether polarity -1 is an abrupt RESET to g_min, which blind programming never gives
    one_sided: ClassVar[bool] = False
    #: which random number ``step`` wants as ``z`` when its noise is on
    draw: ClassVar[Draw] = "normal"
    #: the field values with which a pulse is exactly repeatable; a family whose noise has other fields says so here
    noise_off: ClassVar[dict[str, Any]] = {"c2c_cv": None}
    #: unit of every field that has one, for tables
    units: ClassVar[dict[str, str]] = {
        **dict.fromkeys(CELL_FIELDS, "S"),
        **dict.fromkeys(("spread.range_sd", "spread.low_sd", "spread.anchor"), "S"),
        **dict.fromkeys(("retention.rest", "read_noise.sd", "programming.error_sd", "programming.tolerance"), "S"),
        **dict.fromkeys(("retention.tau", "retention.t0"), "s"),
        **dict.fromkeys(("pulse.volts_up", "pulse.volts_down", "pulse.measured_up", "pulse.measured_down"), "V"),
    }

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        for f in fields(self):
            if getattr(self, f.name) is None and f.default is not None:
                raise InputError(f"{f.name}: got None; {type(self).__name__} needs a value here")
        for name, kind in GROUPS.items():
            if not isinstance(getattr(self, name), kind):
                raise InputError(f"{name}: got {getattr(self, name)!r}; allowed is {kind.__name__}(...)")
        require_limits(self)
        if self.g_min >= self.g_max:
            raise InputError(f"g_max: got {self.g_max:g} S; must be above g_min, which is {self.g_min:g} S")
        if self.g_max < 1e-30 or self.g_max * 0.99999 <= self.g_min:
            raise InputError(
                f"g_max: got {self.g_max:g} S, g_min is {self.g_min:g} S; cells are kept in single precision, which needs a "
                "range of at least 0.001 % of g_max"
            )
        _check_anchor(self)

    @staticmethod
    def step(g: float, polarity: int, p: Cell, z: float) -> float:
        """Return the conductance after one pulse; a leaf family must give it.

        Parameters
        ----------
        g : conductance before, S, within [p.g_min, p.g_max].
        polarity : +1 (up, LTP, SET) or -1 (down, LTD, RESET).
        p : the parameters of this very cell, by field name; a None field reads 0.0.
        z : a fresh random number, of the kind that ``draw`` names; 0.0 when the noise is off.
        """
        raise InputError("Device.step: a device family must define the static method step(g, polarity, p, z)")

    @property
    def noisy(self) -> bool:
        """Whether a pulse draws a random number (an array spends none otherwise)."""
        return self.draw != "none" and any(getattr(self, name) != value for name, value in self.noise_off.items())

    @property
    def mortal(self) -> bool:
        """Whether there are cells that do not answer, from the start or after their last write."""
        return self.endurance.writes is not None or self.faults.total > 0

    def without(self, *names: str) -> Device:
        """Return this device with imperfections switched off: c2c, any of IMPERFECTIONS by its field name, or ``all``."""
        off: dict[str, dict[str, Any]] = {"c2c": self.noise_off}
        off |= {name: {name: kind()} for name, kind in IMPERFECTIONS.items()}
        if self.programming.error_sd is not None:  # without its errors, a write that follows a law is exact
            off["programming"] = {"programming": Programming(error_sd=0.0, tries=self.programming.tries)}
        chosen = tuple(off) if names == ("all",) else names
        for name in chosen:
            if name not in off:
                raise InputError(f"without: unknown imperfection '{name}'; {suggest(name, [*off, 'all'])}")
        return replace(self, **{key: value for name in chosen for key, value in off[name].items()})


@dataclass(frozen=True, kw_only=True)
class Scattered(Device):
    """A cell whose steps scatter in proportion to their size and by a constant part: the base of most families.

    The scatter of a step is ``(c2c_cv |step| + c2c_sd) z``.

    Parameters
    ----------
    c2c_sd : scatter of a step that does not depend on its size, S; it adds to the relative scatter c2c_cv.
    """

    c2c_sd: float | None = field(default=None, metadata=limits(0, 1, unit="S"))

    noise_off: ClassVar[dict[str, Any]] = {"c2c_cv": None, "c2c_sd": None}
    units: ClassVar[dict[str, str]] = {**Device.units, "c2c_sd": "S"}


def shared_fields(device: Device | type[Device]) -> Iterator[str]:
    """Yield the names of the numeric fields of a device in order, those of CELL_FIELDS first."""
    yield from CELL_FIELDS
    skip = {*CELL_FIELDS, *GROUPS}
    yield from (f.name for f in fields(device) if f.name not in skip)


def parameters(device: Device) -> Any:
    """Return a namedtuple of the device's numbers, as ``step`` receives it: None reads 0.0, tables stay tuples."""
    names = list(shared_fields(device))
    values = (getattr(device, name) for name in names)
    numbers: list[Any] = [tuple(map(float, v)) if isinstance(v, tuple) else float(v or 0.0) for v in values]
    return namedtuple("Parameters", names)(*numbers)


def _check_anchor(device: Device) -> None:
    """Raise InputError if a device has an anchor at which it does not move both ways by steps whose noise is normal."""
    anchor = device.spread.anchor
    if anchor is None:
        return
    if device.one_sided or device.draw == "uniform":
        raise InputError(
            f"spread.anchor: {type(device).__name__} does not step both ways by a mean and a scatter; leave it out"
        )
    if not device.g_min < anchor < device.g_max:
        raise InputError(
            f"spread.anchor: got {anchor:g} S; allowed is a conductance between g_min and g_max, which are "
            f"{device.g_min:g} and {device.g_max:g} S"
        )
