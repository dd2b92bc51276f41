"""Figures of one run of the perceptron: how it learned, what its arrays hold, what they went through."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from insitu.networks.perceptron import Perceptron
from insitu.reports import perceptron_panels as panels
from insitu.reports.canvas import own_style, save_all, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]

_MISTAKES = 40  # most images of the picture


@dataclass(frozen=True)
class Answers:
    """What the test images were named.

    Parameters
    ----------
    images : (n, height * width); shape : (height, width).
    labels, predictions : (n,) truth and answer.
    """

    images: NDArray[Any]
    shape: tuple[int, int]
    labels: NDArray[np.integer]
    predictions: NDArray[np.integer]


@own_style()
def draw_all(folder: Path, network: Perceptron, rows: Rows, twin_curve: Sequence[float], tested: Answers) -> list[Path]:
    """Draw all figures of a run as PNG files; the network stays as it is.

    Parameters
    ----------
    folder : where to write.
    rows : metrics, one an epoch: epoch, images, online_accuracy, pulses, cells_reset, and validation_accuracy if there is
        one.
    twin_curve : online accuracy of the floating-point twin in each epoch; empty if there was none.

    Returns
    -------
    The files written.

    Raises
    ------
    RunError : a file cannot be written.
    """
    figures = {
        "accuracy": accuracy_figure(rows, twin_curve),
        "weights": weights_figure(network),
        "pulses": pulses_figure(rows),
        "wear": wear_figure(network, tested.shape),
        "conductance": conductance_figure(network),
        "mistakes": mistakes_figure(tested),
    }
    return save_all(figures, folder)


def accuracy_figure(rows: Rows, twin_curve: Sequence[float]) -> Figure:
    """Return the error over the epochs, of the network in memory and of its floating-point twin."""
    says = "The closer the two lines, the less the devices cost; neither is the test error."
    says = says if len(twin_curve) else "This is not the test error."
    figure, axes = titled(
        f"Training images named wrongly, each asked just before it is learned from.\n{says}", *(7.6, 4.8)
    )
    panels.draw_error(axes, rows, twin_curve)
    return figure


def weights_figure(network: Perceptron) -> Figure:
    """Return histograms of the weights of each layer, and of the parts that each array holds."""
    layers = network.layers
    names = panels.level_names(layers[0])
    says = "W is the sum of its parts." if len(names) > 1 else "What the arrays hold after training."
    how = layers[0].scheme.transfer
    if len(names) > 1 and how is not None and network.shown >= how.every:
        says += f" {names[-1]} is narrow, as it was emptied at the last transfer; the rest looks like W."
    width = min(3 + 3.6 * len(layers), 16)
    figure, tiles = titled(f"Weights, bias line included. {says}", width, 4.6, 1, len(layers), squeeze=False)
    for n, (axes, layer) in enumerate(zip(tiles[0], layers, strict=True), 1):
        panels.draw_weights(axes, layer)
        axes.set_title(f"layer {n}: {layer.rows:,} x {layer.columns:,} weights", fontsize=11)
    figure.axes[0].set_ylabel("weights a bin")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return figure


def pulses_figure(rows: Rows) -> Figure:
    """Return the training pulses an image, and the RESETs of transfers, over the epochs."""
    figure, (left, right) = titled(
        "Training grows quiet: an image that is named with confidence asks for few pulses.\n"
        "RESETs wear the most significant devices; the first epoch includes those of writing the initial weights.",
        *(10.4, 4.4, 1, 2),
    )
    panels.draw_pulses(left, rows)
    panels.draw_resets(right, rows)
    return figure


def wear_figure(network: Perceptron, shape: tuple[int, int]) -> Figure:
    """Return the writes a cell of each array as histograms, and those of the first layer by pixel."""
    names = panels.level_names(network.layers[0]) + ["fast array"] * (network.layers[0].fast is not None)
    pixels = network.layers[0].inputs == math.prod(shape)
    columns = len(names) + pixels
    figure, (axes,) = titled(
        "Wear: programming pulses that the cells of all layers received in this training, of either polarity.\n"
        "The endurance of a device should be above its 99th percentile, times the trainings that it is to last.",
        *(4.6 * columns, 4.6, 1, columns),
        squeeze=False,
    )
    for level, (axis, name) in enumerate(zip(axes, names, strict=False)):
        panels.draw_wear(axis, [layer.arrays_of_cells[level] for layer in network.layers], name)
    if pixels:
        drawn = panels.draw_wear_map(axes[-1], network.layers[0].levels[0], shape)
        figure.colorbar(drawn, ax=axes[-1], label=f"writes a device of the {names[0]}", shrink=0.9)
        axes[-1].set_title(f"{names[0]} of the first layer,\nby pixel, mean over neurons", fontsize=11)
    return figure


def conductance_figure(network: Perceptron) -> Figure:
    """Return where the conductances of all cells are, as two-dimensional histograms."""
    names = panels.level_names(network.layers[0])
    title = (
        "Where the cells of all layers stand after training. A crowd at an upper edge is saturated; one at 0 was RESET."
    )
    figure, (tiles,) = titled(title, 5.4 * len(names), 4.9, 1, len(names), squeeze=False)
    for level, (axes, name) in enumerate(zip(tiles, names, strict=True)):
        figure.colorbar(panels.draw_conductances(axes, network.layers, level), ax=axes, label="weights a square")
        axes.set_title(name, fontsize=11)
    return figure


def mistakes_figure(tested: Answers) -> Figure:
    """Return some test images that were named wrongly, with truth and answer."""
    wrong = np.flatnonzero(tested.labels != tested.predictions)
    shown = wrong[:_MISTAKES]
    columns = min(10, max(1, len(shown)))
    rows = max(1, math.ceil(len(shown) / columns))
    share = 100 * wrong.size / max(1, tested.labels.size)
    which = f"the first {len(shown)} of {wrong.size}" if len(shown) < wrong.size else f"all {wrong.size}"
    title = f"Test images named wrongly ({share:.2f} %), {which}: truth → answer"
    if not wrong.size:
        title = "No test image was named wrongly"
    figure, tiles = titled(title, 8.6, 1.0 + 0.98 * rows, rows, columns, squeeze=False)
    for axes in tiles.ravel():
        axes.set_axis_off()
    for axes, place in zip(tiles.ravel(), shown, strict=False):
        axes.imshow(tested.images[place].reshape(tested.shape), cmap="gray_r", interpolation="nearest")
        axes.set_title(f"{tested.labels[place]} → {tested.predictions[place]}", fontsize=10, pad=2)
    return figure
