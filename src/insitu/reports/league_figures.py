"""A league as a figure: accuracy against energy, and against wear, with the front drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from insitu.reports.canvas import BLACK, legend_beside, own_style, save, scaled, series_color, titled

Row = Mapping[str, Any]

_AXES = {"energy": "energy of learning (J)", "writes": "writes of a cell"}
_MARKS = "osD^vP*Xhp<>"  #: of devices


@own_style()
def draw_league(rows: Sequence[Row], path: Path, *, title: str) -> Path:
    """Draw a line of two panels a system, as a PNG file; rows as in league.json.

    Correct (%), mean and standard deviation over the seeds, over the energy of learning with its low and high end, and over
    the writes of a cell. Colour: scheme; shape: device, hollow where not all of its energy is priced. Ringed: on the front of
    all three; line: the front of the two that are drawn, over the same entries.
    """
    systems = list(dict.fromkeys(row["system"] for row in rows))
    figure, grid = titled(title, 13.0, 0.9 + 4.6 * len(systems), len(systems), 2, sharey="row", squeeze=False)
    for line, system in zip(grid, systems, strict=True):
        own = [row for row in rows if row["system"] == system]
        for axes, (key, label) in zip(line, _AXES.items(), strict=True):
            _panel(axes, own, rows, key)
            axes.set_xlabel(label)
        line[0].set_ylabel("correct (%)")
        line[0].set_title(system, loc="left", fontsize=10)
    _legend(grid[0][1], rows)
    return save(figure, path)


def _panel(axes: Any, own: Sequence[Row], rows: Sequence[Row], key: str) -> None:
    schemes, devices = _names(rows, "scheme"), _names(rows, "device")
    shown = [row for row in own if row[key]]
    for row in shown:
        color, mark = series_color(schemes.index(row["scheme"])), _MARKS[devices.index(row["device"]) % len(_MARKS)]
        x, y = row[key], 100 * row["mean"]
        ends = [[x - row[f"{key}_low"]], [row[f"{key}_high"] - x]] if f"{key}_low" in row else None
        axes.errorbar(x, y, xerr=ends, yerr=100 * (row["sd"] or 0.0), fmt="none", ecolor=color, alpha=0.35, lw=1)
        axes.plot(x, y, mark, color=color, mfc="white" if row["missing"] else color, ms=7, zorder=3)
        if row["front"]:
            axes.plot(x, y, "o", color=BLACK, mfc="none", ms=13, zorder=4)
    if shown and shown[0]["ideal"] is not None:
        axes.axhline(100 * shown[0]["ideal"], color=BLACK, ls="--", lw=1)
    steps = _staircase([(row[key], 100 * row["mean"]) for row in shown if row["learns"] and not row["missing"]])
    axes.step(*zip(*steps, strict=True), where="post", color=BLACK, lw=1) if steps else None
    scaled(axes.xaxis, log=True)
    axes.grid(color="0.92")


def _staircase(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points, from left to right, that are higher than all on their left."""
    found: list[tuple[float, float]] = []
    for x, y in sorted(points, key=lambda point: (point[0], -point[1])):
        if not found or y > found[-1][1]:
            found.append((x, y))
    return found


def _names(rows: Sequence[Row], key: str) -> list[str]:
    return list(dict.fromkeys(sorted(row[key] for row in rows)))


def _legend(axes: Any, rows: Sequence[Row]) -> None:
    schemes, devices = _names(rows, "scheme"), _names(rows, "device")
    handles = [axes.plot([], [], "s", color=series_color(i), label=name)[0] for i, name in enumerate(schemes)]
    marks = zip(cycle(_MARKS), devices, strict=False)
    handles += [axes.plot([], [], mark, color="0.45", label=name)[0] for mark, name in marks]
    legend_beside(axes, handles)
