"""A device of the library with some of its imperfections set in the recipe."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Literal

from pydantic import Field

from insitu.devices.base import Device
from insitu.devices.library import load
from insitu.devices.saturating import OneSidedSaturating, Saturating
from insitu.errors import InputError
from insitu.recipes.loading import DeviceName, RecipePart

#: None is as in the library; "off" is without
Change = float | Literal["off"] | None


class DeviceTable(RecipePart):
    """A device and what is changed of it; a field that is not given is as in the library."""

    device: DeviceName
    steps: float | None = Field(None, gt=0)  # dynamic range: g_max - g_min over the mean first step
    nonlinearity: Change = None  # loss of step from one end of the range to the other, in laws that are linear
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

    def build(self, table: str) -> Device:
        """Return the device; InputError about ``table.field`` if it has no such property."""
        device = load(self.device).device
        if self.steps is not None:
            scale = (device.g_max - device.g_min) / (self.steps * device.step_up)
            device = self._set(table, "steps", device, _scaled(device, scale))
        if self.asymmetry is not None:
            up, down = device.step_up * (1 + self.asymmetry), device.step_down * (1 - self.asymmetry)
            device = self._set(table, "asymmetry", device, {"step_up": up, "step_down": down})
        if self.nonlinearity is not None:
            gamma = _number(self.nonlinearity) or 0.0
            law = {"gamma_up": gamma, "gamma_down": gamma}
            if device.one_sided:
                law = {"saturation": min(device.g_max / gamma, 1.0) if gamma else 1.0}  # 1 S is as good as never
            device = self._set(table, "nonlinearity", device, law)
        if self.delay is not None:
            device = _saturating(device, self.delay)
        if self.c2c is not None:
            device = replace(device, **_noise(device, _number(self.c2c)))
        groups: dict[str, dict[str, Change]] = {
            "spread": {name: getattr(self, name) for name in ("step_cv", "range_cv", "asymmetry_cv")},
            "faults": {name: getattr(self, name) for name in ("dead", "stuck_low", "stuck_high")},
            "endurance": {"writes": self.endurance, "writes_cv": self.endurance_cv},
        }
        changed: dict[str, dict[str, Any]] = {
            group: {name: _number(value) for name, value in given.items() if value is not None}
            for group, given in groups.items()
        }
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


def _number(value: Change) -> float | None:
    return None if value is None or value == "off" else float(value)


def _given(device: Device | type[Device]) -> set[str]:
    """Return the names of the fields that a device of this kind is made with."""
    return {f.name for f in fields(device) if f.init}


def _scaled(device: Device, scale: float) -> dict[str, Any]:
    """Return the fields of a device whose steps, and their noise in siemens, are ``scale`` times as large."""
    names = ["step_up", "c2c_sd", *([] if device.one_sided else ["step_down"])]
    return {name: getattr(device, name) * scale for name in names if name in _given(device) and getattr(device, name)}


def _saturating(device: Device, delay: float) -> Device:
    """Return the generic saturating device of the same range, first steps and imperfections."""
    kind = OneSidedSaturating if device.one_sided else Saturating
    kept = {name: getattr(device, name) for name in _given(kind) if hasattr(device, name)}
    return kind(**(kept | {"delay": delay}))


def _noise(device: Device, cv: float | None) -> dict[str, Any]:
    """Return the fields of a device whose step scatters by ``cv`` of the first step, in every law that it has."""
    off = {name: value for name, value in device.noise_off.items() if name.startswith("c2c")}
    if not cv:
        return off
    if sd := getattr(device, "c2c_sd", None):
        factor = cv * device.step_up / sd
        slope = getattr(device, "c2c_slope", None)
        return off | {"c2c_sd": cv * device.step_up} | ({"c2c_slope": slope * factor} if slope else {})
    if "c2c_cv" not in off:
        raise InputError(f"c2c: {type(device).__name__} has no noise of a step to set; leave it out")
    return off | {"c2c_cv": cv}
