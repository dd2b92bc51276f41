"""Figures of the claims on energy: bars with their range, accuracy against energy, ratios over the size of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from insitu.ledger.amount import Amount
from insitu.reports.canvas import BLACK, BLUE, Axes, legend_beside, new_figure, own_style, plain_log, save, series_color

Bars = Mapping[str, Amount]  #: name -> amount with its range


class Dot(NamedTuple):
    """A point; ``group`` gives it its colour, ``size`` its area, ``sd`` what y scatters over seeds."""

    name: str
    x: float
    y: float
    group: str = ""
    size: float = 40.0
    sd: float | None = None


@own_style()
def draw_bars_and_dots(
    bars: Bars, dots: Sequence[Dot], path: Path, *, titles: Sequence[str], labels: Sequence[str]
) -> Path:
    """Draw amounts as bars with their range, and beside them points, as a PNG file.

    Parameters
    ----------
    titles : of both. labels : of the bars, and of x and y of the points.
    """
    figure = new_figure(13.5, 1.8 + 0.45 * max(len(bars), 6))
    left, right = figure.subplots(1, 2)
    _bars(left, bars)
    _label(left, titles[0], labels[0])
    _dots(right, dots)
    _label(right, titles[1], *labels[1:])
    return save(figure, path)


@own_style()
def draw_bars(panels: Sequence[Bars], path: Path, *, titles: Sequence[str], xlabels: Sequence[str]) -> Path:
    """Draw one panel of bars beside the other, as a PNG file."""
    figure = new_figure(5.9 * len(panels), 1.6 + 0.42 * max(map(len, panels)))
    for axes, bars, *words in zip(figure.subplots(1, len(panels)), panels, titles, xlabels, strict=True):
        _bars(axes, bars)
        _label(axes, *words)
    return save(figure, path)


@own_style()
def draw_lines(
    x: Sequence[float], panels: Mapping[str, Mapping[str, Sequence[float]]], path: Path, *, xlabel: str, ylabel: str
) -> Path:
    """Draw curves, by panel and name, over the size of a network, x; both axes logarithmic, a ratio of 1 marked; as a PNG."""
    figure = new_figure(5.9 * len(panels), 4.4)
    for axes, (title, lines) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for place, (name, y) in enumerate(lines.items()):
            look: dict[str, Any] = {"ls": ("-", "--", ":", "-.")[place % 4], "color": series_color(place)}
            axes.loglog(x, y, marker="o", ms=4, label=name, **look)
        axes.axhline(1, color=BLACK, lw=1, ls=":")
        _label(axes, title, xlabel, ylabel)
        axes.grid(alpha=0.25)
        axes.legend(fontsize=8)
    return save(figure, path)


def _label(axes: Axes, title: str, xlabel: str, ylabel: str = "") -> None:
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title, fontsize=10, loc="left")


@own_style()
def draw_dots(dots: Sequence[Dot], path: Path, *, title: str, xlabel: str, ylabel: str, sizes: str) -> Path:
    """Draw numbered points, coloured by group, as a PNG file: y in per cent wrong, on a logarithmic axis that points down.

    ``sizes`` says what their area is.
    """
    figure = new_figure(12.0, 6.4)
    axes = figure.subplots()
    _dots(axes, dots)
    axes.set_yscale("log")
    axes.invert_yaxis()
    plain_log(axes.yaxis)
    _label(axes, f"{title}\n{sizes}", xlabel, ylabel)
    return save(figure, path)


def _bars(axes: Axes, bars: Bars) -> None:
    values = [bar.value for bar in bars.values()]
    lows = [max(bar.value - bar.low, 0.0) for bar in bars.values()]
    highs = [bar.high - bar.value for bar in bars.values()]
    start = min((bar.low for bar in bars.values() if bar.low > 0), default=1e-12) / 3
    axes.barh(list(bars), values, color=BLUE, height=0.6, left=0, zorder=2)
    axes.errorbar(values, range(len(bars)), xerr=[lows, highs], fmt="none", ecolor=BLACK, capsize=3, lw=1.2, zorder=3)
    axes.set_xscale("log")
    axes.set_xlim(left=start)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.25, zorder=0)


def _dots(axes: Axes, dots: Sequence[Dot]) -> None:
    """Draw numbered points; the names stand beside the axes, where they cannot cover each other."""
    found = list(dict.fromkeys(dot.group for dot in dots))
    handles: list[Any] = []
    for number, dot in enumerate(dots, 1):
        color = series_color(found.index(dot.group))
        axes.scatter(dot.x, dot.y, s=dot.size, color=color, alpha=0.85, lw=0, zorder=3)
        axes.annotate(str(number), (dot.x, dot.y), xytext=(6, 4), textcoords="offset points", fontsize=8)
        name = f"{dot.group}: {dot.name}" if dot.group else dot.name
        handles.append(axes.scatter([], [], s=30, color=color, label=f"{number}  {name}"))
    if scattering := [dot for dot in dots if dot.sd]:
        x, y, sd = ([getattr(dot, name) for dot in scattering] for name in ("x", "y", "sd"))
        handles.append(axes.errorbar(x, y, sd, fmt="none", ecolor=BLACK, lw=0.8, label="± over seeds"))
    legend_beside(axes, handles)
    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter("")  # decades alone: the numbers between them would run into each other
    axes.margins(x=0.12, y=0.12)
    axes.grid(alpha=0.25)
