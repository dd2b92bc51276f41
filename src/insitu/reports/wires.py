"""What wires take, and what learning behind them wins back, as a table, sentences and a figure; rows as in wires.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from insitu.reports.canvas import BLACK, own_style, save, scaled, series_color, titled
from insitu.reports.study_tables import points
from insitu.reports.tables import Table, words

Row = Mapping[str, Any]

#: (behind these wires, with gains of columns) -> head of a column and name of a curve
WAYS = {
    (False, False): "Read through",
    (False, True): "Read through, column gains",
    (True, False): "Learned behind",
    (True, True): "Learned behind, column gains",
}
_LEAST, _SURE = 0.001, 2.0  #: accuracy that has to be lost, and standard errors of it, before what is won back is told


def wires_table(title: str, rows: Sequence[Row]) -> Table:
    """Return one line a resistance, one column a way to meet it; in per cent."""
    note = "Read through: learned behind ideal wires. Column gains: each current is scaled to that of ideal wires."
    found = [["ideal", *([_percent(_at(rows, None, (False, False)))] * len(WAYS))]]
    found += [[f"{ohm:g}", *(_percent(_at(rows, ohm, way)) for way in WAYS)] for ohm in _ohms(rows)]
    return Table(title, words("Wire (ohm)", *(f"{name} (%)" for name in WAYS.values())), found, note)


def wires_verdicts(rows: Sequence[Row]) -> list[str]:
    """Return, by resistance, what is lost where a network has learned elsewhere, and which part of it comes back."""
    says, little = [], []
    for ohm in _ohms(rows):
        lost = _at(rows, ohm, (False, False))
        if lost is None:
            continue
        error = _SURE * (lost["difference_sd"] or 0.0) / lost["seeds"] ** 0.5
        if -lost["difference"] < max(_LEAST, error):
            little.append(f"{ohm:g}")
            continue
        back = ", ".join(
            f"{name} {100 * (1 - row['difference'] / lost['difference']):.0f} %"
            for way, name in _BACK.items()
            if (row := _at(rows, ohm, way))
        )
        says.append(
            f"At {ohm:g} ohm {points(-lost['difference'], lost['difference_sd'], '')} points are lost by what has learned "
            f"behind ideal wires; of these come back: {back}."
        )
    if little:
        says.insert(0, f"At {', '.join(little)} ohm what has learned behind ideal wires loses nothing that shows.")
    if says and all(row["seeds"] == 1 for row in rows):
        says.append("Of one seed each, so these may be chance; --seeds 5 tells.")
    return says


_BACK = {
    (False, True): "by gains of columns",
    (True, False): "by learning behind these wires",
    (True, True): "by both",
}


@own_style()
def draw_wires(rows: Sequence[Row], path: Path, *, title: str) -> Path:
    """Draw what is named wrongly, %, over the resistance of a piece of wire, a curve a way to meet it, as a PNG file."""
    figure, axes = titled(title, 8.2, 5.2)
    ideal = _at(rows, None, (False, False))
    if ideal is not None:
        axes.axhline(_wrong(ideal), color=BLACK, ls="--", lw=1.2, label="ideal wires")
    for place, (way, name) in enumerate(WAYS.items()):
        some = [row for ohm in _ohms(rows) if (row := _at(rows, ohm, way))]
        at = [row["ohm"] * (0.97, 0.99, 1.01, 1.03)[place] for row in some]  # beside each other, not over
        look = {"color": series_color(way[0]), "ls": "--" if way[1] else "-", "marker": "s" if way[1] else "o"}
        errors = [
            [min(100 * (row["sd"] or 0.0), 0.9 * _wrong(row)) for row in some],
            [100 * (row["sd"] or 0.0) for row in some],
        ]
        axes.errorbar(at, [_wrong(row) for row in some], errors, label=name.lower(), capsize=3, ms=5, lw=1.6, **look)
    axes.set_xscale("log")
    axes.set_xticks(_ohms(rows), [f"{ohm:g}" for ohm in _ohms(rows)])
    axes.set_xticks([], minor=True)
    scaled(axes.yaxis, log=True)
    axes.set_xlabel("wire between neighbouring cells, and at the ends (ohm)")
    axes.set_ylabel("named wrongly (%)")
    axes.grid(which="both", color="0.92")
    axes.set_axisbelow(True)
    axes.legend(fontsize=9, framealpha=0.7, edgecolor="none")
    return save(figure, path)


def _ohms(rows: Sequence[Row]) -> list[float]:
    return sorted({row["ohm"] for row in rows if row["ohm"] is not None})


def _at(rows: Sequence[Row], ohm: float | None, way: tuple[bool, bool]) -> Row | None:
    return next((row for row in rows if (row["ohm"], (row["behind"], row["gains"])) == (ohm, way)), None)


def _percent(row: Row | None) -> str | None:
    return None if row is None else points(row["mean"], row["sd"], "")


def _wrong(row: Row) -> float:
    return max(100 - 100 * float(row["mean"]), 0.01)
