"""The command ``insitu matrix``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli.options import Workers


def matrix(
    devices: Annotated[list[str] | None, typer.Argument(help="Devices of the library; all if none is named.")] = None,
    out: Annotated[Path, typer.Option(help="File that keeps what was tried; an interrupted study goes on.")] = Path(
        "matrix.csv"
    ),
    page: Annotated[Path | None, typer.Option(help="Write it as Markdown too, with the reasons, to this file.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw what each combination reaches, a line a device, into this .png or .svg.")
    ] = None,
    workers: Workers = None,
) -> None:
    """Try every combination of device, encoding, scheme and signal on the embedded digits: it learns, or says why not."""
    from rich.progress import Progress

    from insitu import terminal
    from insitu.errors import InputError
    from insitu.reports.canvas import require_picture
    from insitu.runs.writing import atomic_write, require_writable
    from insitu.studies.matrix import combinations, draw, markdown, read, run_matrix, table

    if plot is not None:
        require_picture(plot, "--plot")
    for option, path in {"--page": page, "--plot": plot}.items():  # refused before minutes of training
        if path is not None:
            if path.resolve() == out.resolve():
                raise InputError(f"{option}: got {path}, the file that keeps what was tried; choose another one")
            require_writable(path, f"choose another file with {option}")
    keys = list(combinations(devices or ()))
    total, chosen = len(keys), {key[0] for key in keys}
    console = terminal.console(stderr=True)
    try:
        with Progress(console=console) as bar:
            task = bar.add_task("combinations", total=total, completed=sum(one.device in chosen for one in read(out)))
            found = run_matrix(out, devices or (), lambda _: bar.advance(task), workers)
    except KeyboardInterrupt:
        terminal.say(console, f"Stopped; what was tried is in {out}, the same command goes on")
        raise
    terminal.show(terminal.console(), table(found))
    terminal.say(console, f"All of it, with what ideal weights reach: {out}")
    if page is not None:
        atomic_write(page, markdown(found), way="choose another file with --page")
    if plot is not None:
        terminal.say(console, f"Figure: {draw(found, plot)}")
