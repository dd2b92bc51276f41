"""Mean and spread of a result over a swept field: accuracy over epochs, over neurons, over the pruned fraction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from insitu.errors import InputError, suggest
from insitu.reports.canvas import BLACK, grouped, new_figure, own_style, plain_log, save, series_color

_MARKS = "osD^vPX"
Row = Mapping[str, Any]


class Point(NamedTuple):
    """One point of a curve."""

    x: Any  #: value of the swept field
    mean: float
    sd: float  #: sample standard deviation; NaN for a single run
    n: int  #: runs


def curve_points(table: Sequence[Row], x: str, series: str | Sequence[str] | None, y: str) -> dict[str, list[Point]]:
    """Return the points of each curve by its name, in the order in which they first appear in the table.

    Parameters
    ----------
    table : one row a run. A row without a finite ``y`` is a run that failed, and is left out.
    x, y : names of the swept field and of the result.
    series : field, or fields, whose values tell the curves apart; None is a single curve.

    Raises
    ------
    InputError : a row has no such field, no row has the result, or two rows differ in nothing that is named, so that
        a mean would mix settings with seeds.
    """
    by = [series] if isinstance(series, str) else list(series or ())
    for row in table:
        for name in (x, *by):
            if name not in row:
                raise InputError(f"table: no field '{name}' in a row; {suggest(name, row)}")
    if not any(_number(row.get(y)) for row in table):
        usable = {key for row in table for key in row if _number(row[key])}
        raise InputError(f"table: no row has a number as its '{y}'; {suggest(y, usable)}")
    import pandas as pd

    kept = [(n, row) for n, row in enumerate(table) if _number(row.get(y))]
    frame = pd.DataFrame(
        {"curve": ", ".join(_text(row[name]) for name in by) or y, "x": row[x], "seed": row.get("seed", f"row {n}"),
         "y": float(row[y])}
        for n, row in kept
    )  # fmt: skip
    for n in frame.index[frame.duplicated(["curve", "x", "seed"])]:
        names = ", ".join(f"{name} = {_text(kept[n][1][name])}" for name in (x, *by, "seed"))
        raise InputError(f"table: two rows have {names}; add to series what they differ in, or select rows first")
    found: dict[str, list[Point]] = {}
    for (label, at), values in frame.groupby(["curve", "x"], sort=False)["y"]:
        found.setdefault(str(label), []).append(Point(at, values.mean(), values.std(), len(values)))
    return found


@own_style()
def plot_curves(
    table: Sequence[Row],
    x: str,
    series: str | Sequence[str] | None,
    path: Path,
    *,
    xlabel: str,
    ylabel: str,
    title: str,
    y: str = "accuracy",
    reference: Mapping[str, float | tuple[float, float]] | None = None,
    x_factor: float = 1.0,
    y_factor: float = 1.0,
    log_x: bool = False,
) -> Path:
    """Draw mean and standard deviation of a result over a swept field, one curve a series, as a PNG file.

    Parameters
    ----------
    table, x, series, y : see :func:`curve_points`. An ``x`` that is not always a number is drawn as categories.
    path : where to write.
    xlabel, ylabel : with units; title : of the figure.
    reference : what to compare with, by name, in units of the table: a number is a horizontal line, a pair (x, y) a point.
    x_factor, y_factor : from the numbers of the table to those of the axes, for example 100 for percent.
    log_x : logarithmic x axis.

    Returns
    -------
    ``path``.

    Raises
    ------
    InputError : see :func:`curve_points`.
    RunError : the file cannot be written.
    """
    curves = curve_points(table, x, series, y)
    places = list(dict.fromkeys(point.x for curve in curves.values() for point in curve))
    numeric = all(map(_number, places))
    figure = new_figure(7.6, 5)
    axes = figure.subplots()
    drawn: list[Any] = []
    for index, (label, curve) in enumerate(curves.items()):
        at = np.array([point.x * x_factor if numeric else places.index(point.x) for point in curve])
        order = np.argsort(at)
        mean, sd = (y_factor * np.array([getattr(point, name) for point in curve])[order] for name in ("mean", "sd"))
        look: dict[str, Any] = {
            "color": series_color(index),
            "marker": _MARKS[index % len(_MARKS)],
            "ls": "-" if numeric else "",
        }
        name = f"{label} ({_seeds([point.n for point in curve])})"
        drawn.append(axes.errorbar(at[order], mean, sd, lw=2, capsize=4, label=name, **look))
    for name, target in (reference or {}).items():
        if isinstance(target, tuple):
            x_star, y_star = target[0] * x_factor, target[1] * y_factor
            drawn += axes.plot(x_star, y_star, "*", color=BLACK, ms=13, zorder=5, label=name)
        else:
            drawn.append(axes.axhline(target * y_factor, color=BLACK, lw=1.2, ls="--", zorder=1.5, label=name))
    if log_x and numeric:
        axes.set_xscale("log")
        plain_log(axes.xaxis)
    elif numeric:
        grouped(axes.xaxis)
    else:
        axes.set_xticks(range(len(places)), [_text(place) for place in places])
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    note = "mean, bars: ± 1 standard deviation"
    axes.legend(handles=drawn, frameon=False, title=note, title_fontsize=9, alignment="left")
    figure.suptitle(title, fontsize=11)
    return save(figure, path)


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> str:
    return f"{value:g}" if _number(value) else str(value)


def _seeds(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low if low == high else f'{low} to {high}'} {'seed' if high == 1 else 'seeds'}"
