"""Yi 2022: where a factor of 100,000 against a GPU comes from, and where it is gone (claim 2 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from insitu.ledger.amount import Amount, total
from insitu.ledger.costset import load
from insitu.ledger.digital import batched, digital_energy
from insitu.ledger.statement import BATCH, statement_of
from insitu.reports.energy_claims import draw_lines
from insitu.reports.numbers import large
from insitu.reports.tables import Cell
from insitu.studies.priced import LEVELS, Priced, Told, groups, mean, mean_amount, words
from insitu.units import si

WORDS = words("yi2022")
BRAILLE = "nine words in Braille"
LAB = "taox-hpe"
#: column -> computer, how many examples at once at least, whether its launches count
_WITH_LAUNCHES = {
    "gpu": ("gpu-a100", 1, True),
    "tf32": ("gpu-a100-tf32", 1, True),
    "gpu_many": ("gpu-a100", BATCH, True),
    "tf32_many": ("gpu-a100-tf32", BATCH, True),
}
RATIOS = _WITH_LAUNCHES | {
    **{f"bare_{key}": (computer, batch, False) for key, (computer, batch, _) in _WITH_LAUNCHES.items()},
    "asic": ("asic-int8-45nm", 1, True),
    "asic_many": ("asic-int8-45nm", BATCH, True),
}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energies at each level of accounting, against a GPU and an int8 design, over the size of the network."""
    rows, split = _levels(cases), 3 + len(_WITH_LAUNCHES)
    tables = (
        WORDS.table("launched", [row[:split] for row in rows]),
        WORDS.table("bare", [(*row[:3], *row[split:]) for row in rows]),
    )
    found = [one | other for one, other in zip(*(table.records() for table in tables), strict=True)]
    sizes = [mean(runs, _weights) for name, runs in cases.items() if name != BRAILLE]
    of_words = {row["level"]: row for row in found if row["case"] == BRAILLE}
    curves = [row for row in found if row["case"] != BRAILLE]
    images = [row | {"units": row["case"].split(", ")[1]} for row in curves if row["level"] == "array only"]
    titles = {
        "gpu": "A100, 32 bits, batches as trained",
        "bare_tf32_many": f"A100, TF32, batches of {BATCH}, no launches",
        "asic_many": f"int8 design, 45 nm, batches of {BATCH}",
    }
    panels = {
        title: {level: [row[key] for row in curves if row["level"] == level] for level in LEVELS}
        for key, title in titles.items()
    }
    draw = partial(draw_lines, sizes, panels, xlabel="weights", ylabel="energy, times that of the arrays")
    named = ("array", "converted", "written", "lines", "digital", "whole")
    levels = dict(zip(named, (of_words[level] for level in LEVELS), strict=True))
    said = levels | {"least": images[0], "most": images[-1]}
    return WORDS.told(
        *tables,
        draw=draw,
        lab=LAB,
        lab_writes=si(mean_amount(cases[BRAILLE], _lab_writes).value, "J"),
        lab_reads=si(levels["converted"]["energy"], "J"),
        **{name: row | {key: large(row[key]) for key in RATIOS} for name, row in said.items()},
    )


def _levels(cases: Mapping[str, list[Priced]]) -> list[tuple[Cell, ...]]:
    """Return training, level, energy of the arrays, J, and how many times that each of :data:`RATIOS` spends."""
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        part, network = ("two layers", "two layers") if name == BRAILLE else ("", "network")
        others = [mean_amount(runs, partial(_digital, network=network, how=how)).value for how in RATIOS.values()]
        for level, names in LEVELS.items():
            energy = mean_amount(runs, partial(groups, names=names, part=part))
            rows.append((name, level, energy, *(other / energy.value for other in others)))
    return rows


def _digital(run: Priced, *, network: str, how: tuple[str, int, bool]) -> Amount:
    """Return what a computer spends on a network, J: its name, how many examples at once at least, launches or not."""
    computer, batch, launches = how
    spent = digital_energy(batched(run.accounts.work[network], batch), load(computer))
    return total(amount for kind, amount in spent.items() if amount is not None and (launches or kind != "launches"))


def _weights(run: Priced) -> float:
    read = (u for u in run.accounts.usages if u.phase == "learning" and u.doing == "reading")
    return sum(usage.rows * usage.columns for usage in read)


def _lab_writes(run: Priced) -> Amount:
    other = statement_of(run.accounts, [LAB])
    return other.learning.only(lambda line: line.group == "cells programmed" and line.part.startswith("two")).energy
