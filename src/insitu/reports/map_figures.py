"""A map of requirements as a figure: contours of what is lost over two properties, with devices on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from insitu.reports.canvas import BLACK, BLUE, NEUTRAL, ORANGE, own_style, save, scaled, titled

_LEVELS = (-100, 0, 0.3, 1, 3, 10, 30, 100)  #: points lost


@own_style()
def draw_maps(maps: Sequence[Any], path: Path, *, title: str, device: str) -> Path:
    """Draw maps beside each other, as a PNG file.

    Parameters
    ----------
    maps : :class:`insitu.studies.maps.Map`. Colour: points lost on the fitted surface; line: where the limit is crossed,
        dotted where it would be one standard deviation of the surface further; grey dots: points that were run; star: the
        device, with its standard error; triangles: devices of the library.
    """
    figure, grid = titled(title, 7.0 * len(maps), 6.2, 1, len(maps), squeeze=False, fontsize=10)
    for axes, one in zip(grid[0], maps, strict=True):
        shades = _draw(axes, one, device)
    figure.colorbar(shades, ax=grid[0].tolist(), label="lost (points)", ticks=_LEVELS[1:])
    return save(figure, path)


def _draw(axes: Any, one: Any, device: str) -> Any:
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm

    (x, y), lost = one.axes, 100 * one.surface.loss
    norm = BoundaryNorm(_LEVELS, 256)
    colors = colormaps["YlOrBr"]
    shades = axes.contourf(x.values, y.values, np.clip(lost, -99, 99), _LEVELS, cmap=colors, norm=norm)
    limit = [100 * one.limit]
    for surface, style in ((one.surface.loss, "-"), (one.surface.low, ":"), (one.surface.high, ":")):
        axes.contour(x.values, y.values, 100 * surface, limit, colors=BLACK, linestyles=style)
    columns, rows = zip(*one.surface.points, strict=True)
    axes.plot(x.values[list(columns)], y.values[list(rows)], ".", color="0.45", ms=3, zorder=3)
    inside = {name: at for name, at in one.others.items() if _within(x, at[0]) and _within(y, at[1])}
    if inside:
        axes.plot(
            *zip(*inside.values(), strict=True), "^", color=BLUE, ms=5, mec="white", mew=0.5, zorder=4, label="library"
        )
    error = {"xerr": x.error or None, "yerr": y.error or None}
    axes.errorbar(
        *(np.clip(axis.here, axis.values[0], axis.values[-1]) for axis in (x, y)),
        **error, fmt="*", ms=15, color=ORANGE, mec=BLACK, capsize=3, zorder=5, label=device,
    )  # fmt: skip
    for axis, scale in ((x, axes.xaxis), (y, axes.yaxis)):
        scaled(scale, log=axis.log)
    axes.set_xlim(x.values[0], x.values[-1])
    axes.set_ylim(y.values[0], y.values[-1])
    axes.set_xlabel(x.what)
    axes.set_ylabel(y.what)
    axes.set_title(
        f"{one.recipe}, {one.scheme}: {len(one.surface.points)} of {lost.size} points", fontsize=10, loc="left"
    )
    axes.legend(fontsize=8, framealpha=0.8, edgecolor=NEUTRAL, loc="upper right")
    return shades


def _within(axis: Any, value: float) -> bool:
    return bool(axis.values[0] <= value <= axis.values[-1])
