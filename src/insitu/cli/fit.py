"""The command ``insitu fit``."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any

import typer

from insitu.cli.options import Json, quiet_output, tell


def fit(
    file: Annotated[
        Path | None,
        typer.Argument(help="Measured pulses, CSV or .xlsx; docs/fit.md has the layouts.", show_default=False),
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
    out: Annotated[Path, typer.Option(help="Folder of all fits.")] = Path("fits"),
    name: Annotated[str | None, typer.Option(help="Name of the device.", show_default="that of the file")] = None,
    as_json: Json = False,
) -> None:
    """Fit devices to measured pulses: which law, its numbers with their errors, and a device file to train on."""
    from insitu.measure.best import fit as carry_out

    files: dict[str, Any] = {"up": up, "down": down, "skip_bad": skip_bad}
    said: dict[str, Any] = {"unit": _number(unit), "zero": zero, "read_voltage": read_voltage, "magnitude": magnitude}
    with quiet_output():
        found = carry_out(file, **files, **said, where=where, without=without or (), law=law, name=name, out=out)
    tell(found, as_json)


def _number(unit: str | None) -> float | str | None:
    with contextlib.suppress(ValueError, TypeError):
        return float(unit)  # type: ignore[arg-type]
    return unit
