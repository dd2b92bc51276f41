"""A fitted device as a file: Python for people to read and for ``--device``, with notes on how sure each number is."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path

from insitu import __version__
from insitu.devices.library.parameter_set import numbers
from insitu.measure.fitting import Fit
from insitu.measure.pulses import Pulses
from insitu.measure.searching import Estimate
from insitu.units import si

_GROUPS = {"spread": "Spread", "read_noise": "ReadNoise"}


def how_sure(estimate: Estimate, unit: str) -> str:
    """Return the error of a number, or why it has none, as words."""
    if estimate.error is None:
        return estimate.remark or "no error: from one device"
    text = f"± {si(estimate.error, unit) if unit else f'{estimate.error:.2g}'}"
    return f"{text}, {estimate.remark}" if estimate.remark else text


def device_file(fit: Fit, pulses: Pulses) -> str:
    """Return the source of a device file, see docs/add-a-device.md."""
    law, device, known = fit.family.law, fit.device, numbers(fit.device)
    groups: dict[str, list[str]] = {}
    lines = []
    for field, value in known.items():
        group, _, inner = field.rpartition(".")
        if group:
            groups.setdefault(group, []).append(f"{inner}={value:.6g}")
            continue
        number = repr(value) if isinstance(value, tuple) else f"{value:.6g}"
        lines.append(f"    {field}={number},{_comment(fit.estimates, field, device.units.get(field, ''))}")
    lines += [f"    {group}={_GROUPS[group]}({', '.join(inner)})," for group, inner in groups.items()]
    notes = {
        field: f"fit: {how_sure(fit.estimates[field], device.units.get(field, ''))}"
        for field in known
        if field in fit.estimates
    }
    groups_used = ", ".join(_GROUPS[group] for group in groups)
    text = f"{fit.family.name.capitalize()} law, fitted by insitu {__version__} to {pulses.describe()}."
    valid = f"{pulses.conditions}; within the readings, {pulses.describe().rpartition(', readings ')[2]}"
    if fit.family.ours:
        head = [f'"""{text}"""', "", f"from {law.__module__} import {law.__name__}"]
    else:  # the whole file of the user, so that this one is complete; what follows takes the place of its device
        head = [Path(inspect.getfile(law)).read_text(encoding="utf-8").rstrip(), "", "", f"__doc__ = {text!r}"]
    return "\n".join(
        [
            *head,
            *([f"from insitu.devices.base import {groups_used}"] if groups_used else []),
            "",
            f"device = {law.__name__}(",
            *lines,
            ")",
            "",
            f"source = {('measured pulses in ' + pulses.source)!r}",
            f"validity = {valid!r}",
            "notes = {",
            *(f"    {field!r}: {note!r}," for field, note in notes.items()),
            "}",
            "",
        ]
    )


def _comment(estimates: Mapping[str, Estimate], field: str, unit: str) -> str:
    if field not in estimates:
        return f"  # {unit}" if unit else ""
    return f"  # {unit + ', ' if unit else ''}{how_sure(estimates[field], unit)}"
