"""A fitted device as a file: Python for people to read and for ``--device``, with notes on how sure each number is."""

from __future__ import annotations

import inspect
from pathlib import Path

from insitu import __version__
from insitu.devices.library.parameter_set import numbers
from insitu.measure.fitting import Fit
from insitu.measure.pulses import Pulses
from insitu.measure.searching import Estimate
from insitu.units import si

_GROUPS = {"spread": "Spread", "faults": "Faults", "read_noise": "ReadNoise"}
_SIDES = {1: "up", -1: "down"}


def how_sure(estimate: Estimate, unit: str) -> str:
    """Return the error of a number, or why it has none, as words."""
    if estimate.error is None:
        return estimate.remark or "no error: from one device"
    text = f"± {si(estimate.error, unit) if unit else f'{estimate.error:.2g}'}"
    return f"{text}, {estimate.remark}" if estimate.remark else text


def unmeasured(fit: Fit) -> list[str]:
    """Return what the device says of a direction of which there are no pulses; empty if there are both."""
    gone = [_SIDES[sign] for sign in (1, -1) if sign not in fit.signs]
    if not gone:
        return []
    assumed = (
        "that RESET leads to g_min at one blow"
        if fit.family.law.one_sided
        else (" and ".join(f"{name} as {source}" for name, source in fit.unmeasured.items()))
    )
    return [f"No {gone[0]} pulses were measured. The device file needs that side, and assumes {assumed}: not measured."]


def device_file(fit: Fit, pulses: Pulses) -> str:
    """Return the source of a device file, see docs/add-a-device.md."""
    from jinja2 import Environment

    law, device, known, groups = fit.family.law, fit.device, numbers(fit.device), []
    units = {field: device.units.get(field, "") for field in known}
    sure = {field: how_sure(fit.estimates[field], units[field]) for field in known if field in fit.estimates}
    sure |= {field: f"not measured: as {source}" for field, source in fit.unmeasured.items()}
    for name, kind in _GROUPS.items():
        inner = [f"{key[len(name) + 1 :]}={value:.6g}" for key, value in known.items() if key.startswith(f"{name}.")]
        groups += [{"name": name, "kind": kind, "inner": inner}] if inner else []
    plain = [
        {
            "field": field,
            "number": repr(value) if isinstance(value, tuple) else f"{value:.6g}",
            "remark": ", ".join(filter(None, (units[field], sure.get(field)))),
        }
        for field, value in known.items()
        if "." not in field
    ]
    described = pulses.describe()
    made = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    made.filters["repr"] = repr
    return made.from_string(Path(__file__).with_name("device.py.j2").read_text(encoding="utf-8")).render(
        law=law,
        # the whole file of the user, so that this one is complete; what follows takes the place of its device
        own="" if fit.family.ours else Path(inspect.getfile(law)).read_text(encoding="utf-8").rstrip(),
        text=f"{fit.family.name.capitalize()} law, fitted by insitu {__version__} to {described}.",
        numbers=plain,
        groups=groups,
        unmeasured=unmeasured(fit),
        source=f"measured pulses in {pulses.source}",
        validity="; ".join(
            [pulses.conditions, f"within the readings, {described.rpartition(', readings ')[2]}", *unmeasured(fit)]
        ),
        notes={field: said if field in fit.unmeasured else f"fit: {said}" for field, said in sure.items()},
    )
