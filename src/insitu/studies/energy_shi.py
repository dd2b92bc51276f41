"""Shi 2018: ten to a hundred times from the device, ten more from the algorithm? (claim 1 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import fmean
from typing import Any

from insitu.reports.energy_claims import Dot, draw_bars_and_dots
from insitu.studies.priced import Priced, Told, accuracy, in_words, spent, words

WORDS = words("shi2018")
_UNPRUNED, _SHORT, _SOFT, _DIGITAL = "unpruned", "unpruned, a third of the images", "soft, 75 %", "soft, 75 %, 4 bits"
#: memory -> training: where a cell is a bit, that of weights of 4 bits
_MEMORIES = {
    **dict.fromkeys(("subquantum-cbram", "metal-cbram", "oxide-rram", "pcm", "fefet"), _SOFT),
    **dict.fromkeys(("stt-mram", "sram-45nm"), _DIGITAL),
}
_CELLS = ("cells read", "cells programmed")
_LINES = (*_CELLS, "lines charged")
#: what is counted -> the device factor that goes with it
_PRODUCTS = {"fewer": "factor", "cells": "factor", "lines": "factor_lines"}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return the device factor, the algorithm factor and their product."""
    memories, ways = _memories(cases), _ways(cases)
    metal = next(row for row in memories if row["memory"] == "metal-cbram")
    within = [row["memory"] for row in memories if 10 <= row["factor"] <= 100]
    best = max((row for row in ways if row["case"] != _DIGITAL), key=lambda row: row["fewer"])
    short = next(row for row in ways if row["case"] == _SHORT)
    dots = [
        Dot(row["case"], spent(cases[row["case"]], _CELLS).value, row["percent"], sd=100 * (row["accuracy_sd"] or 0.0))
        for row in ways
    ]
    bars = {in_words(row["memory"]): row["energy"] for row in memories}
    return WORDS.told(
        WORDS.table("device", memories),
        WORDS.table("algorithm", ways),
        draw=partial(draw_bars_and_dots, bars, dots, **WORDS.figure),
        metal=metal,
        within=", ".join(within) or "none of these memories",
        best=best,
        short=short,
        left=best["fewer"] / short["fewer"],
        product={key: metal[device] * best[key] for key, device in _PRODUCTS.items()},
    )


def _memories(cases: Mapping[str, list[Priced]]) -> list[dict[str, Any]]:
    """Return what one training costs on each memory, and how many times what it costs on the first."""
    rows: list[dict[str, Any]] = []
    for memory, training in _MEMORIES.items():
        read, programmed, lines = (spent(cases[training], [group], on=[memory]) for group in _LINES)
        both = read + programmed
        name, whole = memory + " (4 bits a weight)" * (training == _DIGITAL), both.value + lines.value
        rows.append({"memory": name, "programming": programmed, "reading": read, "energy": both, "whole": whole})
    for row in rows:
        row["factor"] = row["energy"].value / rows[0]["energy"].value
        row["factor_lines"] = row["whole"] / rows[0]["whole"]
    return rows


def _ways(cases: Mapping[str, list[Priced]]) -> list[dict[str, Any]]:
    """Return the accuracy of each way to train, and how many times fewer pulses and less energy it needs."""
    reference = _needs(cases[_UNPRUNED])
    rows: list[dict[str, Any]] = []
    for name, runs in cases.items():
        needs = _needs(runs)
        less = {key: reference[key] / value if value else float("inf") for key, value in needs.items()}
        found = accuracy(runs)
        rows.append({"case": name, **found, "percent": 100 * found["accuracy"], "pulses": needs["fewer"], **less})
    return rows


def _needs(runs: list[Priced]) -> dict[str, float]:
    """Return pulses, and the energy of the cells, with the lines, and of the whole, J; by the columns of their ratios."""
    pulses = fmean(run.result["pulses_up"] + run.result["pulses_down"] for run in runs)
    energies = {"cells": spent(runs, _CELLS), "lines": spent(runs, _LINES), "all": spent(runs)}
    return {"fewer": pulses} | {key: energy.value for key, energy in energies.items()}
