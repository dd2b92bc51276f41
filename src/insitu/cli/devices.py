"""The command ``insitu devices``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.errors import InputError


def devices(
    name: Annotated[str | None, typer.Argument(help="Show this device: a library name or your own file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Where the picture goes.", show_default="NAME-pulses.png")] = None,
    pulses: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Instead: write a simulated measurement of it, noise included, for `insitu fit` to try.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulated measurement.")] = 0,
) -> None:
    """List the memory devices, or show one: its numbers with their origin, and its answer to pulses as a picture."""

    from insitu import terminal
    from insitu.devices import library
    from insitu.measure.diagnosing import diagnose
    from insitu.reports.device_plot import plot_pulse_response
    from insitu.reports.device_tables import device_table, library_table, merit_table

    console = terminal.console()
    if pulses is not None:
        terminal.say(console, _measured(name, pulses, seed))
        return
    if name is None:
        terminal.show(
            console, library_table({kind: [*map(library.load, names)] for kind, names in library.groups().items()})
        )
        return
    found = library.load(name)
    terminal.show(console, device_table(found), merit_table(diagnose(found.device)))
    picture = plot_pulse_response(found, plot or Path(f"{found.name}-pulses.png"))
    terminal.say(console, f"Picture of its answer to pulses: {picture}")


def _measured(name: str | None, file: Path, seed: int) -> str:
    """Write a simulated measurement of a device; return what to say of it."""
    from insitu.devices import library
    from insitu.measure.simulating import CELLS, NOISE, write_measurement

    if name is None:
        raise InputError("--pulses: of which device? For example `insitu devices yi2022-taox --pulses pulses.csv`")
    found = library.load(name)
    count = write_measurement(found.device, file, name=found.name, seed=seed)
    return (
        f"{file}: {count:,} pulses of {CELLS} simulated cells of {found.name}, read with a noise of {100 * NOISE:g} % of the "
        f"range; no measurement. A device again: insitu fit {file}"
    )
