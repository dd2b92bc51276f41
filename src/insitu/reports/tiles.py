"""How large a tile may be, as tables, sentences and a figure; rows as in tiles.json."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insitu.reports.canvas import own_style, save, scaled, series_color, titled
from insitu.reports.numbers import counted
from insitu.reports.tables import Column, Table, numbers
from insitu.units import si

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Curve:
    """Points over the size of a tile, rising.

    Parameters
    ----------
    name : for legends and heads.
    rows : each with ``tile``, ``ohm``, ``bits`` of the ADC or None, ``mean`` and ``sd`` of an accuracy, its ``difference`` to
        that of the recipe as it stands, the energy of learning ``joule``, and that of converters alone, ``converters``.
    """

    name: str
    rows: Sequence[Row]

    def at(self, size: int, key: str) -> Any:
        """Return what the point of this size says; None if there is none."""
        return next((row[key] for row in self.rows if row["tile"] == size), None)


def curves(rows: Sequence[Row]) -> tuple[list[Curve], list[Curve]]:
    """Return the curves of wires between ideal converters, and those of converters behind wires."""
    wires, converters = ([row for row in rows if (row["bits"] is None) == ideal] for ideal in (True, False))
    return (
        [Curve(f"{ohm:g} ohm", _of(wires, "ohm", ohm)) for ohm in _each(wires, "ohm")],
        [Curve(f"{bits} bits", _of(converters, "bits", bits)) for bits in _each(converters, "bits")],
    )


def _each(rows: Sequence[Row], key: str) -> list[Any]:
    return sorted({row[key] for row in rows})


def _of(rows: Sequence[Row], key: str, value: Any) -> list[Row]:
    return sorted((row for row in rows if row[key] == value), key=lambda row: row["tile"])


def _ohms(some: Sequence[Curve]) -> str:
    return ", ".join(f"{ohm:g}" for ohm in _each([row for one in some for row in one.rows], "ohm"))


def tile_tables(rows: Sequence[Row]) -> list[Table]:
    """Return accuracy over tile size for wires, and for converters, and the energy of learning with these."""
    wires, converters = curves(rows)
    behind = _ohms(converters)
    wanted = (
        ("Accuracy, ideal converters", wires, "mean", "%"),
        (f"Accuracy, ADC behind wires of {behind} ohm", converters, "mean", "%"),
        (f"Energy of learning, ADC behind wires of {behind} ohm", converters, "joule", "J"),
    )
    found = []
    for title, some, key, unit in wanted:
        columns = (Column("Tile", words=True), *numbers(*(one.name for one in some), unit=unit))
        sizes = _each([row for one in some for row in one.rows], "tile")
        lines = [[f"{size} x {size}", *(one.at(size, key) for one in some)] for size in sizes]
        found += [Table(title, columns, lines)] if lines else []
    return found


def tile_verdicts(rows: Sequence[Row], limit: float) -> list[str]:
    """Return how large tiles may be if accuracy ``limit`` may be lost, and which tile and converter are the cheapest."""
    wires, converters = curves(rows)
    lost, says, largest = counted(100 * limit, "point"), [], []
    for curve in wires:
        good = [row["tile"] for row in curve.rows if -row["difference"] <= limit]
        tried = ", the largest tried" if good and max(good) == curve.rows[-1]["tile"] else ""
        largest.append(f"{curve.name}: {f'{max(good)} x {max(good)}{tried}' if good else 'none of these'}")
    if largest:
        says.append(f"Largest tile that loses at most {lost}, ideal converters: {'; '.join(largest)}.")
    points = [row for curve in converters for row in curve.rows]
    good = [row for row in points if -row["difference"] <= limit]
    if good:
        best = min(good, key=lambda row: row["joule"])
        says.append(f"With converters, the cheapest that loses at most {lost}: {_named(best)}.")
    elif points:
        best = max(points, key=lambda row: row["mean"])
        says.append(
            f"With converters all of these lose more than {lost}; the least, {-100 * best['difference']:.1f} points: "
            f"{_named(best)}."
        )
    if says and all(row["seeds"] == 1 for row in rows):
        says.append("Of one seed each, so these may be chance; --seeds 5 tells.")
    return says


def _named(row: Row) -> str:
    joule = Column("", unit="J").text(row["joule"])
    return f"{row['tile']} x {row['tile']}, {row['bits']} bits, {joule} to learn"


@own_style()
def draw_tiles(rows: Sequence[Row], limit: float, path: Path, *, title: str) -> Path:
    """Draw accuracy over tile size, for wires and for converters, and the energy of learning, as a PNG file.

    Parameters
    ----------
    rows : as in tiles.json. limit : accuracy that may be lost: the grey band.
    """
    wires, converters = curves(rows)
    sizes = _each(rows, "tile")
    behind = _ohms(converters)
    figure, (left, middle, right) = titled(title, 13.5, 4.6, 1, 3)
    _accuracies(left, wires, limit, "wires, ideal converters")
    _accuracies(middle, converters, limit, f"ADC behind wires of {behind} ohm")
    unit = 10.0 ** (3 * math.floor(math.log10(max((row["joule"] for row in rows), default=1.0)) / 3))
    for index, one in enumerate(converters):
        at = [row["tile"] for row in one.rows]
        right.plot(at, [row["joule"] / unit for row in one.rows], label=one.name, **_look(index))
        right.plot(at, [row["converters"] / unit for row in one.rows], ls=":", **_look(index))
    right.plot([], [], color="0.4", ls=":", label="converters alone")
    right.set_title(f"with an ADC behind wires of {behind} ohm", loc="left", fontsize=10)
    right.set_ylabel(f"energy of learning ({si(unit, 'J').split()[-1]})")
    scaled(right.yaxis, log=True)
    for axes in (left, middle, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("cells along the side of a tile")
        axes.grid(color="0.92")
        axes.set_axisbelow(True)
        axes.legend(fontsize=8, framealpha=0.7, edgecolor="none")
    return save(figure, path)


def _look(index: int) -> dict[str, Any]:
    return {"color": series_color(index), "marker": "os^Dv"[index % 5], "ms": 4}


def _accuracies(axes: Any, some: Sequence[Curve], limit: float, title: str) -> None:
    for index, one in enumerate(some):
        sizes, means = [row["tile"] for row in one.rows], [100 * row["mean"] for row in one.rows]
        axes.errorbar(
            sizes, means, [100 * (row["sd"] or 0.0) for row in one.rows], capsize=2, label=one.name, **_look(index)
        )
    if some:
        first = some[0].rows[0]
        stands = 100 * (first["mean"] - first["difference"])
        axes.axhspan(stands - 100 * limit, stands, color="0.9", zorder=0, label=f"{counted(100 * limit, 'point')} lost")
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_ylabel("accuracy (%)")
