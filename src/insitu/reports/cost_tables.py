"""What a run costs, as tables: its headline, then the whole account."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from insitu.ledger import costset
from insitu.ledger.amount import ZERO, Amount, known_total, total
from insitu.ledger.bill import Bill
from insitu.ledger.coefficients import KNOWN
from insitu.ledger.costset import CostSet
from insitu.ledger.statement import Statement, statement_of
from insitu.ledger.usage import accounts_of
from insitu.reports.examples import worded
from insitu.reports.tables import Cell, Column, Table, numbers, words

UNKNOWN = "not modelled"
_RANGE = numbers("Energy", "Low", "High", unit="J")
_DOING = ("reading", "writing", "verifying")


def three(amount: Amount) -> tuple[Cell, Cell, Cell]:
    """Return an amount and its ends; None for ends that are equal."""
    return (amount.value, *((amount.low, amount.high) if amount.low != amount.high else (None, None)))


def spent(amount: Amount | None) -> Cell:
    """Return an amount, None if there is nothing to spend, and words if it is not known."""
    return UNKNOWN if amount is None else amount.value if amount.high else None


def left_out(bills: Iterable[Bill]) -> str:
    """Return what stands behind an energy of bills of which one leaves something out; nothing if all is modelled."""
    return ", and more that is not modelled" if any(bill.missing for bill in bills) else ""


def headline(results: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Return energy, time and wear of the seeds of a run, priced by default.

    Empty if one of the results is of an older insitu, which did not note what each array did.
    """
    if not results or any("usage" not in result for result in results):
        return []
    found = [statement_of(accounts_of(result, "result")) for result in results]

    def row(what: str, amounts: Sequence[Amount | None], unit: str, more: str = "") -> tuple[Cell, ...]:
        known = [amount for amount in amounts if amount is not None and amount.high]
        if not known or len(known) < len(amounts):
            return what, UNKNOWN, None
        sd = statistics.stdev(amount.value for amount in known) if len(known) > 1 else None
        column = Column("", unit)
        return what, column.text(total(known) * (1 / len(known))) + more, column.text(sd)

    left = left_out(one.learning for one in found)
    times = [known_total(one.seconds["parallel"].values()) for one in found]
    lives = [min((a for a in one.trainings.values() if a), key=lambda a: a.value, default=None) for one in found]
    rows = [
        row("energy of learning", [one.learning.energy for one in found], "J", left),
        row("time of learning on the chip, all lines at once", times, "s"),
        row("trainings until 1 % of the worst array is worn", lives, ""),
    ]
    title = "What it costs (insitu price RUN tells more)"
    if len(results) == 1:
        return [Table(title, (*words("What"), Column("Result")), [line[:2] for line in rows])]
    return [Table(title, (*words("What"), Column("Mean"), Column("Standard deviation")), rows)]


def account(found: Statement, of: str = "") -> list[Table]:
    """Return energy, time and endurance of a run; ``of`` says whose they are."""
    whole, images = found.learning.energy, found.images
    shares = {**found.learning.by(lambda line: line.group), "all that is modelled": whole}
    unknown = found.learning.unknown(lambda line: line.group)
    left = "; ".join(found.bill.missing)
    energy = Table(
        f"{of}Energy of learning, priced with {', '.join(found.costs.names)}",
        (*words("Where"), *_RANGE, Column("Share", "%"), Column(each([found.example]), "J")),
        [
            (name, UNKNOWN, None, None, None, None)
            if name in unknown
            else (name, *three(amount), *((amount.value / n if n else None) for n in (whole.value, images)))
            for name, amount in shares.items()
        ],
        note=f"Not modelled, so not in the sum: {left}." if left else "",
    )
    time = Table(
        "Time of learning, arrays one after the other, by how lines are programmed",
        (*words("Lines are programmed"), *numbers(*map(str.capitalize, _DOING), unit="s")),
        [(schedule, *(spent(times.get(doing, ZERO)) for doing in _DOING)) for schedule, times in found.seconds.items()],
        note=found.seconds_apart,
    )
    endurance = Table(
        "Trainings until 1 % of the cells are past the writes they are rated for",
        (*words("Array"), *numbers("Trainings", "Low", "High")),
        [
            (part, UNKNOWN, None, None) if worth is None else (part, worth.value, worth.low, worth.high)
            for part, worth in found.trainings.items()
        ],
    )
    return [energy, time, endurance]


def each(examples: Sequence[str | None]) -> str:
    """Return what one example is called in the head of a column, ``An image``; old runs did not say whether it is a word."""
    known = set(examples)
    return worded("An image", known.pop()) if len(known) == 1 and None not in known else "An image or word"


def aside(found: Statement) -> str:
    """Return a sentence on area."""
    area = UNKNOWN if found.area is None else f"{found.area.value * 1e12:,.0f} um^2"
    return f"Area of the cells alone: {area}."


def software(found: Statement) -> list[Table]:
    """Return the same training on computers; nothing if there are none."""
    whole = found.learning.energy.value
    rows: list[Sequence[Cell]] = []
    for name, parts in found.computers.items():
        amount = found.computer_energy(name)
        ratio = amount.value / whole if whole else None
        rows.append((name, *three(amount), spent(parts.get("launches")), ratio, spent(parts.get("seconds"))))
    others = Column("Of it launches", "J"), Column("Times the arrays"), Column("Time", "s")
    title = "The same training in software (batches as trained, or of 128 at least)"
    return [Table(title, (*words("On"), *_RANGE, *others), rows)] if rows else []


def lines(found: Statement) -> Table:
    """Return every line of the bill."""
    columns = (*words("Part and phase", "Event"), Column("Count"), Column("Energy", "J"), *words("Count times", "Set"))
    rows = [
        (f"{one.part}, {one.phase}", one.event, one.count, one.energy or UNKNOWN, one.formula, one.set_name)
        for one in found.bill.lines
    ]
    return Table("Every line of the bill, all phases", columns, rows)


def coefficients(title: str, sets: Sequence[CostSet]) -> Table:
    """Return every number of cost sets, with its origin."""
    rows = [
        (f"{key}: {what}" if len(sets) == 1 else f"{one.name}, {key}: {what}", number.written, *origin)
        for one in sets
        for key, (_, what) in KNOWN[one.kind].items()
        if (number := one.get(key)) is not None
        for origin in [(number.node, number.tag, number.source)]
    ]
    columns = (*words("Coefficient"), Column("Value"), *words("Node", "Tag", "Source"))
    return Table(title, columns, rows)


def cost_sets() -> Table:
    """Return the list of cost sets."""
    kinds = ("memory", "periphery", "digital")
    sets = sorted(map(costset.load, costset.names()), key=lambda one: kinds.index(one.kind))
    note = "insitu costs NAME shows one; insitu price RUN --costs NAME prices a run with it."
    return Table(
        "Cost sets", words("Name", "Kind", "What it is"), [(one.name, one.kind, one.summary) for one in sets], note
    )


def cost_set(one: CostSet) -> Table:
    """Return every number of a cost set, with what it covers and what it leaves out beneath."""
    left = ", ".join(key for key in KNOWN[one.kind] if one.get(key) is None) or "nothing is left out"
    used = f"\nPrices by default: {', '.join(one.devices)}" if one.devices else ""
    note = f"Covers: {one.covers}\nNot modelled: {left}{used}"
    return replace(coefficients(f"{one.name}: {one.summary}", [one]), note=note)
