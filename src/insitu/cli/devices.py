"""The command ``insitu devices``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def devices(
    name: Annotated[str | None, typer.Argument(help="Show this device: a library name or your own file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Where the picture goes.", show_default="NAME-pulses.png")] = None,
) -> None:
    """List the memory devices, or show one: its numbers with their origin, and its answer to pulses as a picture."""

    from insitu import terminal
    from insitu.devices import library
    from insitu.measure.diagnosing import diagnose
    from insitu.reports.device_plot import plot_pulse_response
    from insitu.reports.device_tables import device_table, library_table, merit_table

    console = terminal.console()
    if name is None:
        terminal.show(
            console, library_table({kind: [*map(library.load, names)] for kind, names in library.groups().items()})
        )
        return
    found = library.load(name)
    terminal.show(console, device_table(found), merit_table(diagnose(found.device)))
    picture = plot_pulse_response(found, plot or Path(f"{found.name}-pulses.png"))
    terminal.say(console, f"Picture of its answer to pulses: {picture}")
