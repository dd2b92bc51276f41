"""What a page says of events, of their price in energy, time and wear, and of the same training in software."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from insitu.ledger.amount import ZERO, Amount
from insitu.ledger.statement import Statement, statement_of
from insitu.ledger.usage import accounts_of
from insitu.reports.page.blocks import Block, Fold, Section, Table, Text
from insitu.reports.page.loading import Group, large
from insitu.units import micro, si


def priced(group: Group, costs: str | Sequence[str] = ()) -> Statement | None:
    """Return what a group's first run costs; None where an older insitu made it, which noted too little for that.

    Parameters
    ----------
    costs : names or files of cost sets, in place of those of the library.
    """
    run = group.first
    if "usage" not in run.result:
        return None
    return statement_of(accounts_of(run.result, str(run.folder.path)), costs)


def costs_section(groups: Sequence[Group], statements: Sequence[Statement | None]) -> Section | None:
    """Return the section with price and counts of each group's first run."""
    blocks: list[Block] = []
    known = [(group, found) for group, found in zip(groups, statements, strict=True) if found is not None]
    if len(groups) > 1 and known:
        blocks.append(_compared(known))
    for group, found in zip(groups, statements, strict=True):
        own: list[Block] = _account(found) if found is not None else []
        if counts := ledger(group.first.result.get("ledger")):
            own.append(_counts(counts, f"Events of seed {group.first.seed}, counted in whole numbers"))
        if found is None and own:
            own.append(Text("Not priced: an older insitu made this run, and did not note what each array did."))
        if group.name and own:
            own = [Fold(f"{group.name}: events{' and what they cost' * (found is not None)}", tuple(own))]
        blocks += own
    heading = "Energy, time and endurance" if known else "Events"
    return Section("costs", heading, tuple(blocks)) if blocks else None


def ledger(table: Any, prefix: str = "") -> dict[str, dict[str, int]]:
    """Return part and phase -> event -> count, from a ledger with or without parts."""
    if not isinstance(table, Mapping):
        return {}
    if any(isinstance(value, Mapping) for value in table.values()):
        found: dict[str, dict[str, int]] = {}
        for key, value in table.items():
            found |= ledger(value, f"{prefix}, {key}" if prefix else str(key))
        return found
    return {prefix.replace("_", " "): {key: value for key, value in table.items() if isinstance(value, int)}}


def energy_text(found: Statement) -> str:
    """Return what learning costs in all, and for each image, as a sentence."""
    whole = found.learning.energy
    each = (
        f", {si(whole.value / found.images, 'J')} for each of {found.images:,} images or words" if found.images else ""
    )
    return f"{micro(whole.show('J'))}{each}; with {', '.join(found.costs.names)}"


def derived(group: Group, found: Statement | None) -> dict[str, str]:
    """Return what a claim may ask of a price, as text: ``price.gpu``, ``price.rate``, ``price.seconds``.

    An operation is a multiplication or an addition of the same training in software.
    """
    if found is None or not found.learning.energy.value:
        return {}
    whole, texts = found.learning.energy, {}
    name = next((name for name in found.computers if name.startswith("gpu")), None)
    if name is not None:
        on = found.computer_energy(name)
        far = f" ({large(on.low / whole.high)} to {large(on.high / whole.low)})" if whole.low else ""
        texts["price.gpu"] = f"{large(on.value / whole.value)} times less than {name}{far}, all parts counted"
    work = accounts_of(group.first.result, str(group.first.folder.path)).work.values()
    rate = sum(2e-9 * (one.macs + one.changes) for one in work) / whole.value
    texts["price.rate"] = f"{large(rate)} GOP/s/W, all parts counted"
    spent = list(found.seconds.get("parallel", {}).values())
    if spent and None not in spent:
        seconds = sum(amount.value for amount in spent if amount is not None)
        texts["price.seconds"] = f"{micro(si(seconds, 's'))}, arrays one after the other, each programmed at once"
    return texts


def _compared(known: Sequence[tuple[Group, Statement]]) -> Table:
    rows = []
    for group, found in known:
        whole = found.learning.energy
        each = si(whole.value / found.images, "J") if found.images else "–"
        rows.append((group.name, *_three(whole, "J"), micro(each), ", ".join(found.costs.names)))
    head = ("Setting", "Energy of learning", "Low", "High", "An image or word", "Priced with")
    return Table(caption="What learning costs, first seed of each", head=head, rows=tuple(rows), words=(0, 5))


