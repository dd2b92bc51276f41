"""The command ``insitu fit``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.cli import fit_options as options
from insitu.cli.options import Json, quiet_output, tell
from insitu.errors import InputError
from insitu.terminal import Shown, console, emit_json

if TYPE_CHECKING:
    from insitu.studies.study import Study


def fit(
    file: options.File = None,
    kind: options.Kind = "pulses",
    device: options.Owner = None,
    up: options.Up = None,
    down: options.Down = None,
    unit: options.Unit = None,
    zero: options.Zero = 0.0,
    read_voltage: options.ReadVoltage = None,
    magnitude: options.Magnitude = False,
    skip_bad: options.SkipBad = False,
    where: options.Where = None,
    at: options.At = None,
    without: options.Without = None,
    law: options.Law = None,
    temperature: options.Temperature = None,
    window: options.Window = None,
    writes_a_cycle: options.WritesACycle = None,
    try_it: options.TryIt = False,
    out: options.Fits = Path("fits"),
    name: options.Name = None,
    as_json: Json = False,
) -> None:
    """Fit devices to measured pulses: which law, its numbers with their errors, and a device file to train on.

    With --kind, put retention, endurance or noise that were measured into a device.
    """
    said: dict[str, Any] = {"unit": _number(unit), "zero": zero, "read_voltage": read_voltage, "magnitude": magnitude}
    said |= {"where": where, "without": without or (), "skip_bad": skip_bad, "name": name, "out": out}
    of_pulses = {"up": up, "down": down, "law": law, "at": at}
    of_kinds = {"device": device, "temperature": temperature, "window": window, "writes_a_cycle": writes_a_cycle}
    if try_it and kind != "pulses" and device is None:
        raise InputError("--try: trains on a device; give the one it belongs to (--device)")
    with quiet_output():
        found = _fitted(file, kind, of_pulses, of_kinds, said)
    if not (try_it and as_json):
        tell(found, as_json)
    if try_it:
        with quiet_output():
            tried = _tried(found)
        if as_json:
            emit_json(found.as_dict() | {"try": tried.as_dict()})
        else:
            tried.show(console())


def _tried(fit: Any) -> Study:
    """Train on the device of a fit, in a folder within its own, and return what each system makes of it."""
    from insitu import pages
    from insitu.studies.assess import assess

    found = assess(fit, seeds=1, improve=False, quick=True, out=fit.folder / "try")
    pages.report([found.folder])
    return found


def _fitted(
    file: Path | None, kind: str, of_pulses: Mapping[str, Any], of_kinds: Mapping[str, Any], said: Mapping[str, Any]
) -> Shown:
    """Fit a file of a kind, and refuse options of the others."""
    from insitu.fits.best import fit
    from insitu.fits.kinds import KINDS, fit_kind

    if kind == "pulses":
        _refuse(of_kinds, f"{', '.join(KINDS)}; say which with --kind")
        return fit(file, **of_pulses, **said)
    _refuse(of_pulses, "pulses; leave --kind out")
    if file is None:
        raise InputError(f"file: give one of {kind}")
    return fit_kind(file, kind, **of_kinds, **said)


def _refuse(options: Mapping[str, Any], of: str) -> None:
    """Refuse options that have no effect."""
    for option, value in options.items():
        if value is not None:
            raise InputError(f"--{option.replace('_', '-')}: is of {of}")


def _number(unit: str | None) -> float | str | None:
    with contextlib.suppress(ValueError, TypeError):
        return float(unit)  # type: ignore[arg-type]
    return unit
