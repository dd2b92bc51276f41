"""Prices on the terminal: the account of a run, the cost sets and where their numbers are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insitu.ledger import costset
from insitu.ledger.amount import ZERO, Amount
from insitu.ledger.coefficients import KNOWN
from insitu.ledger.costset import CostSet
from insitu.ledger.statement import Statement
from insitu.terminal import say, table
from insitu.units import si

if TYPE_CHECKING:
    from rich.console import Console

_KINDS = ("memory", "periphery", "digital")  #: in the order of a list


def show_cost_sets(console: Console) -> None:
    """Print the list of cost sets."""
    shown = table("Cost sets", "name", "kind", "what it is")
    for one in sorted(map(costset.load, costset.names()), key=lambda one: _KINDS.index(one.kind)):
        shown.add_row(one.name, one.kind, one.summary)
    console.print(shown)
    say(console, "insitu costs NAME shows one; insitu price RUN --costs NAME prices a run with it.")


def show_cost_set(console: Console, one: CostSet) -> None:
    """Print every number of a cost set with its spread, node, origin and source."""
    shown = table(f"{one.name}: {one.summary}", "coefficient", "value", "node", "tag", "source")
    for key, (_, what) in KNOWN[one.kind].items():
        number = one.get(key)
        if number is not None:
            shown.add_row(f"{key}: {what}", number.written, number.node, number.tag, number.source)
    console.print(shown)
    say(console, f"Covers: {one.covers}")
    left = [key for key in KNOWN[one.kind] if one.get(key) is None]
    say(console, f"Not modelled: {', '.join(left) or 'nothing is left out'}")
    if one.devices:
        say(console, f"Prices by default: {', '.join(one.devices)}")


def show_statement(console: Console, one: Statement, lines: bool = False) -> None:
    """Print the statement of one run as tables."""
    per = f"each of {one.images:,} images or words"
    energy = table(
        f"{one.run}: energy of learning, with {', '.join(one.costs.names)}",
        "where",
        "energy (low to high)",
        "share",
        per,
    )
    groups = one.learning.by(lambda line: line.group)
    whole = one.learning.energy
    for name, amount in [*groups.items(), ("all that is modelled", whole)]:
        share = f"{100 * amount.value / whole.value:.1f} %" if whole.value else "-"
        each = si(amount.value / one.images, "J") if one.images else "-"
        energy.add_row(name, amount.show("J"), share, each)
    console.print(energy)
    if lines:
        bill = table("Every line, all phases", "part", "phase", "event", "count", "energy", "formula", "set")
        for line in one.bill.lines:
            cost = "not modelled" if line.energy is None else line.energy.show("J")
            bill.add_row(line.part, line.phase, line.event, f"{line.count:,}", cost, line.formula, line.set_name)
        console.print(bill)
    spent = table(
        "Time of learning, arrays one after the other", "lines are programmed", "reading", "writing", "verifying"
    )
    for schedule, times in one.seconds.items():
        spent.add_row(schedule, *(_shown(times.get(doing, ZERO), "s") for doing in ("reading", "writing", "verifying")))
    console.print(spent)
    wear = table("Trainings until 1 % of the cells are past their rating", "array", "trainings")
    for part, worth in one.trainings.items():
        number = "not modelled" if worth is None else f"{worth.value:,.3g} ({worth.low:,.2g} to {worth.high:,.2g})"
        wear.add_row(part, number)
    console.print(wear)
    if one.standby is None or one.standby.high:
        say(console, f"Standby of the cells meanwhile, not in the sum: {_shown(one.standby, 'J')}")
    size = "not modelled" if one.area is None else f"{one.area.value * 1e12:,.0f} um^2"
    say(console, f"Area of the cells alone: {size}\n")
    columns = "on", "energy (low to high)", "of it launches", "over the arrays", "time"
    digital = table("The same training in software", *columns)
    for name, parts in one.computers.items():
        both = one.computer_energy(name)
        ratio = f"{both.value / whole.value:,.3g} x" if whole.value else "-"
        digital.add_row(
            name, both.show("J"), _shown(parts.get("launches"), "J"), ratio, _shown(parts.get("seconds"), "s")
        )
    console.print(digital)
    for sentence in one.bill.missing:
        say(console, f"Not modelled: {sentence}")


def _shown(amount: Amount | None, unit: str) -> str:
    return "not modelled" if amount is None else "-" if not amount.high else si(amount.value, unit)
