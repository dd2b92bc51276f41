"""The command ``insitu devices``."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from insitu.errors import InputError

if TYPE_CHECKING:
    from insitu.devices.library.parameter_set import ParameterSet


def devices(
    name: Annotated[str | None, typer.Argument(help="Show this device: a library name or your own file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Where the picture goes.", show_default="NAME-pulses.png")] = None,
    pulses: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Write a simulated measurement of it, noise included, for `insitu fit` to try; a picture with --plot alone.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the simulated measurement.", show_default="0")] = None,
) -> None:
    """List the memory devices, or show one: its numbers with their origin, and its answer to pulses as a picture."""

    from insitu import terminal
    from insitu.devices import library
    from insitu.measure.diagnosing import diagnose
    from insitu.reports.canvas import require_picture
    from insitu.reports.device_plot import plot_pulse_response
    from insitu.reports.device_tables import device_table, library_table, merit_table

    _check(name, plot, pulses, seed)
    if plot is not None:
        require_picture(plot, "--plot")
    console = terminal.console()
    if name is None:
        terminal.show(
            console, library_table({kind: [*map(library.load, names)] for kind, names in library.groups().items()})
        )
        return
    found = library.load(name)
    picture = None
    if plot is not None or pulses is None:  # before a word: it may be refused
        picture = plot_pulse_response(found, plot or Path(f"{found.name}-pulses.png"))
    if pulses is not None:
        terminal.say(console, _measured(found, pulses, seed or 0))
    else:
        terminal.show(console, device_table(found), merit_table(diagnose(found.device)))
    if picture is not None:
        terminal.say(console, f"Picture of its answer to pulses: {picture}")


def _check(name: str | None, plot: Path | None, pulses: Path | None, seed: int | None) -> None:
    """Raise InputError about an option that would do nothing."""
    if seed is not None and pulses is None:
        raise InputError(
            f"--seed: got {seed}, but it is that of a simulated measurement; leave it out, or add --pulses"
        )
    for option, value in {"--pulses": pulses, "--plot": plot}.items():
        if name is None and value is not None:
            raise InputError(f"{option}: of which device? For example `insitu devices yi2022-taox {option} {value}`")


def _measured(found: ParameterSet, file: Path, seed: int) -> str:
    """Write a simulated measurement of a device; return what to say of it."""
    from insitu.measure.simulating import CELLS, NOISE, write_measurement

    count = write_measurement(found.device, file, name=found.name, seed=seed)
    return (
        f"{file}: {count:,} pulses of {CELLS} simulated cells of {found.name}, read with a noise of {100 * NOISE:g} % of the "
        f"range; no measurement. A device again: insitu fit {quote(str(file))}"
    )
