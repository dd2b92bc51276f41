"""Figures of one run of the perceptron: how it learned, and what it got wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.networks.perceptron import Perceptron
from insitu.reports import canvas
from insitu.reports.canvas import BLUE, Axes, Figure, own_style, titled
from insitu.reports.captions import TITLES
from insitu.reports.perceptron_cells import conductance_figure, wear_figure, weights_figure

Rows = Sequence[Mapping[str, Any]]

_MISTAKES = 40  # most images of the picture


@dataclass(frozen=True)
class Answers:
    """What the test images were named.

    Parameters
    ----------
    images : (n, features); shape : (height, width), None for a table.
    labels, predictions : (n,) truth and answer. called : the name of a class.
    """

    images: NDArray[Any]
    shape: tuple[int, int] | None
    labels: NDArray[np.integer]
    predictions: NDArray[np.integer]
    called: Callable[[int], str] = str


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
    }
    if tested.shape is not None:
        figures["mistakes"] = mistakes_figure(tested)
    return canvas.save_all(figures, folder, "example" if tested.shape is None else None)


def accuracy_figure(rows: Rows, twin_curve: Sequence[float]) -> Figure:
    """Return the error over the epochs, logarithmic, of the network in memory and of its floating-point twin."""
    says = "The closer the two lines, the less the devices cost; neither is the test error."
    says = says if len(twin_curve) else "This is not the test error."
    figure, axes = titled(TITLES["error"].format(says=says), 7.6, 4.8)
    floor = 50 * rows[0]["epoch"] / rows[0]["images"]  # half an image of an epoch, %

    def draw(epochs: Sequence[int], right: Sequence[float], style: str, **look: Any) -> None:
        if right:
            axes.semilogy(epochs, [max(100 * (1 - value), floor) for value in right], style, **look)

    for key, style, name in (
        ("online_accuracy", "o-", "in memory"),
        ("validation_accuracy", "^--", "in memory, held back"),
    ):
        some = [row for row in rows if key in row]
        draw([row["epoch"] for row in some], [row[key] for row in some], style, color=BLUE, lw=2, ms=5, label=name)
    twin = range(1, len(twin_curve) + 1)
    draw(twin, twin_curve, "s-", color=canvas.BLACK, lw=1.4, ms=4, label="floating-point twin")
    axes.set_ylabel("images named wrongly (%)")
    canvas.plain_log(axes.yaxis)
    axes.grid(axis="y", which="both", color="0.92")
    canvas.legend_above(axes, 3)
    _over_epochs(axes, rows)
    return figure


def pulses_figure(rows: Rows) -> Figure:
    """Return the training pulses an image, logarithmic if they fall by much, and the RESETs, over the epochs."""
    figure, (left, right) = titled(TITLES["pulses"], 10.4, 4.4, 1, 2)
    epochs = [row["epoch"] for row in rows]
    images, resets = (np.diff([0, *(row[key] for row in rows)]) for key in ("images", "cells_reset"))
    pulses = np.array([row["pulses"] for row in rows]) / images
    left.plot(epochs, pulses, "o-", color=BLUE, lw=2, ms=5)
    left.set_ylabel("training pulses an image, mean of the epoch")
    steep = bool(pulses.min() > 0 and pulses.max() > 8 * pulses.min())
    if not steep:
        left.set_ylim(0, 1.08 * max(pulses.max(), 1))
    canvas.scaled(left.yaxis, log=steep)
    right.bar(epochs, resets, width=0.8, color=canvas.DOWN)
    right.set(ylabel="devices RESET in the epoch", ylim=(0, 1.08 * max(resets.max(), 1)))
    canvas.grouped(right.yaxis)
    for axes in (left, right):
        _over_epochs(axes, rows)
    return figure


def _over_epochs(axes: Axes, rows: Rows) -> None:
    axes.set_xlabel(f"epoch ({rows[-1]['images'] // rows[-1]['epoch']:,} images)")
    axes.set_xlim(0.4, rows[-1]["epoch"] + 0.6)
    axes.locator_params(axis="x", integer=True)
    axes.set_axisbelow(True)


def mistakes_figure(tested: Answers) -> Figure:
    """Return some test images that were named wrongly, with truth and answer."""
    assert tested.shape is not None
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
        named = (tested.called(int(kind[place])) for kind in (tested.labels, tested.predictions))
        axes.set_title(" → ".join(named), fontsize=10, pad=2)
    return figure
