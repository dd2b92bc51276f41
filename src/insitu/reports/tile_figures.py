"""How large a tile may be: accuracy and energy over its size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from insitu.reports.canvas import own_style, save, scaled, series_color, titled
from insitu.reports.tile_tables import Curve, Row, curves
from insitu.units import si


@own_style()
def draw_tiles(rows: Sequence[Row], limit: float, path: Path, *, title: str) -> Path:
    """Draw accuracy over tile size, for wires and for converters, and the energy of learning, as a PNG file.

    Parameters
    ----------
    rows : as in tiles.json. limit : accuracy that may be lost: the grey band.
    """
    wires, converters = curves(rows)
    sizes = sorted({row["tile"] for row in rows})
    behind = ", ".join(f"{ohm:g}" for ohm in sorted({row["ohm"] for one in converters for row in one.rows}))
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
        axes.minorticks_off()
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
        axes.axhspan(stands - 100 * limit, stands, color="0.9", zorder=0, label=f"{100 * limit:g} points lost")
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_ylabel("accuracy (%)")
