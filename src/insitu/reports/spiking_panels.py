"""The panels from which the figures of the spiking network are put together; each draws into the axes it is given."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Crossbar
from insitu.datasets import Dataset
from insitu.networks.inputs import InputMap, PopulationCode
from insitu.networks.readout import ClassReadout
from insitu.networks.spiking import SpikingNetwork
from insitu.reports import canvas
from insitu.reports.canvas import BLACK, BLUE, NEUTRAL, ORANGE, Axes, ScalarMappable, draw_map
from insitu.reports.pixels import tiled, to_pixels
from insitu.reports.wear_panel import draw_writes

WEIGHT_COLORS = "RdBu_r"  #: low is blue, high is red
_PRUNED = "#5f5f5f"


@dataclass(frozen=True)
class Trained:
    """All that the figures show.

    Parameters
    ----------
    before, after : the network untrained and trained.
    readout : what the trained neurons stand for.
    inputs : from the features of ``dataset`` to the inputs of the network.
    """

    before: SpikingNetwork
    after: SpikingNetwork
    readout: ClassReadout
    inputs: InputMap | PopulationCode
    dataset: Dataset

    @property
    def array(self) -> Crossbar:
        """The trained array."""
        return self.after.synapses.array

    @property
    def pruned(self) -> NDArray[np.bool_]:
        """(inputs, neurons): the weights that no longer learn."""
        return ~self.array.live_mask

    def image(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return images (..., height, width) of one value an input (..., inputs), NaN where a pixel is no input."""
        assert isinstance(self.inputs, InputMap)
        assert self.dataset.picture is not None
        return to_pixels(values, self.inputs.mask, self.dataset.picture)

    @property
    def pictured(self) -> bool:
        """Whether an input is a pixel, so that weights can be shown as images."""
        return isinstance(self.inputs, InputMap) and self.dataset.picture is not None


def draw_fields(
    axes: Axes, run: Trained, neurons: NDArray[np.integer], columns: int, *, show_pruned: bool = False
) -> ScalarMappable:
    """Draw the weights of some neurons as images, with the class each stands for; return the colours of the weights."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize, to_rgba

    encoding = run.array.encoding
    colors = ScalarMappable(Normalize(encoding.w_min, encoding.w_max), colormaps[WEIGHT_COLORS])
    images = run.image(run.array.weights.T[neurons])
    tiles = np.asarray(colors.cmap(colors.norm(images)))
    if show_pruned:
        tiles[run.image(run.pruned.T[neurons]) == 1] = to_rgba(_PRUNED)
    tiles[np.isnan(images)] = to_rgba(NEUTRAL)
    axes.imshow(tiled(tiles, columns), interpolation="nearest")
    height, width = images.shape[1:]
    for place, label in enumerate(run.readout.neuron_class[neurons]):
        row, column = divmod(place, columns)
        at = (column * (width + 1), row * (height + 1))
        box = {"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none", "alpha": 0.85}
        axes.text(*at, run.dataset.called(label), ha="left", va="top", fontsize=9, fontweight="bold", bbox=box)
    axes.set_axis_off()
    return colors


def draw_accuracy(axes: Axes, rows: Sequence[Mapping[str, Any]], watched: str) -> None:
    """Draw the accuracy on some images (left axis) and the pruned fraction (right axis) over the images shown.

    The first row is the network without learning; a line goes on from it, for the eye to compare.
    """
    shown, percent = [row["images"] for row in rows], [100 * row["accuracy"] for row in rows]
    (accuracy,) = axes.plot(shown, percent, "o-", color=BLUE, lw=2, label="accuracy")
    without = axes.axhline(percent[0], color=BLUE, ls=":", lw=1.6, label=f"without learning: {percent[0]:.1f} %")
    axes.margins(y=0.12)  # clear of the pruned fraction at 0
    if max(percent) - min(percent) < 4:  # no drama out of noise
        middle = min((max(percent) + min(percent)) / 2, 97.5)
        axes.set_ylim(middle - 2.5, middle + 2.5)
    right = axes.twinx()
    fraction = [100 * row["pruned_fraction"] for row in rows]
    (pruned,) = right.plot(shown, fraction, "s--", color=ORANGE, lw=2, ms=5, label="pruned (right axis)")
    axes.set(ylabel=f"{watched} named correctly (%)")
    right.set(ylabel="weights pruned (%)", ylim=(-3, 103))
    axes.yaxis.label.set_color(BLUE)
    right.yaxis.label.set_color("#8a5f00")  # darker than its line, to be read as text
    canvas.legend_above(axes, handles=[accuracy, without, pruned])
    _over_images(axes, rows)


def draw_pulses(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the pulses that the array has received over the images shown."""
    shown = [row["images"] for row in rows]
    for key, color, mark, name in (
        ("pulses_down", canvas.DOWN, "v", "down (LTD)"),
        ("pulses_up", canvas.UP, "^", "up (LTP)"),
    ):
        axes.plot(shown, [row[key] / 1e6 for row in rows], f"{mark}-", color=color, lw=2, label=name)
    axes.set(ylabel="pulses so far (million)")
    axes.set_ylim(bottom=0)
    canvas.legend_above(axes)
    _over_images(axes, rows)


