"""How unevenly cells are written, as a histogram."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from insitu.ledger import Wear
from insitu.reports.canvas import BLACK, BLUE, ORANGE, Axes, grouped, legend_above, log_if_steep

_BINS, _ALL = 80, "#8fa3b0"


def draw_writes(axes: Axes, writes: Mapping[str, NDArray[np.unsignedinteger]]) -> None:
    """Draw the histogram of writes a cell, with mean, 99th percentile and maximum.

    Parameters
    ----------
    writes : what a legend says -> writes of its cells; the first are all of them, others, at most two, stand out as lines.
    """
    every = next(iter(writes.values()))
    low, high = int(every.min()), int(every.max())
    width = next(m * 10**k for k in range(10) for m in (1, 2, 5) if _BINS * m * 10**k > high - low)
    edges = np.arange(low - low % width, high + width + 1, width) - 0.5
    cells = {name: np.histogram(some, edges)[0] for name, some in writes.items()}
    for index, (name, count) in enumerate(cells.items()):
        axes.stairs(count, edges, label=name, color=(_ALL, BLUE, ORANGE)[index], lw=1.4, fill=not index)
    log_if_steep(axes, *cells.values())
    wear = Wear.of(every)
    marks = (("mean", wear.mean, "-"), ("99th percentile", wear.p99, "--"), ("maximum", wear.maximum, ":"))
    for says, value, style in marks:
        text = f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
        axes.axvline(value, color=BLACK, ls=style, lw=1.4, label=f"{says}: {text}")
    for axis in (axes.xaxis, axes.yaxis):
        grouped(axis)
    axes.locator_params(axis="x", nbins=6)
    axes.set(xlabel="writes a cell, both polarities", ylabel=f"cells a bin of {width} write{'s' * (width > 1)}")
    legend_above(axes, 2, fontsize=9)
