"""Cristiano 2018: where the energy of a training image goes, and what two significances save in wear (claim 3 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import fmean

from insitu.ledger.amount import Amount
from insitu.ledger.bill import GROUPS
from insitu.reports.cost_tables import UNKNOWN
from insitu.reports.energy_claims import Bar, draw_bars
from insitu.reports.numbers import large
from insitu.reports.tables import Cell, Column, Table
from insitu.studies.axes import Case, Setting
from insitu.studies.priced import ACCURACY, Priced, Told, accuracy, groups, mean, mean_amount

BOTH, ALONE, BLIND = "PCM and 3T1C", "PCM pair alone", "blind transfer"


def cases() -> dict[str, list[Case]]:
    """Return what is run, by recipe."""
    changes: dict[str, Setting] = {BOTH: {}, ALONE: {"cell.parts": "msp"}, BLIND: {"closed_loop.blind": True}}
    return {"cristiano2018": [Case({"case": name}, {"training.twin": False} | one) for name, one in changes.items()]}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energy, time and rates of a training image, and the wear of either significance."""
    energies, rates, wear = _energies(cases), _rates(cases), _wear(cases)
    both = rates.records()[0]
    worn = wear.records()
    writes = {(row["case"], row["part"][-3:]): row["writes"] for row in worn}
    lsp, msp, single = writes[BOTH, "LSP"], writes[BOTH, "MSP"], writes[ALONE, "MSP"]
    sentences = (
        f"Arithmetic for energy: {large(both['rate_cells'])} GOP/s/W counting the cells alone, {large(both['rate'])} with "
        "converters and neurons, against 28,065 calculated by Ambrogio et al. 2018 [stated; their assumptions are "
        "not public]. An operation is a multiplication or an addition; an image takes three products.",
        f"Endurance: a cell of the LSP takes {large(lsp / msp)} times the writes of one of the MSP. Without an LSP the "
        f"PCM takes {large(single / msp)} times as many as with it.",
        "Open loop against closed loop: programming the LSP and transferring to the MSP stand apart in the first "
        "table; verify is the price of the closed loop. Capacitors are recharged at every transfer.",
    )
    bars = [
        Bar(f"{part}: {group}", amount)
        for case, part, *amounts in energies.rows
        for group, amount in zip(GROUPS, amounts, strict=True)
        if case == BOTH and isinstance(amount, Amount) and amount.value
    ]
    bars.append(Bar("all of it", mean_amount(cases[BOTH], _whole)))
    cells = [Bar(f"{row['case']}: {row['part']}", Amount(row["writes"], row["writes"], row["p99"])) for row in worn]
    draw = partial(
        draw_bars,
        {"Energy of a training image": bars, "Writes of a cell in one training": cells},
        xlabels=("energy (J)", "writes (bar: mean, whisker: 99th percentile)"),
    )
    return Told("Cristiano 2018: where the energy of a training image goes", (energies, rates, wear), sentences, draw)


def _whole(run: Priced) -> Amount:
    return groups(run, GROUPS) * (1 / run.statement.images)


def _energies(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        for part in ("LSP", "MSP"):
            amounts = [mean_amount(runs, partial(_each, group=group, part=part)) for group in GROUPS]
            if any(amount.value for amount in amounts):
                rows.append((name, part, *amounts))
    spent = (Column(group.capitalize(), "J", key=group.replace(" ", "_")) for group in GROUPS)
    columns = (Column("Training", words=True, key="case"), Column("Array", words=True, key="part"), *spent)
    return Table("Energy of a training image, by significance", columns, rows)


def _each(run: Priced, *, group: str, part: str) -> Amount:
    lines = run.statement.learning.only(lambda line: line.group == group and line.part.endswith(part))
    return lines.energy * (1 / run.statement.images)


def _rates(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        ops = mean(runs, _operations)
        energy = mean(runs, lambda run: _whole(run).value)
        cells = mean(runs, lambda run: groups(run, GROUPS[:2]).value / run.statement.images)
        spent = [amount for run in runs for amount in run.statement.seconds["parallel"].values()]
        time = None if None in spent else sum(a.value for a in spent if a) / sum(r.statement.images for r in runs)
        area = runs[0].statement.area
        density = None if time is None or area is None else ops / time / area.value * 1e-18
        rates = (ops / energy * 1e-9, ops / cells * 1e-9, UNKNOWN if time is None else time, density or UNKNOWN)
        rows.append((name, *accuracy(runs), energy, *rates))
    columns = (
        Column("Training", words=True, key="case"),
        *ACCURACY,
        Column("Energy an image", "J", key="energy"),
        Column("GOP/s/W", key="rate"),
        Column("Cells alone, GOP/s/W", key="rate_cells"),
        Column("Time an image", "s", key="seconds"),
        Column("TOP/s/mm^2, cells", key="density"),
    )
    title = "Rates; time with fully parallel updates, layers one after the other; area of the cells alone"
    return Table(title, columns, rows)


def _operations(run: Priced) -> float:
    """Return the operations of a training image in software."""
    work = run.accounts.work["network"]
    return 2 * (work.macs + work.changes) / run.statement.images


def _wear(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        for part in ("layer 1 LSP", "layer 1 MSP"):
            worn = [one for run in runs for one in run.accounts.worn if one.part == part]
            if worn:
                writes, p99 = fmean(one.mean for one in worn), fmean(one.p99 for one in worn)
                rows.append((name, part, writes, p99, runs[0].statement.trainings[part] or UNKNOWN))
    columns = (
        Column("Training", words=True, key="case"),
        Column("Array", words=True, key="part"),
        Column("Writes a cell, mean", form=",.4g", key="writes"),
        Column("99th percentile", form=",.4g", key="p99"),
        Column("Trainings until 1 % are past their rating", key="trainings"),
    )
    return Table("Wear of one training, the first and largest layer", columns, rows)
