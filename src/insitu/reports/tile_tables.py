"""How large a tile may be, as tables; rows as in tiles.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insitu.reports.tables import Column, Table, numbers

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


def tile_tables(rows: Sequence[Row]) -> list[Table]:
    """Return accuracy over tile size for wires, and for converters, and the energy of learning with these."""
    wires, converters = curves(rows)
    behind = ", ".join(f"{ohm:g}" for ohm in _each([row for one in converters for row in one.rows], "ohm"))
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
    lost, says, largest = f"{100 * limit:g} points", [], []
    for curve in wires:
        good = [row["tile"] for row in curve.rows if -row["difference"] <= limit]
        largest.append(f"{curve.name}: {f'{max(good)} x {max(good)}' if good else 'none of these'}")
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
    return says


def _named(row: Row) -> str:
    joule = Column("", unit="J").text(row["joule"])
    return f"{row['tile']} x {row['tile']}, {row['bits']} bits, {joule} to learn"
