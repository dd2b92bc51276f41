"""The command ``insitu fit``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insitu.cli.options import Json, quiet_output, tell
from insitu.errors import InputError
from insitu.terminal import Shown, console, emit_json

if TYPE_CHECKING:
    from insitu.studies.study import Study


def fit(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Measured pulses, or what --kind says, CSV or .xlsx; docs/fit.md has the layouts.", show_default=False
        ),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Of the file: pulses; retention, readings over time after a write; endurance, both states over cycles; "
            "noise, readings of a state that is left alone.",
        ),
    ] = "pulses",
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE", help="Of other kinds than pulses: the device that it belongs to.", show_default=False
        ),
    ] = None,
    up: Annotated[Path | None, typer.Option(metavar="FILE", help="Instead of FILE: one of up pulses,")] = None,
    down: Annotated[Path | None, typer.Option(metavar="FILE", help="and one of down pulses.")] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            metavar="UNIT|S",
            help="Of the readings, such as uS, nA, kOhm, or the siemens of one unit of normalised ones.",
            show_default="what the file says, else S",
        ),
    ] = None,
    zero: Annotated[float, typer.Option(help="And their 0, S.")] = 0.0,
    read_voltage: Annotated[
        float | None, typer.Option(help="Readings are currents at this voltage, V.", show_default=False)
    ] = None,
    magnitude: Annotated[bool, typer.Option("--magnitude", help="Signs of readings mean nothing.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave rows out that cannot be read, up to 5 % of them.")
    ] = False,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE", help="Only rows with this value, or one of several: 1.2,-1.5. May be repeated."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=VALUE,...|most",
            help="Fit pulses of several amplitudes and widths together, and make the device at this: "
            "amplitude_V=1.4,width_s=1e-6, or that of the most pulses.",
            show_default=False,
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="DEVICE", help="Leave out a measured device, by its device_id; may be repeated."),
    ] = None,
    law: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Fit this law only, or that of a device in a .py file; may be repeated.",
            show_default="all that make sense",
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="Of retention at several temperatures: for which the device is made, K.", show_default="the lowest"
        ),
    ] = None,
    window: Annotated[
        float | None,
        typer.Option(help="Of endurance: part of the first window, under which it is closed.", show_default="0.5"),
    ] = None,
    writes_a_cycle: Annotated[
        float | None, typer.Option(help="Of endurance: pulses that a cell takes in a cycle.", show_default="2")
    ] = None,
    try_it: Annotated[
        bool,
        typer.Option("--try", help="Then train the three systems on the device, in their quick form: minutes."),
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder of all fits.")] = Path("fits"),
    name: Annotated[str | None, typer.Option(help="Name of the device.", show_default="that of the file")] = None,
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
        fitted = _pulses if kind == "pulses" else partial(_kind, kind)
        found = fitted(file, of_pulses, of_kinds, said)
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
    from insitu.reports import page
    from insitu.studies.assess import assess

    found = assess(fit, seeds=1, improve=False, quick=True, out=fit.folder / "try")
    page.report([found.folder])
    return found


def _pulses(file: Path | None, ours: Mapping[str, Any], others: Mapping[str, Any], said: Mapping[str, Any]) -> Shown:
    from insitu.measure.best import fit
    from insitu.measure.kinds import KINDS

    _refuse(others, f"{', '.join(KINDS)}; say which with --kind")
    return fit(file, **ours, **said)


def _kind(
    kind: str, file: Path | None, others: Mapping[str, Any], ours: Mapping[str, Any], said: Mapping[str, Any]
) -> Shown:
    from insitu.measure.kinds import fit_kind

    _refuse(others, "pulses; leave --kind out")
    if file is None:
        raise InputError(f"file: give one of {kind}")
    return fit_kind(file, kind, **ours, **said)


def _refuse(options: Mapping[str, Any], of: str) -> None:
    """Refuse options that have no effect."""
    for option, value in options.items():
        if value is not None:
            raise InputError(f"--{option.replace('_', '-')}: is of {of}")


def _number(unit: str | None) -> float | str | None:
    with contextlib.suppress(ValueError, TypeError):
        return float(unit)  # type: ignore[arg-type]
    return unit
