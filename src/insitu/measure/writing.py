"""A fitted device as a file: Python for people to read and for ``--device``, with notes on how sure each number is."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from insitu import __version__
from insitu.devices.base import GROUPS, Device
from insitu.devices.library.parameter_set import ParameterSet, numbers
from insitu.measure.families import NOISES, Family, over_decades
from insitu.measure.fitting import Fit
from insitu.measure.pulses import LEAST, Pulses
from insitu.measure.searching import OPEN, Estimate
from insitu.measure.varying import SIDES
from insitu.units import si

_SHORT = 60  #: characters of a note that stands beside its number


def how_sure(estimate: Estimate, unit: str) -> str:
    """Return the error of a number, or why it has none, as words."""
    if estimate.error is None:
        return estimate.remark or "no error: from one device"
    text = f"± {si(estimate.error, unit) if unit else f'{estimate.error:.2g}'}"
    return f"{text}, {estimate.remark}" if estimate.remark else text


def unmeasured(fit: Fit) -> list[str]:
    """Return what the device says of a direction of which there are no pulses; empty if there are both."""
    gone = [SIDES[sign] for sign in (1, -1) if sign not in fit.signs]
    if not gone:
        return []
    assumed = (
        "that RESET leads to g_min at one blow"
        if fit.family.law.one_sided
        else (" and ".join(f"{name} as {source}" for name, source in fit.unmeasured.items()))
    )
    return [f"No {gone[0]} pulses were measured. The device file needs that side, and assumes {assumed}: not measured."]


def hardly_measured(fit: Fit, pulses: Pulses) -> list[str]:
    """Return a warning on a direction of which there are some pulses, but too few; a RESET at one blow needs no more."""
    found = []
    open_ = any(fit.estimates[name].remark == OPEN for name in NOISES if name in fit.estimates)
    if open_ and pulses.linked < LEAST:
        found.append(
            f"Warning: of {pulses.of.size} pulses {pulses.linked} follow another of them, so scatter of steps and noise of "
            "readings cannot be told apart, and the device has all of it as either; if the others differ in amplitude or "
            "width, fit them together, with --at in place of --where."
        )
    for sign, side in SIDES.items():
        n = int((pulses.polarity == sign).sum())
        if 0 < n < LEAST and not (sign < 0 and fit.family.law.one_sided):
            found.append(
                f"Warning: only {n} {side} pulses were measured: do not rely on the numbers of that side; give {LEAST - n} "
                "more, or leave them out."
            )
    return found


def said_of_decades(fits: bool, family: Family, pulses: Pulses) -> list[str]:
    """Return what is said of readings over two decades and more that the law does not follow."""
    if fits or not over_decades(pulses):
        return []
    low, high = pulses.range
    what = "where steps are often even in ln G"
    way = "give all laws, or --law geometric, whose steps are those of ln G"
    if family.logarithmic:
        what, way = "and their steps are not even in ln G either", "keep to pulses within a decade"
    return [
        f"Readings run over {math.log10(high / low):.1f} decades, {what}: {way}; or fit a law of your own, --law my.py."
    ]


def device_file(fit: Fit, pulses: Pulses) -> str:
    """Return the source of a device file, see docs/add-a-device.md."""
    device, known = fit.device, numbers(fit.device)
    units = {field: device.units.get(field, "") for field in known}
    sure = {field: how_sure(fit.estimates[field], units[field]) for field in known if field in fit.estimates}
    sure |= {field: f"not measured: as {source}" for field, source in fit.unmeasured.items()}
    sure |= {field: "that of the device" for field in known if field.startswith("pulse.volts")}
    sure |= {field: "the largest that was measured" for field in known if field.startswith("pulse.measured")}
    described = pulses.describe()
    return _file(
        device,
        {field: _rounded(value) for field, value in known.items()},
        remarks=sure,
        text=f"{fit.family.name.capitalize()} law, fitted by insitu {__version__} to {described}.",
        unmeasured=unmeasured(fit),
        source=f"measured pulses in {pulses.source}",
        validity="; ".join(
            [pulses.conditions, f"within the readings, {described.rpartition(', readings ')[2]}", *unmeasured(fit)]
        ),
        notes={field: said if field in fit.unmeasured else f"fit: {said}" for field, said in sure.items()},
    )


def joined_file(base: ParameterSet, device: Device, sure: Mapping[str, str], told: Sequence[str]) -> str:
    """Return the source of the file of a device that has been measured further.

    Parameters
    ----------
    base : as it was. device : as it is now. sure : of each new number, how sure it is. told : what was measured, the source
        of that, and its conditions, as words.
    """
    known, (measured, source, conditions) = numbers(device), told
    old = {field: base.provenance[field] for field in known if field in base.provenance and field not in sure}
    notes = {f: one.note if one.tag == "user" else f"{base.name}: {one.tag}, {one.note}" for f, one in old.items()}
    plain = {field: note.removeprefix("fit: ") for field, note in notes.items() if len(note) < _SHORT}
    return _file(
        device,
        {field: _rounded(value) if field in sure else value for field, value in known.items()},
        remarks=plain | dict(sure),
        text=f"{base.summary.rstrip('.')}; with {measured}, by insitu {__version__}.",
        unmeasured=(),
        source="; ".join(filter(None, (base.source.rstrip("."), source))),
        validity="; ".join(filter(None, (base.validity.rstrip("."), conditions))),
        notes=notes | {field: f"fit: {said}" for field, said in sure.items()},
    )


def _rounded(value: float | tuple[float, ...]) -> float | tuple[float, ...]:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _file(
    device: Device,
    known: Mapping[str, float | tuple[float, ...]],
    *,
    remarks: Mapping[str, str],
    **parts: Any,
) -> str:
    """Return the source of a device file: the numbers ``known``, each with its unit and a remark."""
    from jinja2 import Environment

    groups = []
    for name, kind in GROUPS.items():
        inner = [f"{key[len(name) + 1 :]}={value!r}" for key, value in known.items() if key.startswith(f"{name}.")]
        groups += [{"name": name, "kind": kind.__name__, "inner": inner}] if inner else []
    plain = [
        {
            "field": field,
            "number": repr(value),
            "remark": ", ".join(filter(None, (device.units.get(field, ""), remarks.get(field)))),
        }
        for field, value in known.items()
        if "." not in field
    ]
    made = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    made.filters["repr"] = repr
    template = made.from_string(Path(__file__).with_name("device.py.j2").read_text(encoding="utf-8"))
    law = type(device)
    # the whole file of a user, so that this one is complete; what follows takes the place of its device
    own = "" if law.__module__.startswith("insitu.") else Path(inspect.getfile(law)).read_text(encoding="utf-8")
    return template.render(law=law, own=own.rstrip(), numbers=plain, groups=groups, **parts)
