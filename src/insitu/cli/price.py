"""The command ``insitu price``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli.options import Costs, Json, Runs


def price(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Folders of finished runs.")],
    costs: Costs = None,
    out: Runs = Path("runs"),
    half_select: Annotated[
        str | None,
        typer.Option(
            metavar="V/2|V/3", help="Cells have no selector: others on a raised line draw current, at V/2 or V/3."
        ),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Every line of the bill, with its formula.")] = False,
    as_json: Json = False,
) -> None:
    """Price what finished runs counted: energy, time, wear and area. Nothing is simulated again."""

    from insitu import terminal
    from insitu.runs.pricing import price as priced

    found = [priced(run, costs or (), half_select=half_select, out=out) for run in runs]
    if as_json:
        terminal.emit_json({"runs": [one.as_dict() for one in found]})
        return
    for one in found:
        terminal.show_statement(terminal.console(), one, lines)
