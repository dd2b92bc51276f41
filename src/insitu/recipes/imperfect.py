"""A device of the library with some of its imperfections set in the recipe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, Literal

from pydantic import Field

from insitu.devices.base import Device
from insitu.devices.library import load
from insitu.devices.saturating import OneSidedSaturating, Saturating
from insitu.devices.switch import StochasticSwitch
from insitu.errors import InputError
from insitu.recipes.axes import EncodingName
from insitu.recipes.loading import DeviceName, RecipePart
from insitu.schemes import Scheme

#: None is as in the library; "off" is without
Change = float | Literal["off"] | None

#: properties of a pulse, which a write by a statistical law does not have
_PULSED = (
    *("steps", "nonlinearity", "nonlinearity_up", "nonlinearity_down", "delay", "asymmetry"),
    *("c2c", "step_cv", "asymmetry_cv"),
)


class DeviceTable(RecipePart):
    """A device and what is changed of it; a field that is not given is as in the library."""

    device: DeviceName
    on_off: float | None = Field(
        None, gt=1, le=1e9
    )  # g_max over g_min, g_max as it is, the law in its place in the range
    steps: float | None = Field(None, gt=0)  # dynamic range: g_max - g_min over the mean first step
    nonlinearity: Change = None  # loss of step from one end of the range to the other, in laws that say so
    nonlinearity_up: Change = None  # the same of one polarity
    nonlinearity_down: Change = None
    delay: float | None = Field(None, ge=0, le=1)  # the law of Saturating in place of its own: 0 immediate, 1 delayed
    asymmetry: float | None = Field(None, gt=-1, lt=1)  # of all cells: step up times 1 + a, step down times 1 - a
    c2c: Change = None  # spread of a step from pulse to pulse, relative to the first step
    step_cv: Change = None
    range_cv: Change = None
    asymmetry_cv: Change = None
    dead: Change = None
    stuck_low: Change = None
    stuck_high: Change = None
    endurance: Change = None  # median writes a cell survives
    endurance_cv: Change = None
    leak: Change = None  # time constant, s
    drift: Change = None  # exponent
    read_noise: Change = None  # relative standard deviation of a read
    jumping: Change = None  # fraction of the cells that jump between two levels
    write_error: Change = None  # standard deviation of a closed-loop write by a statistical law, of the range

    def build(self, table: str, *, ideal: bool = False) -> Device:
        """Return the device, its imperfections off if ideal; InputError about ``table.field`` if it has no such property."""
        device = self._law(table)
        return device.without("all") if ideal else self._imperfect(table, device)

    def _law(self, table: str) -> Device:
        """Return the device, what is changed of the mean step put in."""
        ways = (self.nonlinearity_up, self.nonlinearity_down)
        if self.delay is not None and any(value not in (None, "off") for value in (self.nonlinearity, *ways)):
            raise InputError(f"{table}.delay: replaces the law whose nonlinearity is set; leave one of the two out")
        if self.nonlinearity is not None and None not in ways:
            raise InputError(f"{table}.nonlinearity: both polarities have their own; leave it out")
        device = load(self.device).device
        if self.on_off is not None:
            device = self._set(table, "on_off", device, _in_range(device, device.g_max / self.on_off))
        if self.steps is not None:
            scale = (device.g_max - device.g_min) / (self.steps * device.step_up)
            device = self._set(table, "steps", device, _scaled(device, scale))
        if self.asymmetry is not None:
            up, down = device.step_up * (1 + self.asymmetry), device.step_down * (1 - self.asymmetry)
            device = self._set(table, "asymmetry", device, {"step_up": up, "step_down": down})
        if self.nonlinearity is not None:
            both = ("up",) if device.one_sided else ("up", "down")
            law = {key: value for way in both for key, value in self._nonlinear(table, "nonlinearity", device, way)}
            device = self._set(table, "nonlinearity", device, law)
        for way in ("up", "down"):
            if getattr(self, name := f"nonlinearity_{way}") is not None:
                device = self._set(table, name, device, dict(self._nonlinear(table, name, device, way)))
        return device if self.delay is None else _saturating(device, self.delay)

    def _nonlinear(self, table: str, name: str, device: Device, way: str) -> Iterator[tuple[str, float]]:
        """Yield the fields of a law that loses this part of its first step on the way."""
        lost = _number(getattr(self, name)) or 0.0
        if device.one_sided and way == "up":
            yield "saturation", min(device.g_max / lost, 1.0) if lost else 1.0  # 1 S is as good as never
        elif f"decay_{way}" in _given(device):
            floor = getattr(device, f"floor_{way}") or 0.0
            if lost >= 1.0 - floor:
                raise InputError(f"{table}.{name}: got {lost:g}; an exponential step loses less than {1.0 - floor:g}")
            yield f"decay_{way}", math.log((1.0 - floor) / (1.0 - floor - lost))
        else:
            yield f"gamma_{way}", lost

    def _imperfect(self, table: str, device: Device) -> Device:
        """Return a device with what is changed of its imperfections."""
        if self.c2c is not None:
            device = replace(device, **_noise(table, device, _number(self.c2c)))
        groups: dict[str, dict[str, Change]] = {
            "spread": {name: getattr(self, name) for name in ("step_cv", "range_cv", "asymmetry_cv")},
            "faults": {name: getattr(self, name) for name in ("dead", "stuck_low", "stuck_high")},
            "endurance": {"writes": self.endurance, "writes_cv": self.endurance_cv},
            "read_noise": {"cv": self.read_noise},
            "telegraph": {"fraction": self.jumping},
        }
        changed: dict[str, dict[str, Any]] = {
            group: {name: _number(value) for name, value in given.items() if value is not None}
            for group, given in groups.items()
        }
        if self.range_cv is not None:
            changed["spread"] |= {"range_sd": None, "low_sd": None}
        if self.read_noise is not None:
            changed["read_noise"]["sd"] = None
        if self.jumping == "off":
            changed["telegraph"]["jump"] = None
        elif self.jumping is not None and device.telegraph.jump is None:
            raise InputError(f"{table}.jumping: {self.device} has no jumps of which to change the number; leave it out")
        error = _number(self.write_error)
        if error is not None or (self.write_error == "off" and device.programming.error_sd is not None):
            changed["programming"] = {"error_sd": (error or 0.0) * (device.g_max - device.g_min)}
        changed["retention"] = self._retention(table, device)
        made = {group: replace(getattr(device, group), **changes) for group, changes in changed.items()}
        return replace(device, **made)

    def _retention(self, table: str, device: Device) -> dict[str, float | None]:
        """Return what is changed of the retention."""
        changes: dict[str, float | None] = {}
        if self.leak == "off":
            changes |= dict.fromkeys(("tau", "tau_cv", "rest"))
        elif self.leak is not None:
            rest = device.retention.rest
            changes |= {"tau": float(self.leak), "rest": (device.g_min + device.g_max) / 2 if rest is None else rest}
        if self.drift == "off":
            changes |= dict.fromkeys(("nu", "nu_sd", "t0"))
        elif self.drift is not None:
            if device.retention.t0 is None:
                raise InputError(f"{table}.drift: {self.device} has no drift to change; take a phase-change device")
            changes["nu"] = float(self.drift)
        return changes

    def _set(self, table: str, name: str, device: Device, changes: dict[str, Any]) -> Device:
        if not changes or not set(changes) <= _given(device):
            raise InputError(
                f"{table}.{name}: {self.device} ({type(device).__name__}) has no such property; leave it out"
            )
        return replace(device, **changes)


class ArrayTable(DeviceTable):
    """The device of all cells of a recipe, and how they make a weight; a recipe adds ``weights`` and ``bits``."""

    device: DeviceName = "auto"
    encoding: EncodingName = "auto"
    weights: str

    def named_device(self, scheme: Scheme, *, auto: str) -> tuple[str, Device]:
        """Return name and device, ``auto`` where its name is that, imperfections off if weights are ideal.

        Raises
        ------
        InputError : a property is changed that the device does not have, or that of pulses where none is given.
        """
        named = self.model_copy(update={"device": auto}) if self.device == "auto" else self
        device = named.build("array", ideal=self.weights == "ideal")
        bits = self.weights == "digital" or self.encoding == "bits"
        if scheme.by_law and device.programming.error_sd is not None and not bits:
            for name in _PULSED:
                if getattr(self, name) not in (None, "off"):
                    raise InputError(
                        f"array.{name}: has no effect here, for {named.device} is written and verified by a statistical law, "
                        "not pulse by pulse; leave it out, or name another scheme"
                    )
        return named.device, device


def _number(value: Change) -> float | None:
    return None if value is None or value == "off" else float(value)


def _given(device: Device | type[Device]) -> set[str]:
    """Return the names of the fields that a device of this kind is made with."""
    return {f.name for f in fields(device) if f.init}


def _scaled(device: Device, scale: float) -> dict[str, Any]:
    """Return the fields of a device whose steps, and their noise in siemens, are ``scale`` times as large."""
    names = ["step_up", "c2c_sd", *([] if device.one_sided else ["step_down"])]
    return {name: getattr(device, name) * scale for name in names if name in _given(device) and getattr(device, name)}


def _in_range(device: Device, g_min: float) -> dict[str, Any]:
    """Return the fields of a device whose range begins at g_min, all in its place in it; none if its law is in siemens."""
    own = _given(device)
    if "saturation" in own or not ("step_up" in own or isinstance(device, StochasticSwitch)):
        return {}
    scale = (device.g_max - g_min) / (device.g_max - device.g_min)
    rest, anchor = (
        at if at is None else g_min + (at - device.g_min) * scale
        for at in (device.retention.rest, device.spread.anchor)
    )
    kept = {"retention": replace(device.retention, rest=rest), "spread": replace(device.spread, anchor=anchor)}
    return {"g_min": g_min} | kept | _scaled(device, scale)


def _saturating(device: Device, delay: float) -> Device:
    """Return the generic saturating device of the same range, first steps and imperfections."""
    kind = OneSidedSaturating if device.one_sided else Saturating
    kept = {name: getattr(device, name) for name in _given(kind) if hasattr(device, name)}
    return kind(**(kept | {"delay": delay}))


def _noise(table: str, device: Device, cv: float | None) -> dict[str, Any]:
    """Return the fields of a device whose step scatters by ``cv`` of the first step, in every law that it has."""
    off = {name: value for name, value in device.noise_off.items() if name.startswith("c2c")}
    if not cv:
        return off
    if sd := getattr(device, "c2c_sd", None):
        factor = cv * device.step_up / sd
        slope = getattr(device, "c2c_slope", None)
        return off | {"c2c_sd": cv * device.step_up} | ({"c2c_slope": slope * factor} if slope else {})
    if getattr(device, "c2c_balance_cv", None):
        return off | {"c2c_balance_cv": cv * (1 + device.step_up / device.step_down)}
    if "c2c_cv" not in off:
        raise InputError(f"{table}.c2c: {type(device).__name__} has no noise of a step to set; leave it out")
    return off | {"c2c_cv": cv}
