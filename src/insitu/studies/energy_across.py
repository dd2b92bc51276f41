"""The same images by all three systems, on every device that can carry them, and in software (claim 4 on energy)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from insitu.devices import library
from insitu.ledger.statement import statement_of
from insitu.reports.cost_tables import UNKNOWN
from insitu.reports.energy_claims import Dot, draw_dots
from insitu.studies.axes import Case
from insitu.studies.priced import Priced, Told, accuracy, in_words, mean, spent, words

WORDS = words("across")
DEVICES = ("shi2018-cbram", "yi2022-taox", "wu2018-taox-hfox", "jerry2017-fefet", "choi2018-epiram")
_PCM, WITH_TWIN = "ambrogio2018-pcm", "Cristiano: PCM and 3T1C"
COMPUTERS = ("gpu-a100", "gpu-a100-tf32", "cpu-xeon", "asic-int8-45nm", "asic-int8-7nm")


def cases() -> dict[str, list[Case]]:
    """Return what is run, by recipe.

    In place of the PCM of the third system, a device gets the gain with which it holds the same weights.
    """
    span = {name: one.g_max - one.g_min for name in (_PCM, *DEVICES) for one in [library.load(name).device]}
    third = {d: {"training.twin": False, "msp": {"device": d}, "cell.gain": 4 * span[_PCM] / span[d]} for d in DEVICES}
    return {
        "shi2018": [Case({"case": f"Shi: {d}"}, {"array.device": d}) for d in DEVICES],
        "yi2022": [Case({"case": f"Yi: {d}"}, {"data.task": "mnist", "array.device": d}) for d in DEVICES],
        "cristiano2018": [
            Case({"case": WITH_TWIN}, {}),
            *(Case({"case": f"Cristiano: {d} and 3T1C"}, changes) for d, changes in third.items()),
        ],
    }


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return accuracy, energy and wear of every combination."""
    rows = [_row(name, runs) for name, runs in cases.items()]
    twin = cases.get(WITH_TWIN, [])
    computed = [statement_of(run.accounts, COMPUTERS) for run in twin]
    nothing = dict.fromkeys(("cells", "writes", "trainings"))
    for name in computed[0].computers if twin else ():
        energy = mean([one.computer_energy(name) for one in computed])
        found = {"case": f"software: {name}", **accuracy(twin, "float_accuracy"), "energy": energy, "whole": True}
        rows.append(found | nothing)
    dots = [_dot(row) for row in rows if row["energy"].value]
    return WORDS.told(WORDS.table("all", rows), draw=partial(draw_dots, dots, **WORDS.figure))


def _row(name: str, runs: list[Priced]) -> dict[str, Any]:
    """Return accuracy, energy, J, and wear of one combination.

    The wear is that of the array that is past its rating first; capacitors do not wear, and an array without a rating is left
    out.
    """
    writes = {one.part: one.p99 for one in runs[0].accounts.worn}
    lives = [(life.value, writes[part]) for part, life in runs[0].statement.trainings.items() if life is not None]
    trainings, most = min(lives, default=(UNKNOWN, 0.0))
    modelled = all(line.energy is not None for run in runs for line in run.statement.learning.lines)
    cells = spent(runs, ("cells read", "cells programmed"))
    wear = {"writes": most, "trainings": trainings}
    return {"case": name, **accuracy(runs), "cells": cells, "energy": spent(runs), "whole": modelled, **wear}


def _dot(row: Mapping[str, Any]) -> Dot:
    """Return the point of a combination; its area grows with the decades of writes."""
    system, device = in_words(row["case"]).split(": ", 1)
    size = 40.0 if row["writes"] is None else 25 + 30 * math.log10(max(row["writes"], 1.0))
    return Dot(device, row["energy"].value, 100 - 100 * row["accuracy"], system, size)
