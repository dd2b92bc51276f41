"""What a device is good for, as a figure: how each way of writing does, and what a better property buys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from insitu.reports.canvas import BLACK, BLUE, ORANGE, own_style, save, titled


@own_style()
def draw_assessment(systems: Sequence[Any], path: Path, *, title: str) -> Path:
    """Draw a line of two panels a system, as a PNG file.

    Parameters
    ----------
    systems : :class:`insitu.studies.assessed.System`. Left: correct (%), mean and standard deviation over the seeds, of each
        way of writing; right, where that was tried: points that a property buys, mean and standard error, twice as good and
        ideal.
    """
    sides = 2 if any(one.gains for one in systems) else 1
    heights = [max(len(one.ways) + 1, len(one.gains)) + 2 for one in systems]
    tall = 0.6 + 0.3 * sum(heights)
    figure, grid = titled(title, 6.25 * sides, tall, len(systems), sides, squeeze=False, height_ratios=heights)
    for row, one in zip(grid, systems, strict=True):
        for draw, axes in zip((_ways, _gains), row, strict=False):
            draw(axes, one)
    return save(figure, path)


def _ways(axes: Any, one: Any) -> None:
    shown = [*one.ways, *([one.like] if one.like else [])]
    for place, way in enumerate(shown):
        if way.accuracy is None:
            axes.annotate(" refused", (0, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
            continue
        color = BLACK if way is one.like else BLUE if way.name == one.best else ORANGE
        spread = 100 * (way.accuracy.sd or 0.0)
        axes.errorbar(100 * way.accuracy.mean, place, xerr=spread, fmt="o", color=color, capsize=3)
    if one.ideal is not None:
        axes.axvline(100 * one.ideal, color=BLACK, ls="--", lw=1)
    names = [f"{way.name}, {one.best}" if way is one.like else way.name for way in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_title(one.recipe, loc="left", fontsize=10)
    axes.set_xlabel(f"{one.judged.named()} (%)", fontsize=9, wrap=True)
    axes.grid(axis="x", color="0.92")


def _gains(axes: Any, one: Any) -> None:
    axes.axvline(0, color=BLACK, lw=0.8)
    for shift, way, color in ((-0.15, "better", BLUE), (0.15, "ideal", ORANGE)):
        known = [(place, getattr(gain, way)) for place, gain in enumerate(one.gains) if getattr(gain, way) is not None]
        if known:
            axes.errorbar(
                [100 * gained for _, gained in known],
                [place + shift for place, _ in known],
                xerr=100 * (one.gains[0].error or 0.0),
                fmt="o", ms=5, color=color, capsize=2, label="twice as good" if way == "better" else "ideal",
            )  # fmt: skip
    axes.set_yticks(range(len(one.gains)), [gain.quality.what for gain in one.gains], fontsize=8)
    axes.set_ylim(max(len(one.gains), 1) - 0.4, -0.6)
    axes.set_title(f"written by {one.best}" if one.best else "", loc="left", fontsize=10)
    axes.set_xlabel("what a better property buys (points)", fontsize=9)
    axes.grid(axis="x", color="0.92")
    if one.gains:
        axes.legend(fontsize=8, framealpha=0.7, edgecolor="none", loc="best")
