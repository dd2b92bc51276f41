"""The commands ``insitu price`` and ``insitu costs``. What is heavy is imported when needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insitu import terminal

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.ledger.statement import Statement


def price(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Folders of finished runs.")],
    costs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SET|FILE",
            help="Cost set to price with, by name or .toml file; `insitu costs` lists them. DEVICE=SET for one device. "
            "May be repeated.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of all runs.")] = Path("runs"),
    lines: Annotated[bool, typer.Option("--lines", help="Every line of the bill, with its formula.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Price what finished runs counted: energy, time, wear and area. Nothing is simulated again."""
    from rich.console import Console

    from insitu.ledger.statement import statement_of
    from insitu.ledger.usage import accounts_of
    from insitu.runs import RunFolder

    found: dict[str, Statement] = {}
    for run in runs:
        folder = RunFolder.open(run, out)
        accounts = accounts_of(folder.finished(), str(folder.path))
        found[str(folder.path)] = statement_of(accounts, costs or ())
    if as_json:
        terminal.emit_json({"runs": [{"run": run} | one.as_dict() for run, one in found.items()]})
        return
    for run, one in found.items():
        show_statement(Console(), run, one, lines)


def costs(
    name: Annotated[str | None, typer.Argument(help="Show this set: a name or a .toml file.")] = None,
) -> None:
    """List the cost sets, or show one: every number with its spread, node, origin and source."""
    from rich.console import Console

    from insitu.ledger import costset
    from insitu.ledger.coefficients import KNOWN
    from insitu.reports import cost_tables
    from insitu.reports.tables import Table, words

    console = Console()
    if name is None:
        kinds = ("memory", "periphery", "digital")
        sets = sorted(map(costset.load, costset.names()), key=lambda one: kinds.index(one.kind))
        rows = [(one.name, one.kind, one.summary) for one in sets]
        terminal.show(console, Table("Cost sets", words("Name", "Kind", "What it is"), rows))
        terminal.say(console, "insitu costs NAME shows one; insitu price RUN --costs NAME prices a run with it.")
        return
    one = costset.load(name)
    terminal.show(console, cost_tables.coefficients(f"{one.name}: {one.summary}", [one]))
    terminal.say(console, f"Covers: {one.covers}")
    left = [key for key in KNOWN[one.kind] if one.get(key) is None]
    terminal.say(console, f"Not modelled: {', '.join(left) or 'nothing is left out'}")
    if one.devices:
        terminal.say(console, f"Prices by default: {', '.join(one.devices)}")


def show_statement(console: Console, run: str, one: Statement, lines: bool) -> None:
    """Print the statement of one run as tables."""
    from insitu.reports import cost_tables

    energy, *others = cost_tables.account(one, f"{run}: ")
    bill = [cost_tables.lines(one)] if lines else []
    terminal.show(console, energy, *bill, *others, *cost_tables.software(one))
    terminal.say(console, cost_tables.aside(one))