def _over_images(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    passes = f"{rows[-1]['epochs']:.3g}"
    axes.set(xlabel=f"training images shown ({passes} pass{'es' * (passes != '1')} over the data)")
    axes.set_xlim(0, 1.03 * rows[-1]["images"])
    axes.locator_params(axis="x", nbins=6)
    canvas.grouped(axes.xaxis)


def weight_bins(run: Trained) -> NDArray[np.float64]:
    """Return bin edges that hold all weights before and after, (bins + 1,); digital levels fall in mid-bin."""
    encoding = run.array.encoding
    steps = 2**encoding.planes - 1 if encoding.digital else 80
    step = (encoding.w_max - encoding.w_min) / steps
    # levels are whole steps from w_min; a bin holds several of them, or one of them in its middle and other bins none
    width = step * (steps // 40) if steps > 80 else step / max(1, 2 * (40 // steps))
    start = encoding.w_min - min(step, width) / 2
    both = np.stack([run.before.synapses.array.weights, run.array.weights])
    first, last = (math.floor((end - start) / width) for end in (both.min(), both.max()))
    return start + width * np.arange(first, last + 2)


def draw_weights(axes: Axes, run: Trained) -> None:
    """Draw histograms of the weights: before training all, after training the live and the pruned ones."""
    edges = weight_bins(run)
    after, pruned = run.array.weights, run.pruned
    parts = [run.before.synapses.array.weights, after[~pruned], after[pruned]]
    before, live, frozen = (np.histogram(part, edges)[0] for part in parts)
    count = pruned.sum()
    if count:
        axes.stairs(frozen, edges, fill=True, color=ORANGE, alpha=0.75, label=f"after: {count:,} pruned")
    if count < pruned.size:
        axes.stairs(live, edges, fill=True, color=BLUE, alpha=0.65, label=f"after: {pruned.size - count:,} live")
    axes.stairs(before, edges, color=BLACK, lw=1.4, label="before training")
    canvas.log_if_steep(axes, before, live, frozen)
    canvas.grouped(axes.yaxis)
    axes.set(xlabel="weight (dimensionless)", ylabel=f"weights a bin of {edges[1] - edges[0]:.2g}")
    canvas.legend_above(axes, 2)


def draw_pruned_map(axes: Axes, run: Trained) -> ScalarMappable:
    """Draw for each pixel the share of neurons that pruned it, %."""
    return draw_map(axes, run.image(100 * run.pruned.mean(axis=1)), 0, 100)


def draw_wear(axes: Axes, run: Trained) -> None:
    """Draw the histogram of pulses a cell over all cells, with mean, 99th percentile and maximum."""
    writes = run.array.writes
    parts = {f"all {writes.size:,} cells": writes}
    if run.array.encoding.digital and len(writes) > 1:
        parts |= {"lowest bit": writes[0], "highest bit": writes[-1]}
    draw_writes(axes, parts)


def draw_wear_map(axes: Axes, run: Trained) -> ScalarMappable:
    """Draw for each pixel the pulses that one of its weights received, all its cells together, mean over neurons."""
    pulses = run.array.writes.sum(axis=0, dtype=float).mean(axis=0)
    return draw_map(axes, run.image(pulses), pulses.min() if np.ptp(pulses) else 0.0, max(pulses.max(), 1.0))
