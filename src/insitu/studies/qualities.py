"""What is good or bad about a device, property by property: its value, and the fields that make it better."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from insitu.devices.base import Device
from insitu.devices.response import step_statistics
from insitu.reports.captions import QUALITIES
from insitu.studies.axes import Setting

_LITTLE = 0.01  #: of a step: what is less is as good as nothing


@dataclass(frozen=True, eq=False)
class Quality:
    """A property of a device that may be improved.

    Parameters
    ----------
    name : of :data:`insitu.reports.captions.QUALITIES`. value : of this device.
    better, ideal : fields of :class:`insitu.recipes.imperfect.DeviceTable` with which it is twice as good, and as good as can
        be; None where a recipe cannot set that.
    """

    name: str
    value: float
    better: Setting | None
    ideal: Setting | None

    @property
    def what(self) -> str:
        """The property in words."""
        return QUALITIES[self.name]

    def changes(self, table: str) -> dict[str, Setting]:
        """Return what is set in the table of a recipe, by what is done: ``better``, ``ideal``."""
        ways = {"better": self.better, "ideal": self.ideal}
        return {way: {f"{table}.{key}": value for key, value in some.items()} for way, some in ways.items() if some}


def qualities(device: Device, *, by_law: bool = False) -> list[Quality]:
    """Return what could be better about a device, in a fixed order; what is ideal already is left out.

    Parameters
    ----------
    by_law : whether cells are written by a statistical law, so that properties of pulses do not matter, and the error of a
        write does.
    """
    return [*(_writes(device) if by_law else _pulses(device)), *_cells(device)]


def _writes(device: Device) -> Iterator[Quality]:
    """Yield the error of a write by a statistical law."""
    if error := device.programming.error_sd:
        yield _halved("write_error", error / (device.g_max - device.g_min))


def _pulses(device: Device) -> Iterator[Quality]:
    """Yield what concerns the answer to a pulse."""
    given = {f.name for f in fields(device) if f.init}
    if "step_up" in given:
        steps = (device.g_max - device.g_min) / device.step_up
        yield Quality("steps", steps, {"steps": 2 * steps}, None)
    lost = {
        f"nonlinearity_{way}": lost_step(device, polarity)
        for way, polarity in (("up", 1), ("down", -1))
        if given & {f"gamma_{way}", f"decay_{way}"} and not device.one_sided
    }
    if any(value > _LITTLE for value in lost.values()):  # both at once: one alone would make up and down unlike
        better = {name: max(value, 0.0) / 2 for name, value in lost.items()}
        yield Quality("nonlinearity", max(lost.values()), better, dict.fromkeys(lost, "off"))
    if device.one_sided and (saturation := getattr(device, "saturation", None)):
        x = device.g_max / saturation
        yield Quality("saturation", x, {"nonlinearity": x / 2}, {"nonlinearity": "off"})
    if {"step_up", "step_down"} <= given and not device.one_sided:
        up, down = device.step_up, abs(getattr(device, "step_down", 0.0))
        tilt = (up - down) / (up + down)
        if abs(tilt) > _LITTLE:
            half, none = ({"asymmetry": field_value("asymmetry", to, tilt)} for to in (tilt / 2, 0.0))
            yield Quality("asymmetry", tilt, half, none)
    sd, cv = getattr(device, "c2c_sd", None), getattr(device, "c2c_cv", None)
    if balance := getattr(device, "c2c_balance_cv", None):
        cv = balance / (1 + device.step_up / device.step_down)
    if scatter := (sd / device.step_up if sd and "step_up" in given else cv):
        yield _halved("c2c", scatter)
    yield from _halves({name: getattr(device.spread, name) for name in ("step_cv", "asymmetry_cv")})


def _cells(device: Device) -> Iterator[Quality]:
    """Yield what concerns a cell, whatever writes it."""
    middle = (device.g_min + device.g_max) / 2
    spread, faults, retention, noise = device.spread, device.faults, device.retention, device.read_noise
    yield from _halves({"range_cv": spread.range_cv or (spread.range_sd or 0.0) / middle})
    yield from _halves({name: getattr(faults, name) for name in ("dead", "stuck_low", "stuck_high")})
    for name, value in (("endurance", device.endurance.writes), ("leak", retention.tau)):
        if value:
            yield Quality(name, value, {name: 2 * value}, {name: "off"})
    yield from _halves({"drift": retention.nu})
    if sd := math.hypot((noise.cv or 0.0) * middle, noise.sd or 0.0):
        half = None if noise.sd else {"read_noise": (noise.cv or 0.0) / 2}  # a recipe sets it in proportion to g
        yield Quality("read_noise", sd / middle, half, {"read_noise": "off"})
    yield from _halves({"jumping": device.telegraph.fraction if device.telegraph.jump else None})


def _halved(name: str, value: float) -> Quality:
    """Return a property that is twice as good at half of its value, and ideal at 0."""
    return Quality(name, value, {name: value / 2}, {name: "off"})


def _halves(values: Mapping[str, float | None]) -> Iterator[Quality]:
    """Yield those properties that are not ideal."""
    for name, value in values.items():
        if value:
            yield _halved(name, value)


def lost_step(device: Device, polarity: int) -> float:
    """Return which part of the mean step at one end of the range is lost at the other, on the way of a polarity."""
    ends = [device.g_min, device.g_max][::polarity]
    first, last = step_statistics(device, polarity, ends)[0]
    return 1.0 - float(last / first) if first else 0.0


def field_value(name: str, wanted: float, now: float) -> float:
    """Return the value of a field of a DeviceTable with which a property, now of this value, takes another.

    They are the same but for the asymmetry a, which multiplies the steps of the device: up x (1 + a), down x (1 - a).
    """
    return (wanted - now) / (1 - wanted * now) if name == "asymmetry" else wanted
