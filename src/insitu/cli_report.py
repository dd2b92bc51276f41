"""The command ``insitu report``. What is heavy is imported when needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu import terminal


def report(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Folders of finished runs, or of studies.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write.", show_default="RUN/report.html, for several ./report.html"),
    ] = None,
    costs: Annotated[
        list[str] | None,
        typer.Option(metavar="SET|FILE", help="Cost set to price with, as for `insitu price`; may be repeated."),
    ] = None,
) -> None:
    """Write one self-contained HTML page: results, figures, the paper's numbers beside ours, costs, wear, how to cite."""
    from rich.console import Console

    from insitu.reports import page

    terminal.say(Console(), f"Page: {page.report(runs, out, costs or ())}")
