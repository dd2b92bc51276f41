"""Cristiano 2018: where the energy of a training image goes, and what two significances save in wear (claim 3 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from insitu.ledger.amount import Amount
from insitu.ledger.bill import GROUPS
from insitu.reports.energy_claims import Bar, draw_bars
from insitu.studies.axes import Case, Setting
from insitu.studies.priced import Priced, Table, Told, groups, mean, mean_amount, spread
from insitu.units import si

BOTH, ALONE, BLIND = "PCM and 3T1C", "PCM pair alone", "blind transfer"


def cases() -> dict[str, list[Case]]:
    """Return what is run, by recipe."""
    changes: dict[str, Setting] = {BOTH: {}, ALONE: {"cell.parts": "msp"}, BLIND: {"closed_loop.blind": True}}
    return {"cristiano2018": [Case({"case": name}, {"training.twin": False} | one) for name, one in changes.items()]}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energy, time and rates of a training image, and the wear of either significance."""
    table = Table(
        "Energy of a training image, by significance",
        ("training", "array", *GROUPS),
    )
    bars: list[Bar] = []
    for name, runs in cases.items():
        for part in ("LSP", "MSP"):
            amounts = [mean_amount(runs, partial(_each, group=group, part=part)) for group in GROUPS]
            if not any(amount.value for amount in amounts):
                continue
            table.add(
                name, part, *(a.show("J") for a in amounts), case=name, part=part, energy=[a.value for a in amounts]
            )
            if name == BOTH:
                bars += [Bar(f"{part}: {group}", a) for group, a in zip(GROUPS, amounts, strict=True) if a.value]
    rates, wear = _rates(cases), _wear(cases)
    both = rates.numbers[0]
    writes = {(row["case"], row["part"][-3:]): row["writes"] for row in wear.numbers}
    lsp, msp, single = writes[BOTH, "LSP"], writes[BOTH, "MSP"], writes[ALONE, "MSP"]
    sentences = (
        f"Arithmetic for energy: {both['rate_cells']:,.3g} GOP/s/W counting the cells alone, {both['rate']:,.3g} with "
        "converters and neurons, against 28,065 calculated by Ambrogio et al. 2018 [stated; their assumptions are "
        "not public]. An operation is a multiplication or an addition; an image takes three products.",
        f"Endurance: a cell of the LSP takes {lsp / msp:,.3g} times the writes of one of the MSP. Without an LSP the "
        f"PCM takes {single / msp:,.3g} times as many as with it.",
        "Open loop against closed loop: programming the LSP and transferring to the MSP stand apart in the first "
        "table; verify is the price of the closed loop. Capacitors are recharged at every transfer.",
    )
    costs = Bar("all of it", mean_amount(cases[BOTH], lambda run: groups(run, GROUPS) * (1 / run.statement.images)))
    return Told(
        "Cristiano 2018: where the energy of a training image goes",
        (table, rates, wear),
        sentences,
        lambda path: _draw([*bars, costs], wear, path),
    )


def _each(run: Priced, *, group: str, part: str) -> Amount:
    lines = run.statement.learning.only(lambda line: line.group == group and line.part.endswith(part))
    return lines.energy * (1 / run.statement.images)


def _rates(cases: Mapping[str, list[Priced]]) -> Table:
    columns = (
        "training",
        "test images",
        "energy an image",
        "GOP/s/W",
        "cells alone, GOP/s/W",
        "time an image",
        "TOP/s/mm2, cells",
    )
    table = Table(
        "Rates; time with fully parallel updates, layers one after the other; area of the cells alone", columns
    )
    for name, runs in cases.items():
        ops = mean(
            runs,
            lambda run: (
                2 * (run.accounts.work["network"].macs + run.accounts.work["network"].changes) / run.statement.images
            ),
        )
        energy = mean(runs, lambda run: groups(run, GROUPS).value / run.statement.images)
        cells = mean(runs, lambda run: groups(run, GROUPS[:2]).value / run.statement.images)
        spent = [run.statement.seconds["parallel"] for run in runs]
        known = all(amount is not None for times in spent for amount in times.values())
        time = sum(a.value for times in spent for a in times.values() if a) / sum(r.statement.images for r in runs)
        area = runs[0].statement.area
        density = ops / time / area.value * 1e-18 if known and area is not None else None
        table.add(
            name, spread(runs), si(energy, "J"), f"{ops / energy * 1e-9:,.4g}", f"{ops / cells * 1e-9:,.4g}",
            si(time, "s") if known else "not modelled", "not modelled" if density is None else f"{density:.3g}",
            case=name, accuracy=mean(runs, lambda run: run.result["accuracy"]), energy=energy, rate=ops / energy * 1e-9,
            rate_cells=ops / cells * 1e-9, seconds=time if known else None, density=density,
        )  # fmt: skip
    return table


def _wear(cases: Mapping[str, list[Priced]]) -> Table:
    columns = (
        "training",
        "array",
        "writes a cell, mean",
        "99th percentile",
        "trainings until 1 % are past their rating",
    )
    table = Table("Wear of one training, the first and largest layer", columns)
    for name, runs in cases.items():
        for part in ("layer 1 LSP", "layer 1 MSP"):
            worn = [(run, one) for run in runs for one in run.accounts.worn if one.part == part]
            if not worn:
                continue
            writes = sum(one.mean for _, one in worn) / len(worn)
            p99 = sum(one.p99 for _, one in worn) / len(worn)
            life = worn[0][0].statement.trainings[part]
            says = "not modelled" if life is None else f"{life.value:,.3g} ({life.low:,.2g} to {life.high:,.2g})"
            table.add(name, part, f"{writes:,.4g}", f"{p99:,.4g}", says, case=name, part=part, writes=writes, p99=p99)
    return table


def _draw(bars: list[Bar], wear: Table, path: Path) -> Path:
    worn = [
        Bar(f"{row['case']}: {row['part']}", Amount(row["writes"], row["writes"], row["p99"])) for row in wear.numbers
    ]
    return draw_bars(
        {
            "Energy of a training image": bars,
            "Writes of a cell in one training": worn,
        },
        path,
        xlabels=("energy (J)", "writes (bar: mean, whisker: 99th percentile)"),
    )
