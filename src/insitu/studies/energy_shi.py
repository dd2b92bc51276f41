"""Shi 2018: ten to a hundred times from the device, ten more from the algorithm? (claim 1 on energy)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from insitu.ledger.amount import Amount
from insitu.ledger.bill import GROUPS
from insitu.ledger.statement import statement_of
from insitu.reports.energy_claims import Dot, draw_bars_and_dots
from insitu.reports.tables import Cell, Table
from insitu.studies.priced import Priced, Told, accuracy, groups, mean, mean_amount, words

_UNPRUNED, _SHORT, _SOFT, _DIGITAL = "unpruned", "unpruned, a third of the images", "soft, 75 %", "soft, 75 %, 4 bits"
#: memory -> training: where a cell is a bit, that of weights of 4 bits
_MEMORIES = {
    **dict.fromkeys(("subquantum-cbram", "metal-cbram", "oxide-rram", "pcm", "fefet"), _SOFT),
    **dict.fromkeys(("stt-mram", "sram-45nm"), _DIGITAL),
}
_CELLS = ("cells read", "cells programmed")
_LINES = (*_CELLS, "lines charged")


WORDS = words("shi2018")


def tell(cases: Mapping[str, list[Priced]]) -> Told:
    """Return the device factor, the algorithm factor and their product."""
    device, algorithm = _device(cases), _algorithm(cases)
    memories = {row["memory"]: row["factor"] for row in device.records()}
    lined = {row["memory"]: row["factor_lines"] for row in device.records()}
    ways = {row["case"]: row for row in algorithm.records()}
    metal, within = memories["metal-cbram"], [name for name, factor in memories.items() if 10 <= factor <= 100]
    best = max((row for name, row in ways.items() if name != _DIGITAL), key=lambda row: row["fewer"])
    shorter, fewer = ways.get(_SHORT, best), best["fewer"]
    dots = [Dot(name, _energies(runs)["cells"], 100 * ways[name]["accuracy"]) for name, runs in cases.items()]
    bars = {str(name): both for name, _, _, both, *_ in device.rows if isinstance(both, Amount)}
    titles = "Device: one training on each memory, cells alone", "Algorithm: accuracy against the energy of the cells"
    labels = "energy of learning (J)", "energy of the cells while learning (J)", "test images named correctly (%)"
    draw = partial(draw_bars_and_dots, bars, dots, titles=titles, labels=labels)
    return WORDS.told(
        *(device, algorithm),
        draw=draw,
        metal=metal,
        metal_lines=lined["metal-cbram"],
        within=", ".join(within) or "none of these memories",
        best=best,
        percent=100 * best["accuracy"],
        short=shorter,
        short_percent=100 * shorter["accuracy"],
        left=fewer / shorter["fewer"],
        product_pulses=metal * fewer,
        product_cells=metal * best["cells"],
        product_lines=lined["metal-cbram"] * best["lines"],
    )


def _device(cases: Mapping[str, list[Priced]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    base: tuple[float, float] | None = None
    for memory, training in _MEMORIES.items():
        spent = {group: mean_amount(cases[training], partial(_on, memory=memory, group=group)) for group in _LINES}
        both = spent["cells read"] + spent["cells programmed"]
        whole = both.value, both.value + spent["lines charged"].value
        base = base or whole
        name = memory + (" (4 bits a weight)" if training == _DIGITAL else "")
        factors = (amount / least for amount, least in zip(whole, base, strict=True))
        rows.append((name, *(spent[group] for group in ("cells programmed", "cells read")), both, *factors))
    return WORDS.table("device", rows)


def _algorithm(cases: Mapping[str, list[Priced]]) -> Table:
    reference = _energies(cases[_UNPRUNED])
    rows: list[tuple[Cell, ...]] = []
    for name, runs in cases.items():
        found = _energies(runs)
        less = [reference[key] / found[key] if found[key] else float("inf") for key in found]
        rows.append((name, *accuracy(runs), found["pulses"], *less))
    return WORDS.table("algorithm", rows)


def _on(run: Priced, *, memory: str, group: str) -> Amount:
    """Return the energy of learning of one group, J, on another memory."""
    return statement_of(run.accounts, [memory]).learning.only(lambda line: line.group == group).energy


def _energies(runs: list[Priced]) -> dict[str, float]:
    return {
        "pulses": mean(runs, lambda run: run.result["pulses_up"] + run.result["pulses_down"]),
        "cells": mean(runs, lambda run: groups(run, _CELLS).value),
        "lines": mean(runs, lambda run: groups(run, _LINES).value),
        "all": mean(runs, lambda run: groups(run, GROUPS).value),
    }
