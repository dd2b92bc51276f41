"""Yi 2022: where a factor of 100,000 against a GPU comes from, and where it is gone (claim 2 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from insitu.ledger.amount import ZERO, Amount
from insitu.ledger.costset import load
from insitu.ledger.digital import digital_energy
from insitu.ledger.statement import statement_of
from insitu.reports.energy_claims import draw_lines
from insitu.reports.numbers import large
from insitu.reports.tables import Cell, Table
from insitu.studies.priced import LEVELS, Priced, Told, groups, mean, mean_amount, words
from insitu.units import si

WORDS = words("yi2022")
BRAILLE = "nine words in Braille"
GPU, ASIC, LAB = "gpu-a100", "asic-int8-45nm", "taox-hpe"


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energies at each level of accounting, against a GPU and an int8 design, over the size of the network."""
    table = _levels(cases)
    found = table.records()
    sizes = [mean(runs, _weights) for name, runs in cases.items() if name != BRAILLE]
    of_words = {row["level"]: row for row in found if row["case"] == BRAILLE}
    curves = [row for row in found if row["case"] != BRAILLE]
    images = [row | {"units": row["case"].split(", ")[1]} for row in curves if row["level"] == "array only"]
    titles = {"gpu": "GPU, launches included", "bare": "GPU, arithmetic and memory alone", "asic": "int8 design, 45 nm"}
    panels = {
        title: {level: [row[key] for row in curves if row["level"] == level] for level in LEVELS}
        for key, title in titles.items()
    }
    draw = partial(draw_lines, sizes, panels, xlabel="weights", ylabel="energy, times that of the arrays")
    named = ("array", "converted", "written", "lines", "digital", "whole")
    levels = dict(zip(named, (of_words[level] for level in LEVELS), strict=True))
    said = levels | {"least": images[0], "most": images[-1]}
    return WORDS.told(
        table,
        draw=draw,
        lab=LAB,
        lab_writes=si(mean_amount(cases[BRAILLE], _lab_writes).value, "J"),
        lab_reads=si(levels["converted"]["energy"], "J"),
        **{name: row | {key: large(row[key]) for key in ("gpu", "bare", "asic")} for name, row in said.items()},
    )


def _levels(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        part, network = ("two layers", "two layers") if name == BRAILLE else ("", "network")
        computers = {
            computer: {
                key: mean_amount(runs, partial(_digital, network=network, computer=computer, kind=key)).value
                for key in ("arithmetic", "memory", "launches")
            }
            for computer in (GPU, ASIC)
        }
        gpu, asic = (sum(parts.values()) for parts in computers.values())
        for level, names in LEVELS.items():
            energy = mean_amount(runs, partial(groups, names=names, part=part))
            others = (gpu, gpu - computers[GPU]["launches"], asic)
            rows.append((name, level, energy, *(other / energy.value for other in others)))
    return WORDS.table("levels", rows)


def _digital(run: Priced, *, network: str, computer: str, kind: str) -> Amount:
    return digital_energy(run.accounts.work[network], load(computer))[kind] or ZERO


def _weights(run: Priced) -> float:
    read = (u for u in run.accounts.usages if u.phase == "learning" and u.doing == "reading")
    return sum(usage.rows * usage.columns for usage in read)


def _lab_writes(run: Priced) -> Amount:
    other = statement_of(run.accounts, [LAB])
    return other.learning.only(lambda line: line.group == "cells programmed" and line.part.startswith("two")).energy
