"""Shi 2018: ten to a hundred times from the device, ten more from the algorithm? (claim 1 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from insitu.ledger.amount import Amount
from insitu.ledger.bill import GROUPS
from insitu.ledger.statement import statement_of
from insitu.reports.energy_claims import Bar, Dot, draw_bars_and_dots
from insitu.reports.tables import Cell, Column, Table
from insitu.studies.axes import Case, Setting
from insitu.studies.priced import ACCURACY, Priced, Told, accuracy, groups, mean, mean_amount

_UNPRUNED, _SHORT, _SOFT, _DIGITAL = "unpruned", "unpruned, a third of the images", "soft, 75 %", "soft, 75 %, 4 bits"
#: docs/shi2018.md, "Fewer pulses"
_STRONG: Setting = {
    "array.device": "shi2018-cbram-strong",
    "stdp.ltp": 0.756,
    "stdp.ltd": 0.012,
    "pruning.fraction": 1.0,
}
_CHANGES: dict[str, Setting] = {
    _UNPRUNED: {"pruning.method": "none"},
    _SHORT: {"pruning.method": "none", "training.epochs": 1, "training.presentations": 1},
    "conventional, 40 %": {"pruning.method": "conventional", "pruning.fraction": 0.4},
    _SOFT: {},
    "soft, all, early": _STRONG | {"pruning.maturity": 285, "wta.homeostasis": 0.25},
    "soft, all, every second spike": _STRONG | {"pruning.maturity": 560, "wta.homeostasis": 0.2, "stdp.every": 2},
    # 4 bits a weight do not fit on the array of the paper
    _DIGITAL: {"array.weights": "digital", "array.bits": 4, "array.cells": 800_000},
}
#: memory -> training: where a cell is a bit, that of weights of 4 bits
_MEMORIES = {
    **dict.fromkeys(("subquantum-cbram", "metal-cbram", "oxide-rram", "pcm", "fefet"), _SOFT),
    **dict.fromkeys(("stt-mram", "sram-45nm"), _DIGITAL),
}
_CELLS = ("cells read", "cells programmed")


def cases() -> dict[str, list[Case]]:
    """Return what is run, by recipe."""
    return {"shi2018": [Case({"case": name}, change) for name, change in _CHANGES.items()]}


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return the device factor, the algorithm factor and their product."""
    device, algorithm = _device(cases), _algorithm(cases)
    memories = {row["memory"]: row["factor"] for row in device.records()}
    ways = {row["case"]: row for row in algorithm.records()}
    metal, within = memories["metal-cbram"], [name for name, factor in memories.items() if 10 <= factor <= 100]
    best = max((row for name, row in ways.items() if name != _DIGITAL), key=lambda row: row["fewer"])
    shorter, fewer = ways.get(_SHORT, best), best["fewer"]
    sentences = (
        f"Device: a metal filament spends {metal:.3g} times the energy. That is the ratio of the conductances (33.7), "
        "since both get the same pulses and reads (ours) and a cell costs V^2 G t. The paper's 10 to 100 times "
        f"[stated, announcement] holds against {', '.join(within) or 'none of these memories'}; not against a "
        "ferroelectric transistor, in which no current flows.",
        f"Algorithm: soft-pruning saves at most {fewer:.3g} times the pulses ({best['case']}, "
        f"{100 * best['accuracy']:.1f} %), "
        f"{best['cells']:.3g} times the energy of the cells, and {best['all']:.3g} times that of the whole: reads, "
        "conversions and neurons go on as before. The paper's 10 times [stated, announcement] holds for pulses at "
        "most.",
        f"Showing only a third of the images, unpruned, comes to {100 * shorter['accuracy']:.1f} % with "
        f"{shorter['fewer']:.3g} times fewer pulses; of the factor of soft-pruning, {fewer / shorter['fewer']:.3g} is "
        "left against that.",
        f"Product, against an unpruned training on metal filaments: {metal * fewer:.3g} times counting pulses alone, "
        f"{metal * best['cells']:.3g} counting the reads of the cells too; the paper says 100 to 1,000 [stated, "
        "announcement].",
    )
    dots = [Dot(name, _energies(runs)["cells"], 100 * ways[name]["accuracy"]) for name, runs in cases.items()]
    bars = [Bar(str(row[0]), row[3]) for row in device.rows if isinstance(row[3], Amount)]
    titles = "Device: one training on each memory, cells alone", "Algorithm: accuracy against the energy of the cells"
    labels = "energy of learning (J)", "energy of the cells while learning (J)", "test images named correctly (%)"
    draw = partial(draw_bars_and_dots, bars, dots, titles=titles, labels=labels)
    return Told("Shi 2018: what device and algorithm save", (device, algorithm), sentences, draw)


def _device(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    base = 0.0
    for memory, training in _MEMORIES.items():
        spent = {group: mean_amount(cases[training], partial(_on, memory=memory, group=group)) for group in _CELLS}
        both = spent["cells read"] + spent["cells programmed"]
        base = base or both.value
        name = memory + (" (4 bits a weight)" if training == _DIGITAL else "")
        rows.append((name, spent["cells programmed"], spent["cells read"], both, both.value / base))
    columns = (
        Column("Memory", words=True, key="memory"),
        Column("Programming", "J", key="programming"),
        Column("Reading", "J", key="reading"),
        Column("Both", "J", key="energy"),
        Column("Over subquantum CBRAM", key="factor"),
    )
    title = "Device factor: one counted training, soft-pruned 75 %, on each memory (cells alone)"
    return Table(title, columns, rows)


def _algorithm(cases: Mapping[str, list[Priced]]) -> Table:
    reference = _energies(cases[_UNPRUNED])
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        found = _energies(runs)
        less = [reference[key] / found[key] if found[key] else float("inf") for key in found]
        rows.append((name, *accuracy(runs), found["pulses"], *less))
    columns = (
        Column("Training", words=True, key="case"),
        *ACCURACY,
        Column("Pulses", key="pulses"),
        Column("Fewer pulses", key="fewer"),
        Column("Cells, less energy", key="cells"),
        Column("With periphery, less", key="all"),
    )
    return Table("Algorithm factor: the same array of subquantum CBRAM, other ways to train", columns, rows)


def _on(run: Priced, *, memory: str, group: str) -> Amount:
    """Return the energy of learning of one group, J, on another memory."""
    return statement_of(run.accounts, [memory]).learning.only(lambda line: line.group == group).energy


def _energies(runs: list[Priced]) -> dict[str, float]:
    return {
        "pulses": mean(runs, lambda run: run.result["pulses_up"] + run.result["pulses_down"]),
        "cells": mean(runs, lambda run: groups(run, _CELLS).value),
        "all": mean(runs, lambda run: groups(run, GROUPS).value),
    }
