"""The commands ``insitu price`` and ``insitu costs``. What is heavy is imported when needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insitu import terminal
from insitu.units import si

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.ledger.amount import Amount
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

    console = Console()
    if name is None:
        shown = terminal.table("Cost sets", "name", "kind", "what it is")
        for one in sorted(
            map(costset.load, costset.names()), key=lambda one: ("memory", "periphery", "digital").index(one.kind)
        ):
            shown.add_row(one.name, one.kind, one.summary)
        console.print(shown)
        terminal.say(console, "insitu costs NAME shows one; insitu price RUN --costs NAME prices a run with it.")
        return
    one = costset.load(name)
    shown = terminal.table(f"{one.name}: {one.summary}", "coefficient", "value", "node", "tag", "source")
    for key, (_, what) in KNOWN[one.kind].items():
        number = one.get(key)
        if number is not None:
            shown.add_row(f"{key}: {what}", number.written, number.node, number.tag, number.source)
    console.print(shown)
    terminal.say(console, f"Covers: {one.covers}")
    left = [key for key in KNOWN[one.kind] if one.get(key) is None]
    terminal.say(console, f"Not modelled: {', '.join(left) or 'nothing is left out'}")
    if one.devices:
        terminal.say(console, f"Prices by default: {', '.join(one.devices)}")


def show_statement(console: Console, run: str, one: Statement, lines: bool) -> None:
    """Print the statement of one run as tables."""
    from insitu.ledger.amount import ZERO

    per = f"each of {one.images:,} images or words"
    energy = terminal.table(
        f"{run}: energy of learning, with {', '.join(one.costs.names)}", "where", "energy (low to high)", "share", per
    )
    groups = one.learning.by(lambda line: line.group)
    whole = one.learning.energy
    for name, amount in [*groups.items(), ("all that is modelled", whole)]:
        share = f"{100 * amount.value / whole.value:.1f} %" if whole.value else "-"
        each = si(amount.value / one.images, "J") if one.images else "-"
        energy.add_row(name, amount.show("J"), share, each)
    console.print(energy)
    if lines:
        bill = terminal.table("Every line, all phases", "part", "phase", "event", "count", "energy", "formula", "set")
        for line in one.bill.lines:
            cost = "not modelled" if line.energy is None else line.energy.show("J")
            bill.add_row(line.part, line.phase, line.event, f"{line.count:,}", cost, line.formula, line.set_name)
        console.print(bill)
    spent = terminal.table(
        "Time of learning, arrays one after the other", "lines are programmed", "reading", "writing", "verifying"
    )
    for schedule, times in one.seconds.items():
        spent.add_row(schedule, *(_shown(times.get(doing, ZERO), "s") for doing in ("reading", "writing", "verifying")))
    console.print(spent)
    wear = terminal.table("Trainings until 1 % of the cells are past their rating", "array", "trainings")
    for part, worth in one.trainings.items():
        number = "not modelled" if worth is None else f"{worth.value:,.3g} ({worth.low:,.2g} to {worth.high:,.2g})"
        wear.add_row(part, number)
    console.print(wear)
    if one.standby is None or one.standby.high:
        terminal.say(console, f"Standby of the cells meanwhile, not in the sum: {_shown(one.standby, 'J')}")
    size = "not modelled" if one.area is None else f"{one.area.value * 1e12:,.0f} um^2"
    terminal.say(console, f"Area of the cells alone: {size}\n")
    columns = "on", "energy (low to high)", "of it launches", "over the arrays", "time"
    digital = terminal.table("The same training in software", *columns)
    for name, parts in one.computers.items():
        both = one.computer_energy(name)
        ratio = f"{both.value / whole.value:,.3g} x" if whole.value else "-"
        digital.add_row(
            name, both.show("J"), _shown(parts.get("launches"), "J"), ratio, _shown(parts.get("seconds"), "s")
        )
    console.print(digital)
    for sentence in one.bill.missing:
        terminal.say(console, f"Not modelled: {sentence}")


def _shown(amount: Amount | None, unit: str) -> str:
    return "not modelled" if amount is None else "-" if not amount.high else si(amount.value, unit)
