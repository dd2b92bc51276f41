"""Cristiano 2018: where the energy of a training image goes, and what two significances save in wear (claim 3 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import fmean
from typing import Any

from insitu.ledger.amount import Amount, known_total
from insitu.ledger.bill import GROUPS
from insitu.reports.cost_tables import UNKNOWN
from insitu.reports.energy_claims import draw_bars
from insitu.reports.numbers import large
from insitu.studies.priced import Priced, Told, accuracy, spent, words

WORDS = words("cristiano2018")
BOTH, ALONE = "PCM and 3T1C", "PCM pair alone"

Rows = list[dict[str, Any]]


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energy, time and rates of a training image, and the wear of either significance."""
    energies, rates, wear = _energies(cases), [_rate(name, runs) for name, runs in cases.items()], _wear(cases)
    writes = {(row["case"], row["part"][-3:]): row["writes"] for row in wear}
    bars = {
        f"{row['part']}: {group}": row[_key(group)]
        for row in energies
        for group in GROUPS
        if row["case"] == BOTH and row[_key(group)].value
    }
    bars["all of it"] = spent(cases[BOTH]) * (1 / cases[BOTH][0].statement.images)
    cells = {f"{row['case']}: {row['part']}": Amount(row["writes"], row["writes"], row["p99"]) for row in wear}
    return WORDS.told(
        *(WORDS.table(name, rows) for name, rows in (("energies", energies), ("rates", rates), ("wear", wear))),
        draw=partial(draw_bars, [bars, cells], **WORDS.figure),
        cells=large(rates[0]["rate_cells"]),
        rate=large(rates[0]["rate"]),
        lsp=large(writes[BOTH, "LSP"] / writes[BOTH, "MSP"]),
        single=large(writes[ALONE, "MSP"] / writes[BOTH, "MSP"]),
    )


def _energies(cases: Mapping[str, list[Priced]]) -> Rows:
    """Return the energy of a training image by significance and group, J."""
    rows: Rows = []
    for name, runs in cases.items():
        for part in ("LSP", "MSP"):
            amounts = {_key(group): spent(runs, [group], part) * (1 / runs[0].statement.images) for group in GROUPS}
            if any(amount.value for amount in amounts.values()):
                rows.append({"case": name, "part": part, **amounts})
    return rows


def _key(group: str) -> str:
    return group.replace(" ", "_")


def _rate(name: str, runs: list[Priced]) -> dict[str, Any]:
    """Return accuracy, and energy, J, time, s, and rates of a training image."""
    one, work = runs[0].statement, runs[0].accounts.work["network"]
    ops = 2 * (work.macs + work.changes) / one.images
    energy, cells = (spent(runs, groups).value / one.images for groups in (GROUPS, GROUPS[:2]))
    times = known_total(amount for run in runs for amount in run.statement.seconds["parallel"].values())
    time = None if times is None else times.value / (one.images * len(runs))
    density = None if time is None or one.area is None else ops / time / one.area.value * 1e-18
    rates = {"rate": ops / energy * 1e-9, "rate_cells": ops / cells * 1e-9, "density": density or UNKNOWN}
    return {"case": name, **accuracy(runs), "energy": energy, **rates, "seconds": UNKNOWN if time is None else time}


def _wear(cases: Mapping[str, list[Priced]]) -> Rows:
    """Return writes a cell of the first layer, and how many trainings its significances survive."""
    rows: Rows = []
    for name, runs in cases.items():
        for part in ("layer 1 LSP", "layer 1 MSP"):
            worn = [one for run in runs for one in run.accounts.worn if one.part == part]
            if worn:
                writes = {"writes": fmean(one.mean for one in worn), "p99": fmean(one.p99 for one in worn)}
                trainings = runs[0].statement.trainings[part] or UNKNOWN
                rows.append({"case": name, "part": part, **writes, "trainings": trainings})
    return rows
