"""The panels from which the figures of the perceptron are put together; each draws into the axes it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Crossbar
from insitu.reports import canvas
from insitu.reports.canvas import BLACK, BLUE, DOWN, grouped, log_if_steep, scaled
from insitu.reports.wear_panel import draw_writes
from insitu.schemes import Weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.image import AxesImage

Rows = Sequence[Mapping[str, Any]]

_BINS = 80


def level_names(layer: Weights) -> list[str]:
    """Return what the arrays of a weight are called, most significant first."""
    count = len(layer.levels)
    known = {1: ["array"], 2: ["MSP", "LSP"]}
    return known.get(count, [f"part {n + 1}" for n in range(count)])


def draw_error(axes: Axes, rows: Rows, twin_curve: Sequence[float]) -> None:
    """Draw the share of images named wrongly in each epoch, logarithmic."""
    floor = 50 * rows[0]["epoch"] / rows[0]["images"]  # half an image of an epoch, %
    validated = [row for row in rows if "validation_accuracy" in row]
    lines = [
        ("in memory", "o-", BLUE, rows, "online_accuracy"),
        ("in memory, held-back images", "^--", BLUE, validated, "validation_accuracy"),
    ]
    for name, look, color, some, key in lines:
        if some:
            error = [max(100 * (1 - row[key]), floor) for row in some]
            axes.semilogy([row["epoch"] for row in some], error, look, color=color, lw=2, ms=5, label=name)
    if twin_curve:
        error = [max(100 * (1 - value), floor) for value in twin_curve]
        axes.semilogy(range(1, len(error) + 1), error, "s-", color=BLACK, lw=1.4, ms=4, label="floating-point twin")
    axes.set_ylabel("images named wrongly (%)")
    canvas.plain_log(axes.yaxis)
    axes.grid(axis="y", which="both", color="0.92")
    canvas.legend_above(axes, 3)
    _over_epochs(axes, rows)


def draw_pulses(axes: Axes, rows: Rows) -> None:
    """Draw the training pulses an image in each epoch, logarithmic if they fall by much."""
    shown = np.diff([0, *(row["images"] for row in rows)])
    pulses = np.array([row["pulses"] for row in rows]) / shown
    axes.plot([row["epoch"] for row in rows], pulses, "o-", color=BLUE, lw=2, ms=5)
    axes.set_ylabel("training pulses an image, mean of the epoch")
    steep = bool(pulses.min() > 0 and pulses.max() > 8 * pulses.min())
    if not steep:
        axes.set_ylim(0, 1.08 * max(pulses.max(), 1))
    scaled(axes.yaxis, log=steep)
    _over_epochs(axes, rows)


def draw_resets(axes: Axes, rows: Rows) -> None:
    """Draw the devices RESET in each epoch."""
    resets = np.diff([0, *(row["cells_reset"] for row in rows)])
    axes.bar([row["epoch"] for row in rows], resets, width=0.8, color=DOWN)
    axes.set_ylabel("devices RESET in the epoch")
    axes.set_ylim(0, 1.08 * max(resets.max(), 1))
    grouped(axes.yaxis)
    _over_epochs(axes, rows)


def _over_epochs(axes: Axes, rows: Rows) -> None:
    axes.set_xlabel(f"epoch ({rows[-1]['images'] // rows[-1]['epoch']:,} images)")
    axes.set_xlim(0.4, rows[-1]["epoch"] + 0.6)
    axes.locator_params(axis="x", integer=True)
    axes.set_axisbelow(True)


def draw_weights(axes: Axes, layer: Weights) -> None:
    """Draw histograms of the weights of a layer and, if there are several arrays, of what each of them holds."""
    low = layer.array
    parts = {"W": low.weights}
    if len(layer.levels) > 1:
        held = [*(level.weights for level in layer.levels[:-1]), low.chop[:, None] * low.part]
        parts |= dict(zip(level_names(layer), held, strict=True))
    limit = max(float(np.abs(part).max()) for part in parts.values()) or 1.0
    edges = np.linspace(-limit, limit, _BINS + 1)
    drawn = []
    for index, (name, part) in enumerate(parts.items()):
        drawn.append(np.histogram(part, edges)[0])
        look: dict[str, Any] = (
            {"fill": True, "color": "0.78"} if name == "W" else {"color": canvas.series_color(index - 1), "lw": 1.6}
        )
        axes.stairs(drawn[-1], edges, label=name, **look)
    log_if_steep(axes, *drawn)
    grouped(axes.yaxis)
    axes.set_xlabel("weight (dimensionless)")


def draw_wear(axes: Axes, arrays: Sequence[Crossbar], name: str) -> None:
    """Draw the histogram of writes over the cells of some arrays that are pulsed, with mean, 99th percentile, maximum."""
    writes = np.concatenate([array.writes[array.map.signs != 0].ravel() for array in arrays])
    draw_writes(axes, {f"{writes.size:,} devices": writes})
    axes.set_title(name, fontsize=11, pad=42)


def draw_wear_map(axes: Axes, array: Crossbar, shape: tuple[int, int]) -> AxesImage:
    """Draw the writes a device by pixel, mean over the devices of all neurons, the bias line left out."""
    writes = array.writes[array.map.signs != 0].mean(axis=(0, 1), dtype=float)[:-1]
    low = writes.min() if np.ptp(writes) else 0.0
    return canvas.draw_map(axes, writes.reshape(shape), low, writes.max() or 1.0)


def draw_conductances(axes: Axes, layers: Sequence[Weights], level: int) -> QuadMesh:
    """Draw the conductances of one level of all layers, one device of a weight against the other, uS.

    A device with a shared reference is drawn against the difference of the more significant pair instead, if there is one.
    """
    from matplotlib.colors import LogNorm

    arrays = [layer.levels[level] for layer in layers]
    capital = level < len(layers[0].levels) - 1
    plus = _uS([array.g[0] for array in arrays])
    x, y, xlabel, ylabel = plus, _uS([array.g[1] for array in arrays]), "g+ (uS)", "g- (uS)"
    if not arrays[0].map.signs[1]:
        y, ylabel = plus, "g (uS)"
        if level:
            above = [layer.levels[level - 1].g for layer in layers]
            x, xlabel = _uS([g[0] - g[1] for g in above]), "G+ - G- of the part above (uS)"
        else:
            x, xlabel = _uS([array.g[1] for array in arrays]), "reference (uS)"
    elif capital:
        xlabel, ylabel = xlabel.upper().replace("US", "uS"), ylabel.upper().replace("US", "uS")
    *_, drawn = axes.hist2d(x, y, bins=_BINS, norm=LogNorm(), cmap="viridis", rasterized=True)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return drawn


def _uS(parts: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    return 1e6 * np.concatenate([part.ravel() for part in parts]).astype(float)
