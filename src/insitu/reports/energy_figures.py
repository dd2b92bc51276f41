"""Figures of networks that learn by activity differences, whatever they learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from insitu.arrays import Crossbar
from insitu.arraytypes import Floats
from insitu.networks.energy import EnergyNetwork
from insitu.reports.canvas import BLUE, GREEN, ORANGE, Figure, own_style, save_all, titled


@own_style()
def draw_images(
    folder: Path, network: EnergyNetwork, x: Floats, rows: Sequence[Mapping[str, Any]], example: str | None = None
) -> list[Path]:
    """Draw the figures of a run on images; the ledger stays as it is.

    Parameters
    ----------
    x : (n, pixels) test images as the network gets them. rows : metrics: epoch, train_error, pulses, reads.
    example : what one of them is called.
    """
    arrays = {f"layer {i}": layer.array for i, layer in enumerate(network.layers, 1)}
    figures = {"energy": relaxation_figure(network, x[:500]), "conductances": conductance_figure(arrays)}
    if rows:
        figures["training"] = epochs_figure(rows)
    return save_all(figures, folder, example)


def conductance_figure(arrays: Mapping[str, Crossbar]) -> Figure:
    """Return maps of the conductance of every cell, one row of pictures for each device of a weight.

    Parameters
    ----------
    arrays : name -> array.
    """
    planes, columns = max(len(array.g) for array in arrays.values()), len(arrays)
    title = "Conductance of every cell after training; stuck cells are at the ends of the range"
    figure, grid = titled(title, 3.4 * columns + 1, 3.1 * planes + 0.6, planes, columns, squeeze=False)
    device = next(iter(arrays.values())).device
    drawn: Any = None
    for column, (name, array) in enumerate(arrays.items()):
        for plane, axes in enumerate(grid[:, column]):
            if plane >= len(array.g):
                axes.set_axis_off()
                continue
            look = {"cmap": "viridis", "vmin": 1e6 * device.g_min, "vmax": 1e6 * device.g_max}
            drawn = axes.imshow(1e6 * array.g[plane].T, aspect="auto", interpolation="nearest", **look)
            sign = ("+", "−")[plane] if len(array.g) == 2 else f"{plane + 1}"
            axes.set_title(f"{name}: cells {sign}", fontsize=11)
            rows = "row" if name == "one layer" else "row (input; the last is the bias)"
            axes.set(xlabel="column (output)", ylabel=rows)
    figure.colorbar(drawn, ax=grid, label="conductance (µS)", shrink=0.8)
    return figure


def relaxation_figure(network: EnergyNetwork, x: Floats) -> Figure:
    """Return the mean energy over the updates of a free relaxation."""
    energies: list[float] = []
    with network.uncounted():
        network.settle(x, energies, whole=True)
    figure, axes = titled(f"Energy while {len(x)} test images settle", 6.4, 4)
    axes.plot(np.arange(1, len(energies) + 1), energies, "o-", color=BLUE, lw=2, ms=4)
    axes.set(xlabel="updates of each layer", ylabel="mean energy (dimensionless)")
    axes.grid(axis="y", color="0.9")
    return figure


def epochs_figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Return the error on training images, and pulses and reads, over epochs."""
    title = "Over training; the error is that of the free relaxations on the way, not of a test"
    figure, (left, right) = titled(title, 10, 4, 1, 2)
    epochs = [row["epoch"] for row in rows]
    left.plot(epochs, [100 * row["train_error"] for row in rows], "o-", color=BLUE, lw=2, ms=4)
    left.set(xlabel="epochs", ylabel="wrong training images during the epoch (%)", ylim=(0, None))
    for key, name, color in (("pulses", "pulses", ORANGE), ("reads", "cells read", GREEN)):
        if any(row[key] for row in rows):
            right.plot(epochs, [max(row[key], 1) for row in rows], "o-", color=color, lw=2, ms=4, label=name)
    right.set(xlabel="epochs", ylabel="events so far", yscale="log")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.grid(axis="y", color="0.9")
    return figure