def _account(found: Statement) -> list[Block]:
    """Return the whole account of one run."""
    whole = found.learning.energy
    shares = found.learning.by(lambda line: line.group)
    rows = [
        (name, *_three(amount, "J"), f"{100 * amount.value / whole.value:.1f} %" if whole.value else "–")
        for name, amount in [*shares.items(), ("all that is modelled", whole)]
    ]
    left = "; ".join(found.bill.missing)
    energy = Table(
        caption=f"Energy of learning, priced with {', '.join(found.costs.names)}",
        head=("Where", "Energy", "Low", "High", "Share"),
        rows=tuple(rows),
        note=f"Not modelled, so not in the sum: {left}." if left else "",
    )
    doing = ("reading", "writing", "verifying")
    time = Table(
        caption="Time of learning, arrays one after the other, by how lines are programmed",
        head=("Lines are programmed", *(word.capitalize() for word in doing)),
        rows=tuple(
            (schedule, *(_shown(spent.get(word, ZERO), "s") for word in doing))
            for schedule, spent in found.seconds.items()
        ),
    )
    endurance = Table(
        caption="Trainings until 1 % of the cells are past the writes they are rated for",
        head=("Array", "Trainings", "Low", "High"),
        rows=tuple(
            (part, *map(large, (worth.value, worth.low, worth.high)))
            if worth is not None
            else (part, "not modelled", "–", "–")
            for part, worth in found.trainings.items()
        ),
    )
    size = "not modelled" if found.area is None else f"{found.area.value * 1e12:,.0f} µm²"
    alone = f"Area of the cells alone: {size}."
    if found.standby is None or found.standby.high:
        alone += f" Standby of the cells meanwhile, not in the sum: {_shown(found.standby, 'J')}."
    blocks: list[Block] = [energy, time, endurance, Text(alone)]
    if found.computers:
        blocks.append(_computers(found))
    return [*blocks, _lines(found), _sources(found)]


def _computers(found: Statement) -> Table:
    whole = found.learning.energy.value
    rows = []
    for name, parts in found.computers.items():
        amount = found.computer_energy(name)
        ratio = f"{large(amount.value / whole)} ×" if whole else "–"
        rows.append(
            (name, *_three(amount, "J"), _shown(parts.get("launches"), "J"), ratio, _shown(parts.get("seconds"), "s"))
        )
    head = ("On", "Energy", "Low", "High", "Of it launches", "Over the arrays", "Time")
    return Table(caption="The same training in software", head=head, rows=tuple(rows))


def _lines(found: Statement) -> Fold:
    rows = tuple(
        (
            f"{line.part}, {line.phase}",
            line.event,
            f"{line.count:,}",
            "not modelled" if line.energy is None else micro(si(line.energy.value, "J")),
            line.formula,
            line.set_name,
        )
        for line in found.bill.lines
    )
    head = ("Part and phase", "Event", "Count", "Energy", "Count times", "Cost set")
    return Fold("Every line of the bill", (Table(caption="All phases", head=head, rows=rows, words=(0, 1, 4, 5)),))


def _sources(found: Statement) -> Fold:
    rows = [
        (f"{one.name}: {key}", number.written, number.node, number.tag, number.source)
        for one in (*found.costs.sets, *found.costs.computers)
        for key, number in one.coefficients.items()
    ]
    head = ("Coefficient", "Value", "Node", "Tag", "Source")
    table = Table(caption="All coefficients of the sets", head=head, rows=tuple(rows), words=(0, 2, 3, 4))
    return Fold("Where the coefficients come from", (table,))


def _counts(counts: Mapping[str, Mapping[str, int]], caption: str) -> Table:
    events = dict.fromkeys(event for phase in counts.values() for event in phase)
    some = [event for event in events if any(phase.get(event) for phase in counts.values())]
    rows = tuple(
        (event.replace("_", " "), *(f"{phase[event]:,}" if event in phase else "–" for phase in counts.values()))
        for event in some
    )
    return Table(caption=caption, head=("Event", *counts), rows=rows)


def _three(amount: Amount, unit: str) -> tuple[str, str, str]:
    if amount.low == amount.high:
        return micro(si(amount.value, unit)), "–", "–"
    return micro(si(amount.value, unit)), micro(si(amount.low, unit)), micro(si(amount.high, unit))


def _shown(amount: Amount | None, unit: str) -> str:
    return "not modelled" if amount is None else "–" if not amount.high else micro(si(amount.value, unit))
