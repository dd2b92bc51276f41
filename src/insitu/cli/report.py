"""The command ``insitu report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli.options import Costs


def report(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Folders of finished runs, or of studies.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write.", show_default="RUN/report.html, for several ./report.html"),
    ] = None,
    costs: Costs = None,
) -> None:
    """Write one self-contained HTML page: results, figures, the paper's numbers beside ours, costs, wear, how to cite."""

    from insitu import pages, terminal

    terminal.say(terminal.console(), f"Page: {pages.report(runs, out, costs or ())}")
