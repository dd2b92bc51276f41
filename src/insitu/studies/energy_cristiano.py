"""Cristiano 2018: where the energy of a training image goes, and what two significances save in wear (claim 3 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import fmean

from insitu.ledger.amount import Amount, known_total
from insitu.ledger.bill import GROUPS
from insitu.reports.cost_tables import UNKNOWN
from insitu.reports.energy_claims import draw_bars
from insitu.reports.numbers import large
from insitu.reports.tables import Cell, Table
from insitu.studies.priced import Priced, Told, accuracy, groups, mean, mean_amount, words

WORDS = words("cristiano2018")
BOTH, ALONE = "PCM and 3T1C", "PCM pair alone"
_SHOWN = [group for group in GROUPS if group != "cells half-selected"]  # which is priced if asked for alone


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energy, time and rates of a training image, and the wear of either significance."""
    energies, rates, wear = _energies(cases), _rates(cases), _wear(cases)
    both = rates.records()[0]
    worn = wear.records()
    writes = {(row["case"], row["part"][-3:]): row["writes"] for row in worn}
    lsp, msp, single = writes[BOTH, "LSP"], writes[BOTH, "MSP"], writes[ALONE, "MSP"]
    bars = {
        f"{part}: {group}": amount
        for case, part, *amounts in energies.rows
        for group, amount in zip(_SHOWN, amounts, strict=True)
        if case == BOTH and isinstance(amount, Amount) and amount.value
    }
    bars["all of it"] = mean_amount(cases[BOTH], _whole)
    cells = {f"{row['case']}: {row['part']}": Amount(row["writes"], row["writes"], row["p99"]) for row in worn}
    draw = partial(
        draw_bars,
        {"Energy of a training image": bars, "Writes of a cell in one training": cells},
        xlabels=("energy (J)", "writes (bar: mean, whisker: 99th percentile)"),
    )
    return WORDS.told(
        *(energies, rates, wear),
        draw=draw,
        cells=large(both["rate_cells"]),
        rate=large(both["rate"]),
        lsp=large(lsp / msp),
        single=large(single / msp),
    )


def _whole(run: Priced) -> Amount:
    return groups(run, GROUPS) * (1 / run.statement.images)


def _energies(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        for part in ("LSP", "MSP"):
            amounts = [mean_amount(runs, partial(_each, group=group, part=part)) for group in _SHOWN]
            if any(amount.value for amount in amounts):
                rows.append((name, part, *amounts))
    return WORDS.table("energies", rows)


def _each(run: Priced, *, group: str, part: str) -> Amount:
    lines = run.statement.learning.only(lambda line: line.group == group and line.part.endswith(part))
    return lines.energy * (1 / run.statement.images)


def _rates(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        ops = mean(runs, _operations)
        energy = mean(runs, lambda run: _whole(run).value)
        cells = mean(runs, lambda run: groups(run, GROUPS[:2]).value / run.statement.images)
        spent = known_total(amount for run in runs for amount in run.statement.seconds["parallel"].values())
        time = None if spent is None else spent.value / sum(run.statement.images for run in runs)
        area = runs[0].statement.area
        density = None if time is None or area is None else ops / time / area.value * 1e-18
        rates = (ops / energy * 1e-9, ops / cells * 1e-9, UNKNOWN if time is None else time, density or UNKNOWN)
        rows.append((name, *accuracy(runs), energy, *rates))
    return WORDS.table("rates", rows)


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
    return WORDS.table("wear", rows)
