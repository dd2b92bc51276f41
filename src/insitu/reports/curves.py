"""Mean and spread of a result over a swept field: accuracy over epochs, over neurons, over the pruned fraction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from insitu.errors import InputError, suggest
from insitu.reports.canvas import BLACK, own_style, save, scaled, series_color, titled
from insitu.reports.numbers import counted, value_text

if TYPE_CHECKING:
    from pandas import DataFrame

_MARKS = "osD^vPX"
Row = Mapping[str, Any]


def curve_points(table: Sequence[Row], x: str, series: str | Sequence[str] | None, y: str) -> dict[str, DataFrame]:
    """Return the points of each curve by its name: by the value of the swept field, ``mean``, sample ``std`` and ``count``.

    Both stand in the order in which they first appear in the table; the spread of a single run is NaN.

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
        {"curve": ", ".join(value_text(row[name]) for name in by) or y, "x": _place(row[x]),
         "seed": row.get("seed", f"row {n}"), "y": float(row[y])}
        for n, row in kept
    )  # fmt: skip
    for n in frame.index[frame.duplicated(["curve", "x", "seed"])]:
        names = ", ".join(f"{name} = {value_text(kept[n][1][name])}" for name in (x, *by, "seed"))
        raise InputError(f"table: two rows have {names}; add to series what they differ in, or select rows first")
    points = frame.groupby(["curve", "x"], sort=False)["y"].agg(["mean", "std", "count"])
    return {str(label): curve.droplevel("curve") for label, curve in points.groupby("curve", sort=False)}


@dataclass(frozen=True)
class Axis:
    """What an axis shows.

    Parameters
    ----------
    field : of the table. label : words for it, with the unit.
    factor : from the numbers of the table to those of the axis, for example 100 for percent.
    log : whether it is logarithmic.
    """

    field: str
    label: str
    factor: float = 1.0
    log: bool = False


ACCURACY = Axis("accuracy", "test images named correctly (%)", 100)


@own_style()
def plot_curves(
    table: Sequence[Row],
    x: Axis,
    y: Axis,
    path: Path,
    *,
    title: str,
    series: str | Sequence[str] | None = None,
    reference: Mapping[str, float | tuple[float, float]] | None = None,
) -> Path:
    """Draw mean and standard deviation of a result over a swept field, one curve a series, as a PNG file.

    Parameters
    ----------
    table, series : see :func:`curve_points`.
    x, y : the swept field, which is drawn as categories where it is not always a number, and the result.
    path : where to write. title : of the figure.
    reference : what to compare with, by name, in units of the table: a number is a horizontal line, a pair (x, y) a point.

    Returns
    -------
    ``path``.

    Raises
    ------
    InputError : see :func:`curve_points`.
    RunError : the file cannot be written.
    """
    curves = curve_points(table, x.field, series, y.field)
    places = list(dict.fromkeys(at for curve in curves.values() for at in curve.index))
    numeric = all(map(_number, places))
    figure, axes = titled(title, 7.6, 5)
    drawn: list[Any] = []
    for index, (label, curve) in enumerate(curves.items()):
        at = np.array([place * x.factor if numeric else places.index(place) for place in curve.index])
        order = np.argsort(at)
        mean, sd = (y.factor * curve[name].to_numpy()[order] for name in ("mean", "std"))
        look = {"color": series_color(index), "marker": _MARKS[index % len(_MARKS)], "ls": "-" if numeric else ""}
        least, most = int(curve["count"].min()), int(curve["count"].max())
        runs = f"{least} to " * (least < most) + counted(most, "seed")
        drawn.append(axes.errorbar(at[order], mean, sd, label=f"{label} ({runs})", lw=2, capsize=4, **look))
    marked = zip((reference or {}).items(), cycle(("*", "P", "X")), cycle(("--", ":", "-.")), strict=False)
    drawn += [_reference(axes, name, target, (x, y), mark, dash) for (name, target), mark, dash in marked]
    if numeric:
        scaled(axes.xaxis, log=x.log)
    else:
        axes.set_xticks(range(len(places)), [value_text(place) for place in places])
    if y.log:
        scaled(axes.yaxis, log=True)
    axes.set(xlabel=x.label, ylabel=y.label)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    note = "mean, bars: ± 1 standard deviation"
    axes.legend(handles=drawn, frameon=False, title=note, title_fontsize=9, alignment="left")
    return save(figure, path)


def _reference(
    axes: Any, name: str, target: float | tuple[float, float], of: tuple[Axis, Axis], mark: str, dash: str
) -> Any:
    x, y = of
    if isinstance(target, tuple):
        return axes.plot(target[0] * x.factor, target[1] * y.factor, mark, color=BLACK, ms=13, zorder=5, label=name)[0]
    return axes.axhline(target * y.factor, color=BLACK, lw=1.2, ls=dash, zorder=1.5, label=name)


def _place(value: Any) -> Any:
    """Return what a value is sorted by: of a list, which pandas cannot tell apart, its text."""
    return value_text(value) if isinstance(value, list) else value


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)
