"""Yi 2022: where a factor of 100,000 against a GPU comes from, and where it is gone (claim 2 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from insitu.ledger.amount import Amount, total
from insitu.ledger.costset import load
from insitu.ledger.digital import batched, digital_energy
from insitu.ledger.statement import BATCH
from insitu.reports.energy_claims import draw_lines
from insitu.reports.numbers import large
from insitu.studies.priced import LEVELS, Priced, Told, mean, spent, words
from insitu.units import si

WORDS = words("yi2022")
BRAILLE = "nine words in Braille"
LAB = "taox-hpe"
#: column -> computer, how many examples at once at least, whether its launches count
RATIOS = {
    f"{bare}{key}{many}": (computer, batch, not bare)
    for bare in ("", "bare_")
    for many, batch in (("", 1), ("_many", BATCH))
    for key, computer in (("gpu", "gpu-a100"), ("tf32", "gpu-a100-tf32"))
} | {"asic": ("asic-int8-45nm", 1, True), "asic_many": ("asic-int8-45nm", BATCH, True)}
#: column -> title of its panel
_SHOWN = {
    "gpu": "A100, 32 bits, batches as trained",
    "bare_tf32_many": f"A100, TF32, batches of {BATCH}, no launches",
    "asic_many": f"int8 design, 45 nm, batches of {BATCH}",
}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energies at each level of accounting, against a GPU and an int8 design, over the size of the network."""
    rows = [row for name, runs in cases.items() for row in _levels(name, runs)]
    images = [row for row in rows if row["case"] != BRAILLE]
    panels = {
        title: {level: [row[key] for row in images if row["level"] == level] for level in LEVELS}
        for key, title in _SHOWN.items()
    }
    sizes = [_weights(runs[0]) for name, runs in cases.items() if name != BRAILLE]
    least, *_, most = (row | {"units": row["case"].split(", ")[1]} for row in images if row["level"] == "array only")
    of_words = [row for row in rows if row["case"] == BRAILLE]
    levels = dict(zip(("array", "converted", "written", "lines", "digital", "whole"), of_words, strict=True))
    said = levels | {"least": least, "most": most}
    return WORDS.told(
        WORDS.table("launched", rows),
        WORDS.table("bare", rows),
        draw=partial(draw_lines, sizes, panels, **WORDS.figure),
        lab=LAB,
        lab_writes=si(spent(cases[BRAILLE], ["cells programmed"], "two", on=[LAB]).value, "J"),
        lab_reads=si(levels["converted"]["energy"].value, "J"),
        **{name: row | {key: large(row[key]) for key in RATIOS} for name, row in said.items()},
    )


def _levels(name: str, runs: list[Priced]) -> list[dict[str, Any]]:
    """Return for each level the energy of the arrays, J, and how many times that each of :data:`RATIOS` spends."""
    part, network = ("two layers", "two layers") if name == BRAILLE else ("", "network")
    others = {key: mean([_digital(run, network, *how) for run in runs]).value for key, how in RATIOS.items()}
    energies = {level: spent(runs, names, part) for level, names in LEVELS.items()}
    return [
        {"case": name, "level": level, "energy": energy} | {key: one / energy.value for key, one in others.items()}
        for level, energy in energies.items()
    ]


def _digital(run: Priced, network: str, computer: str, batch: int, launches: bool) -> Amount:
    """Return what a computer spends on a network, J, on so many examples at once at least, with launches or without."""
    parts = digital_energy(batched(run.accounts.work[network], batch), load(computer))
    return total(amount for kind, amount in parts.items() if amount is not None and (launches or kind != "launches"))


def _weights(run: Priced) -> int:
    read = (u for u in run.accounts.usages if u.phase == "learning" and u.doing == "reading")
    return sum(usage.rows * usage.columns for usage in read)
