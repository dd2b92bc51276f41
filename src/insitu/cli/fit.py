"""The command ``insitu fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli.options import Json, quiet_output, tell


def fit(
    file: Annotated[Path, typer.Argument(help="CSV of measured pulses; docs/fit.md has the columns.")],
    unit: Annotated[float | None, typer.Option(help="If readings are not in siemens: one unit of them, S.")] = None,
    zero: Annotated[float, typer.Option(help="And their 0, S.")] = 0.0,
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

    with quiet_output():
        found = carry_out(file, unit=unit, zero=zero, where=where, without=without or (), law=law, name=name, out=out)
    tell(found, as_json)
