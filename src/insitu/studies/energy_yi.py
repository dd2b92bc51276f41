"""Yi 2022: where a factor of 100,000 against a GPU comes from, and where it is gone (claim 2 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from insitu.ledger.amount import ZERO, Amount
from insitu.ledger.costset import load
from insitu.ledger.digital import digital_energy
from insitu.ledger.statement import statement_of
from insitu.reports.energy_claims import Line, draw_lines
from insitu.reports.numbers import large
from insitu.reports.tables import Cell, Column, Table
from insitu.studies.axes import Case
from insitu.studies.priced import LEVELS, Priced, Told, groups, mean, mean_amount
from insitu.units import si

WORDS, SIZES = "nine words in Braille", (16, 64, 256, 1024)
GPU, ASIC, LAB = "gpu-a100", "asic-int8-45nm", "taox-hpe"


def cases() -> dict[str, list[Case]]:
    """Return what is run, by recipe."""
    images = {"data.task": "mnist", "images.epochs": 1}
    sizes = [Case({"case": f"images, {n} hidden"}, images | {"images.hidden": [n]}) for n in SIZES]
    return {"yi2022": [Case({"case": WORDS}, {}), *sizes]}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return energies at each level of accounting, against a GPU and an int8 design, over the size of the network."""
    table = _levels(cases)
    found = table.records()
    sizes = [mean(runs, _weights) for name, runs in cases.items() if name != WORDS]
    words = {row["level"]: row for row in found if row["case"] == WORDS}
    lab = mean_amount(cases[WORDS], _lab_writes)
    array, converted, written, digital = (words[level] for level in LEVELS)
    curves = [row for row in found if row["case"] != WORDS]
    images = [row for row in curves if row["level"] == "array only"]
    sentences = (
        f"Words, array only: a GPU spends {large(array['gpu'])} times as much, nearly all of it for launches that last "
        f"longer than their arithmetic. Without launches the factor is {large(array['bare'])}.",
        f"With converters and neurons the factor is {large(converted['gpu'])}, with writing and verify "
        f"{large(written['gpu'])}, with the sums of activities that a digital controller adds up {large(digital['gpu'])}.",
        f"Images, array only: {large(images[0]['gpu'])} times for {images[0]['case'].split(', ')[1]} units, "
        f"{large(images[-1]['gpu'])} for {images[-1]['case'].split(', ')[1]} units: the larger the network, the less its "
        "launches matter. The announced 100,000 [stated] is a matter of what is counted on either side.",
        f"An int8 design at 45 nm spends {large(array['asic'])}, {large(converted['asic'])}, {large(written['asic'])} and "
        f"{large(digital['asic'])} times the energy of the arrays at the four levels: against digital hardware of its "
        "own kind, the update in the controller and the converters decide.",
        f"With the write pulses of laboratory experiments (cost set {LAB}), writing alone takes {si(lab.value, 'J')} "
        f"for the words, against {si(converted['energy'], 'J')} for all reading and conversion.",
    )
    titles = {"gpu": "GPU, launches included", "bare": "GPU, arithmetic and memory alone", "asic": "int8 design, 45 nm"}
    panels = {
        title: [Line(level, sizes, [row[key] for row in curves if row["level"] == level]) for level in LEVELS]
        for key, title in titles.items()
    }
    draw = partial(draw_lines, panels, xlabel="weights", ylabel="energy, times that of the arrays")
    return Told("Yi 2022: energy of training, by what is counted", (table,), sentences, draw)


def _levels(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        part, network = ("two layers", "two layers") if name == WORDS else ("", "network")
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
    columns = (
        Column("Training", words=True, key="case"),
        Column("Level", words=True, key="level"),
        Column("Arrays", "J", key="energy"),
        Column("GPU, times", key="gpu"),
        Column("GPU arithmetic alone, times", key="bare"),
        Column("int8 design, times", key="asic"),
    )
    title = "Energy of training, and how much more a computer spends (GPU: one launch a product; batches as trained)"
    return Table(title, columns, rows)


def _digital(run: Priced, *, network: str, computer: str, kind: str) -> Amount:
    return digital_energy(run.accounts.work[network], load(computer))[kind] or ZERO


def _weights(run: Priced) -> float:
    read = (u for u in run.accounts.usages if u.phase == "learning" and u.doing == "reading")
    return sum(usage.rows * usage.columns for usage in read)


def _lab_writes(run: Priced) -> Amount:
    other = statement_of(run.accounts, [LAB])
    return other.learning.only(lambda line: line.group == "cells programmed" and line.part.startswith("two")).energy
