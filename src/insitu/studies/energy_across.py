"""The same images by all three systems, on every device that can carry them, and in software (claim 4 on energy)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from insitu.devices import library
from insitu.ledger.amount import Amount, total
from insitu.ledger.bill import GROUPS
from insitu.ledger.costset import load
from insitu.ledger.digital import batched, digital_energy
from insitu.reports.energy_claims import Dot, draw_dots
from insitu.studies.axes import Case
from insitu.studies.priced import Priced, Table, Told, groups, mean, mean_amount, spread

DEVICES = ("shi2018-cbram", "yi2022-taox", "wu2018-taox-hfox", "jerry2017-fefet", "choi2018-epiram")
_PCM, WITH_TWIN = "ambrogio2018-pcm", "Cristiano: PCM and 3T1C"
#: and how many images it takes at once
COMPUTERS = (("gpu-a100", 1), ("gpu-a100", 128), ("cpu-xeon", 1), ("asic-int8-45nm", 1))


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
    table = Table(
        "The same images, all systems: accuracy, energy of learning, wear",
        (
            "system and device",
            "test images",
            "cells alone",
            "all that is counted",
            "writes (99th percentile), trainings it survives",
        ),
    )
    dots: list[Dot] = []
    for name, runs in cases.items():
        cells = mean_amount(runs, lambda run: groups(run, ("cells read", "cells programmed")))
        whole = mean_amount(runs, lambda run: groups(run, GROUPS))
        left = any(line.energy is None for run in runs for line in run.statement.learning.lines)
        writes, survives = _wear(runs[0])
        accuracy = mean(runs, lambda run: run.result["accuracy"])
        more = " and more, not modelled" if left else ""
        wear = f"{writes:,.3g}, {survives:,.3g}" if survives else "not modelled"
        numbers: dict[str, Any] = {"accuracy": accuracy, "cells": cells.value, "energy": whole.value, "whole": not left}
        numbers |= {"writes": writes, "trainings": survives}
        table.add(name, spread(runs), cells.show("J"), whole.show("J") + more, wear, case=name, **numbers)
        if whole.value:
            dots.append(Dot(name.split(": ")[1], whole.value, 100 - 100 * accuracy, name.split(":")[0], _area(writes)))
    twin = next((runs for name, runs in cases.items() if name == WITH_TWIN), None)
    if twin is not None:
        accuracy = mean(twin, lambda run: run.result["float_accuracy"])
        for computer, batch in COMPUTERS:
            energy = mean_amount(twin, partial(_in_software, computer=computer, batch=batch))
            computer = f"{computer}, batch {batch}"
            says = f"{100 * accuracy:.1f} %"
            table.add(
                f"floating point: {computer}",
                says,
                "-",
                energy.show("J"),
                "-",
                case=computer,
                accuracy=accuracy,
                energy=energy.value,
            )
            dots.append(Dot(computer, energy.value, 100 - 100 * accuracy, "the perceptron in software"))
    sentences = (
        "Each system learns the same images in its own way: without labels (Shi), by activity differences (Yi), by "
        "backpropagated errors (Cristiano); one is not a better version of the other.",
        "A device is priced by the cost set that names it; what no source prices is left out and said. Laboratory "
        "pulses of milliseconds are priced as such.",
        "The computers are priced as if each named as many images correctly as floating point; in 8 bits that was "
        "not run.",
    )
    return Told("All systems on the same images", (table,), sentences, lambda path: _draw(dots, path))


def _in_software(run: Priced, *, computer: str, batch: int) -> Amount:
    work = run.accounts.work["network"]
    spent = digital_energy(batched(work, batch) if batch > 1 else work, load(computer))
    return total(amount for amount in spent.values() if amount is not None)


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


def _draw(dots: list[Dot], path: Path) -> Path:
    return draw_dots(
        dots, path,
        title="Accuracy against energy against wear: three systems, their devices, and software",
        xlabel="energy of learning, cells and periphery (J)",
        ylabel="test images named wrongly (%), fewer is higher up",
        sizes="size: decades of writes of the 99th percentile of the cells (software: none)",
    )  # fmt: skip
