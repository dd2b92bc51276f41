"""What the arrays of a perceptron hold and went through: weights, wear, conductances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.networks.perceptron import Perceptron
from insitu.reports.canvas import Axes, Figure, ScalarMappable, draw_map, grouped, log_if_steep, series_color, titled
from insitu.reports.captions import TITLES
from insitu.reports.wear_panel import draw_writes
from insitu.schemes import Transfer, Weights

_BINS = 80


def level_names(layer: Weights) -> list[str]:
    """Return what the arrays of a weight are called, most significant first."""
    count = len(layer.levels)
    known = {1: ["array"], 2: ["MSP", "LSP"]}
    return known.get(count, [f"part {n + 1}" for n in range(count)])


def weights_figure(network: Perceptron) -> Figure:
    """Return histograms of the weights of each layer, and of the parts that each array holds."""
    layers = network.layers
    names = level_names(layers[0])
    says = "W is the sum of its parts." if len(names) > 1 else "What the arrays hold after training."
    how = layers[0].scheme.transfer
    if len(names) > 1 and isinstance(how, Transfer) and network.shown >= how.every:
        says += f" {names[-1]} is narrow, as it was emptied at the last transfer; the rest looks like W."
    width = min(3 + 3.6 * len(layers), 16)
    figure, (tiles,) = titled(f"Weights, bias line included. {says}", width, 4.6, 1, len(layers), squeeze=False)
    for n, (axes, layer) in enumerate(zip(tiles, layers, strict=True), 1):
        _draw_weights(axes, layer)
        axes.set_title(f"layer {n}: {layer.rows:,} x {layer.columns:,} weights", fontsize=11)
    tiles[0].set_ylabel("weights a bin")
    handles, labels = tiles[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def _draw_weights(axes: Axes, layer: Weights) -> None:
    """Draw histograms of the weights of a layer and, if there are several arrays, of what each of them holds."""
    low = layer.array
    parts = {"W": low.weights}
    if len(layer.levels) > 1:
        held = [*(level.weights for level in layer.levels[:-1]), low.chop[:, None] * low.part]
        parts |= dict(zip(level_names(layer), held, strict=True))
    limit = max(float(np.abs(part).max()) for part in parts.values()) or 1.0
    edges = np.linspace(-limit, limit, _BINS + 1)
    bars = {name: np.histogram(part, edges)[0] for name, part in parts.items()}
    for index, (name, count) in enumerate(bars.items()):
        look: dict[str, Any] = (
            {"color": series_color(index - 1), "lw": 1.6} if index else {"fill": True, "color": "0.78"}
        )
        axes.stairs(count, edges, label=name, **look)
    log_if_steep(axes, *bars.values())
    grouped(axes.yaxis)
    axes.set_xlabel("weight (dimensionless)")


def wear_figure(network: Perceptron, shape: tuple[int, int] | None) -> Figure:
    """Return the writes a cell of each array as histograms, and those of the first layer by pixel.

    The latter are a device, mean over the devices of all neurons, the bias line left out.
    """
    layer = network.layers[0]
    names = level_names(layer) + ["fast array"] * (layer.fast is not None)
    pixels = shape is not None and layer.inputs == math.prod(shape)
    columns = len(names) + pixels
    figure, (tiles,) = titled(TITLES["wear"], 4.6 * columns, 4.6, 1, columns, squeeze=False)
    for level, (axes, name) in enumerate(zip(tiles, names, strict=False)):
        arrays = [layer.arrays_of_cells[level] for layer in network.layers]
        pulsed = np.concatenate([array.writes[array.map.signs != 0].ravel() for array in arrays])
        draw_writes(axes, {f"{pulsed.size:,} devices": pulsed})
        axes.set_title(name, fontsize=11, pad=42)
    if pixels and shape is not None:
        array = layer.levels[0]
        writes = array.writes[array.map.signs != 0].mean(axis=(0, 1), dtype=float)[:-1]
        low = writes.min() if np.ptp(writes) else 0.0
        drawn = draw_map(tiles[-1], writes.reshape(shape), low, writes.max() or 1.0)
        figure.colorbar(drawn, ax=tiles[-1], label=f"writes a device of the {names[0]}", shrink=0.9)
        tiles[-1].set_title(f"{names[0]} of the first layer,\nby pixel, mean over neurons", fontsize=11)
    return figure


def conductance_figure(network: Perceptron) -> Figure:
    """Return where the conductances of all cells are, as two-dimensional histograms."""
    names = level_names(network.layers[0])
    figure, (tiles,) = titled(TITLES["conductance"], 5.4 * len(names), 4.9, 1, len(names), squeeze=False)
    for level, (axes, name) in enumerate(zip(tiles, names, strict=True)):
        figure.colorbar(_draw_conductances(axes, network.layers, level), ax=axes, label="weights a square")
        axes.set_title(name, fontsize=11)
    return figure


def _draw_conductances(axes: Axes, layers: Sequence[Weights], level: int) -> ScalarMappable:
    """Draw the conductances of one level of all layers, one device of a weight against the other, uS.

    A device with a shared reference is drawn against the difference of the more significant pair instead, if there is one.
    """
    from matplotlib.colors import LogNorm

    arrays = [layer.levels[level] for layer in layers]
    first, second = (_uS([array.g[plane] for array in arrays]) for plane in (0, 1))
    g = "G" if level < len(layers[0].levels) - 1 else "g"
    x, y, xlabel, ylabel = first, second, f"{g}+ (uS)", f"{g}- (uS)"
    if not arrays[0].map.signs[1]:
        x, y, xlabel, ylabel = second, first, "reference (uS)", "g (uS)"
        if level:
            above = [layer.levels[level - 1].g for layer in layers]
            x, xlabel = _uS([g[0] - g[1] for g in above]), "G+ - G- of the part above (uS)"
    *_, drawn = axes.hist2d(x, y, bins=_BINS, norm=LogNorm(), cmap="viridis", rasterized=True)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return drawn


def _uS(parts: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    return 1e6 * np.concatenate([part.ravel() for part in parts]).astype(float)
