"""Figures of the studies: the ladder as dots with their spread, the device requirements as small multiples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from insitu.reports.canvas import BLACK, BLUE, ORANGE, own_style, save, scaled, series_color, titled
from insitu.validation import Table

_LEAST = 0.01  #: smallest error that is drawn, %
_STEEP = 1.0  #: points; below it the axis of a loss is logarithmic


class Panel(Table):
    """Title and axis of the factors that are drawn together; on a logarithmic axis, tolerances are interpolated so too."""

    title: str
    xlabel: str
    log: bool = False


@own_style()
def draw_ladder(rungs: Mapping[str, Sequence[float]], path: Path, *, title: str, xlabel: str) -> Path:
    """Draw the errors of each rung, one dot a seed, with mean and standard deviation, as a PNG file.

    Parameters
    ----------
    rungs : accuracies, one a seed, by the name of the rung; the first is the reference, a dashed line. The numbers beside
        are the mean accuracy and its difference to the reference, %.
    """
    figure, axes = titled(title, 8.6, 1.7 + 0.42 * len(rungs))
    reference = 100 * float(np.mean(next(iter(rungs.values()))))
    axes.axvline(max(100 - reference, _LEAST), color=BLACK, ls="--", lw=1.2, zorder=1)
    for place, values in enumerate(rungs.values()):
        wrong = 100 - 100 * np.asarray(values, float)
        mean = wrong.mean()
        sd = wrong.std(ddof=1) if wrong.size > 1 else 0.0
        axes.plot(np.maximum(wrong, _LEAST), [place] * wrong.size, "o", color=ORANGE, ms=5, mew=0, zorder=3)
        bars = [[min(sd, mean - _LEAST)], [sd]] if sd and mean > _LEAST else None
        axes.errorbar(max(mean, _LEAST), place, xerr=bars, fmt="D", color=BLUE, ms=6, capsize=4, lw=1.8)
        says = f"{100 - mean:.2f}" + (f" ({100 - mean - reference:+.2f})" if place else "")
        axes.annotate(says, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    axes.set_yticks(range(len(rungs)), list(rungs))
    axes.invert_yaxis()
    scaled(axes.xaxis, log=True)
    axes.set_xlabel(xlabel)
    axes.grid(axis="x", which="both", color="0.92")
    axes.set_axisbelow(True)
    return save(figure, path)


@own_style()
def draw_requirements(
    panels: Sequence[tuple[Panel, Sequence[Any]]], limit: float, path: Path, *, title: str, ylabel: str
) -> Path:
    """Draw accuracy against a reference over each factor, as a PNG file; a mark is the value at which ``limit`` is reached.

    Parameters
    ----------
    panels : each with what its factors tolerate, :class:`insitu.studies.tolerance.Requirement`.
    limit : accuracy that may be lost, a fraction.
    """
    rows, columns = math.ceil(len(panels) / 4), min(4, len(panels))
    size = max(7.0, 1.4 + 3.6 * columns), 1.3 + 2.9 * rows
    figure, tiles = titled(title, *size, rows, columns, squeeze=False, sharey=True)
    lowest = 100 * min(
        (point.difference for _, found in panels for one in found for point in one.points), default=-0.01
    )
    ticks = [-50, -20, -10, -5, -2, -1, -0.5, 0, 0.5]
    for axes, (panel, found) in zip(tiles.ravel(), panels, strict=False):
        _draw_panel(axes, panel, found, limit)
        axes.set_yscale("symlog", linthresh=_STEEP, linscale=1.2)
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_ylim(min(1.4 * lowest, -1.2), 0.7)
    for axes in tiles.ravel()[len(panels) :]:
        axes.set_axis_off()
    for axes in tiles[:, 0]:
        axes.set_ylabel(ylabel)
    return save(figure, path)


def _draw_panel(axes: Any, panel: Panel, found: Sequence[Any], limit: float) -> None:
    axes.axhspan(-100 * limit, 0, color="0.93", zorder=0)
    axes.axhline(0, color=BLACK, lw=0.8, zorder=1)
    for index, one in enumerate(found):
        color = series_color(index)
        look = {"color": color, "lw": 1.6, "ms": 4, "capsize": 2, "marker": "os^D"[index % 4]}
        means, errors = ([100 * value for value in some] for some in ((p.difference for p in one.points), one.errors))
        axes.errorbar(one.values, means, errors, label=one.factor.legend, **look)
        if one.tolerance is not None:
            axes.plot(one.tolerance, -100 * limit, "v", color=color, ms=9, mec="white", zorder=5)
    scaled(axes.xaxis, log=panel.log)
    axes.set_title(panel.title, fontsize=10, loc="left")
    axes.set_xlabel(panel.xlabel, fontsize=9)
    axes.tick_params(labelsize=8, which="both")
    axes.legend(framealpha=0.7, edgecolor="none", fontsize=8, loc="best")
