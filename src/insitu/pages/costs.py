"""What a page says of events, of their price in energy, time and wear, and of the same training in software."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from insitu.ledger.amount import known_total
from insitu.ledger.statement import Statement, statement_of
from insitu.ledger.usage import accounts_of
from insitu.pages.blocks import Block, Fold, Section, Text
from insitu.pages.loading import Group
from insitu.recipes.loading import flat
from insitu.reports import cost_tables
from insitu.reports.numbers import large, typeset
from insitu.reports.tables import Column, Table, numbers, words
from insitu.units import si


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
        own = _account(found) if found is not None else []
        if counts := ledger(group.first.result.get("ledger")):
            own.append(_counts(counts, f"Events of seed {group.first.seed}, counted in whole numbers"))
        if found is None and own:
            own.append(Text("Not priced: an older insitu made this run, and did not note what each array did."))
        if group.name and own:
            own = [Fold(f"{group.name}: events{' and what they cost' * (found is not None)}", tuple(own))]
        blocks += own
    heading = "Energy, time and endurance" if known else "Events"
    return Section("costs", heading, tuple(blocks)) if blocks else None


def ledger(table: Any) -> dict[str, dict[str, int]]:
    """Return part and phase -> event -> count, from a ledger with or without parts."""
    found: dict[str, dict[str, int]] = {}
    for key, count in flat(table if isinstance(table, Mapping) else {}).items():
        if isinstance(count, int):
            phase, _, event = key.rpartition(".")
            found.setdefault(phase.replace(".", ", ").replace("_", " "), {})[event] = count
    return found


def energy_text(found: Statement) -> str:
    """Return what learning costs in all, and for each image, as a sentence."""
    whole, images = found.learning.energy, found.images
    each = f", {si(whole.value / images, 'J')} for each of {images:,} {found.example or 'example'}s" if images else ""
    left = cost_tables.left_out([found.learning])
    return f"{typeset(Column('', 'J').text(whole) + each)}{left}; with {', '.join(found.costs.names)}"


def derived(group: Group, found: Statement | None) -> dict[str, str]:
    """Return what a claim may ask of a price, as text: ``price.gpu``, ``price.rate``, ``price.seconds``.

    An operation is a multiplication or an addition of the same training in software.
    """
    if found is None or not found.learning.energy.value:
        return {}
    whole, texts = found.learning.energy, {}
    counted_parts = "what of it is not modelled left out" if found.learning.missing else "all parts counted"
    gpus = {name: found.computer_energy(name) for name in found.computers if name.startswith("gpu")}
    if gpus:
        least = min(gpus, key=lambda name: gpus[name].value)
        sentences = []
        for name in dict.fromkeys((next(iter(gpus)), least)):
            on = gpus[name]
            far = f" ({large(on.low / whole.high)} to {large(on.high / whole.low)})" if whole.low else ""
            sentences.append(f"{large(on.value / whole.value)} times less than {name}{far}")
        texts["price.gpu"] = f"{'; '.join(sentences)}; {counted_parts}"
    work = accounts_of(group.first.result, str(group.first.folder.path)).work.values()
    rate = sum(2e-9 * (one.macs + one.changes) for one in work) / whole.value
    texts["price.rate"] = f"{large(rate)} GOP/s/W, {counted_parts}"
    spent = known_total(found.seconds["parallel"].values())
    if spent is not None and spent.value:
        texts["price.seconds"] = f"{si(spent.value, 's')}, arrays one after the other, each programmed at once"
    return {key: typeset(text) for key, text in texts.items()}


def _compared(known: Sequence[tuple[Group, Statement]]) -> Table:
    rows = []
    for group, found in known:
        whole = found.learning.energy
        each = whole.value / found.images if found.images else None
        rows.append((group.name, *cost_tables.three(whole), each, ", ".join(found.costs.names)))
    one = cost_tables.each([found.example for _, found in known])
    amounts = numbers("Energy of learning", "Low", "High", one, unit="J")
    return Table("What learning costs, first seed of each", (*words("Setting"), *amounts, *words("Priced with")), rows)


def _account(found: Statement) -> list[Block]:
    """Return the whole account of one run."""
    sources = cost_tables.coefficients("All coefficients of the sets", [*found.costs.sets, *found.costs.computers])
    return [
        *cost_tables.account(found),
        Text(typeset(cost_tables.aside(found))),
        *cost_tables.software(found),
        Fold("Every line of the bill", (cost_tables.lines(found),)),
        Fold("Where the coefficients come from", (sources,)),
    ]


def _counts(counts: Mapping[str, Mapping[str, int]], title: str) -> Table:
    events = dict.fromkeys(event for phase in counts.values() for event in phase)
    some = [event for event in events if any(phase.get(event) for phase in counts.values())]
    rows = [(event.replace("_", " "), *(phase.get(event) for phase in counts.values())) for event in some]
    return Table(title, (*words("Event"), *numbers(*counts)), rows)
