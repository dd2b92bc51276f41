"""The same images by all three systems, on every device that can carry them, and in software (claim 4 on energy)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from insitu.devices import library
from insitu.ledger.amount import Amount
from insitu.ledger.bill import GROUPS
from insitu.ledger.statement import statement_of
from insitu.reports.cost_tables import UNKNOWN
from insitu.reports.energy_claims import Dot, draw_dots
from insitu.reports.tables import Cell
from insitu.studies.axes import Case
from insitu.studies.priced import Priced, Told, accuracy, groups, mean_amount, words

WORDS = words("across")
DEVICES = ("shi2018-cbram", "yi2022-taox", "wu2018-taox-hfox", "jerry2017-fefet", "choi2018-epiram")
_PCM, WITH_TWIN = "ambrogio2018-pcm", "Cristiano: PCM and 3T1C"
COMPUTERS = ("gpu-a100", "gpu-a100-tf32", "cpu-xeon", "asic-int8-45nm", "asic-int8-7nm")


def cases() -> dict[str, list[Case]]:
    """Return what is run, by recipe.

    In place of the PCM of the third system, a device gets the gain with which it holds the same weights.
    """
    span = {name: library.load(name).device for name in (_PCM, *DEVICES)}
    gain = {name: 4 * (span[_PCM].g_max - span[_PCM].g_min) / (d.g_max - d.g_min) for name, d in span.items()}
    return {
        "shi2018": [Case({"case": f"Shi: {device}"}, {"array.device": device}) for device in DEVICES],
        "yi2022": [Case({"case": f"Yi: {d}"}, {"data.task": "mnist", "array.device": d}) for d in DEVICES],
        "cristiano2018": [
            Case({"case": WITH_TWIN}, {}),
            *(
                Case(
                    {"case": f"Cristiano: {device} and 3T1C"},
                    {"training.twin": False, "msp": {"device": device}, "cell.gain": gain[device]},
                )
                for device in DEVICES
            ),
        ],
    }


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return accuracy, energy and wear of every combination."""
    rows: list[tuple[Cell, ...]] = []
    dots: list[Dot] = []
    for name, runs in cases.items():
        whole = mean_amount(runs, lambda run: groups(run, GROUPS))
        cells = mean_amount(runs, lambda run: groups(run, ("cells read", "cells programmed")))
        modelled = all(line.energy is not None for run in runs for line in run.statement.learning.lines)
        writes, survives = _wear(runs[0])
        found = accuracy(runs)
        rows.append((name, *found, cells, whole, modelled, writes, survives if survives else UNKNOWN))
        if whole.value:
            system, device = name.split(": ")
            dots.append(Dot(device, whole.value, 100 - 100 * found[0], system, _area(writes)))
    twin = [replace(run, statement=statement_of(run.accounts, COMPUTERS)) for run in cases.get(WITH_TWIN, [])]
    for name in twin[0].statement.computers if twin else ():
        found = accuracy(twin, "float_accuracy")
        energy = mean_amount(twin, partial(_in_software, computer=name))
        rows.append((f"software: {name}", *found, None, energy, True, None, None))
        dots.append(Dot(name, energy.value, 100 - 100 * found[0], "the perceptron in software"))
    draw = partial(
        draw_dots,
        dots,
        title="Accuracy against energy against wear: three systems, their devices, and software",
        xlabel="energy of learning, cells and periphery (J)",
        ylabel="test images named wrongly (%), fewer is higher up",
        sizes="size: decades of writes of the 99th percentile of the cells (software: none)",
    )
    return WORDS.told(WORDS.table("all", rows), draw=draw)


def _in_software(run: Priced, *, computer: str) -> Amount:
    return run.statement.computer_energy(computer)


def _wear(run: Priced) -> tuple[float, float | None]:
    """Return the writes of the array that is past its rating first, and how many trainings it survives; capacitors do not
    wear, and an array without a rating is left out.
    """
    writes = {one.part: one.p99 for one in run.accounts.worn}
    lives = [(life.value, writes[part]) for part, life in run.statement.trainings.items() if life is not None]
    return (min(lives)[1], min(lives)[0]) if lives else (0.0, None)


def _area(writes: float) -> float:
    """Return the area of a dot: it grows with the decades of writes."""
    return 25 + 30 * max(math.log10(writes), 0.0) if writes > 0 else 25.0
