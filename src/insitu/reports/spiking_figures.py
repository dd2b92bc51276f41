"""Figures of one run of the spiking network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.networks.readout import spike_counts
from insitu.reports import raster
from insitu.reports import spiking_panels as panels
from insitu.reports.canvas import Figure, new_figure, own_style, save_all, titled
from insitu.reports.captions import DATASETS, TITLES
from insitu.reports.pixels import pick_neurons
from insitu.reports.spiking_panels import Trained

Rows = Sequence[Mapping[str, Any]]

_RASTER_NEURONS, _RASTER_IMAGES, _RASTER_PRESENTATIONS = 10, 3, 4  # in all; of each class; of each image, at most


@own_style()
def draw_all(folder: Path, run: Trained, rows: Rows, watched: str) -> list[Path]:
    """Draw all figures of a run as PNG files; the ledgers of both networks stay as they are.

    Parameters
    ----------
    folder : where to write.
    rows : metrics over training, from before it on: images, epochs, accuracy, pruned_fraction, pulses_up, pulses_down.
        Without any, there is no accuracy.png; and no picture of weights where inputs are no pixels.
    watched : of which images the accuracy in ``rows`` is.

    Returns
    -------
    The files written.

    Raises
    ------
    RunError : a file cannot be written.
    """
    figures = {}
    if run.pictured:
        figures["overview"] = overview_figure(run, rows, watched)
        figures |= {"receptive_fields": fields_figure(run), "pruned_map": pruned_figure(run)}
    figures |= {"spikes": spikes_figure(run), "weights": weights_figure(run), "wear": wear_figure(run)}
    if rows:
        figures["accuracy"] = accuracy_figure(rows, watched)
    return save_all(figures, folder, run.dataset.example)


def fields_figure(run: Trained) -> Figure:
    """Return the weights of up to 100 neurons as images."""
    neurons = _most_active(run, 100)
    columns = math.ceil(len(neurons) ** 0.5)
    height = 1 + 7.2 * math.ceil(len(neurons) / columns) / columns
    figure, axes = titled(TITLES["receptive_fields"].format(of=_of(run, neurons)), 8.6, height)
    colors = panels.draw_fields(axes, run, neurons, columns)
    figure.colorbar(colors, ax=axes, label="weight (dimensionless)", shrink=0.6)
    return figure


def spikes_figure(run: Trained) -> Figure:
    """Return the output spikes of 10 neurons before and after training, while test images of each class are shown."""
    at = raster.first_images(run.dataset.test_labels, _RASTER_IMAGES)
    images, labels = run.dataset.test_images[at], run.dataset.test_labels[at].astype(np.int64)
    rule = run.after.rule
    show = rule.show(min(rule.wta.presentations, _RASTER_PRESENTATIONS))
    with run.before.uncounted(), run.after.uncounted():
        winners = [network.respond(run.inputs(images), show.presentations) for network in (run.before, run.after)]
    activity = spike_counts(winners[1], run.array.columns).sum(axis=0)
    kind = run.readout.neuron_class
    neurons = pick_neurons(kind, activity, _RASTER_NEURONS)
    title = TITLES["spikes"].format(of=_of(run, neurons))
    figure, (strip, *both) = titled(title, 11, 6.6, 3, 1, height_ratios=(1, 7, 7))
    shape = run.dataset.picture or (images.shape[1], 1)  # a row of a table as a column of grey
    raster.draw_strip(strip, images, labels, shape, show.steps * show.presentations, run.dataset.called)
    for axes, spikes, when in zip(both, winners, ("before", "after"), strict=True):
        raster.draw_raster(axes, spikes, labels, show, neurons, kind, run.dataset.called)
        theirs = 100 * np.isin(spikes, neurons).mean()
        axes.set_title(f"{when} training: {theirs:.0f} % of all output spikes are theirs", loc="left", fontsize=11)
    both[1].set_xlabel(f"time (ms); each test image is shown {show.presentations} times for {show.steps} ms")
    return figure


def accuracy_figure(rows: Rows, watched: str) -> Figure:
    """Return accuracy, pruned weights and pulses over training."""
    figure, (left, right) = titled(TITLES["accuracy"].format(watched=watched), 11, 4.4, 1, 2)
    panels.draw_accuracy(left, rows, watched)
    panels.draw_pulses(right, rows)
    return figure


def weights_figure(run: Trained) -> Figure:
    """Return the histogram of weights."""
    figure, axes = titled("Weights before training, and after it: pruned and live", 8.6, 4.8, fontsize=12)
    panels.draw_weights(axes, run)
    return figure


def pruned_figure(run: Trained) -> Figure:
    """Return which pixels were pruned, summed over all neurons and for some of them."""
    neurons = _most_active(run, 30)
    share = 100 * run.pruned.mean()
    title = f"Pruned weights: {share:.1f} % of {run.pruned.size:,}" if share else "No weight was pruned"
    figure, (left, right) = titled(title, 11, 5, 1, 2, fontsize=12, width_ratios=(10, 11))
    figure.colorbar(panels.draw_pruned_map(left, run), ax=left, label="neurons that pruned the pixel (%)", shrink=0.8)
    left.set_title(f"all {run.array.columns:,} neurons (light grey: no input)", fontsize=11)
    colors = panels.draw_fields(right, run, neurons, math.ceil(len(neurons) ** 0.5), show_pruned=True)
    figure.colorbar(colors, ax=right, label="weight (dimensionless)", shrink=0.8)
    right.set_title(f"{len(neurons)} neurons: pruned weights dark grey, live in colour", fontsize=11)
    return figure


def wear_figure(run: Trained) -> Figure:
    """Return pulses a cell as a histogram, and a weight by pixel."""
    title = "Wear: programming pulses that the memory cells received during training"
    ratios = (6, 4)[: 1 + run.pictured]
    figure, (tiles,) = titled(title, 11, 4.6, 1, len(ratios), squeeze=False, fontsize=12, width_ratios=ratios)
    panels.draw_wear(tiles[0], run)
    if run.pictured:
        _add_wear_map(figure, tiles[1], run)
    return figure


def overview_figure(run: Trained, rows: Rows, watched: str) -> Figure:
    """Return one landscape picture of the whole run."""
    neurons = _most_active(run, 30)
    figure = new_figure(12, 7)
    (upper,), (lower,) = figure.subfigures(2, 1, squeeze=False, height_ratios=(11, 10))
    fields, wear = upper.subplots(1, 2, width_ratios=(5, 2))
    colors = panels.draw_fields(fields, run, neurons, _wide(len(neurons)))
    upper.colorbar(colors, ax=fields, label="weight (dimensionless)", location="bottom", shrink=0.5, aspect=30)
    fields.set_title(f"what {_of(run, neurons)} neurons have learned", fontsize=11)
    _add_wear_map(upper, wear, run)
    *left, right = lower.subplots(1, 2 if rows else 1, squeeze=False)[0]
    for axes in left:
        panels.draw_accuracy(axes, rows, watched)
    panels.draw_weights(right, run)
    data = DATASETS.get(run.dataset.name, run.dataset.name)
    figure.suptitle(TITLES["overview"].format(run.array, data=data), fontsize=13)
    return figure


def _add_wear_map(figure: Any, axes: Any, run: Trained) -> None:
    unit = "cell" if run.array.encoding.planes == 1 else "weight, all its cells"
    figure.colorbar(panels.draw_wear_map(axes, run), ax=axes, label=f"pulses a {unit}", shrink=0.9)
    axes.set_title("pulses by pixel, mean over neurons\n(grey: no input)", fontsize=11)


def _most_active(run: Trained, limit: int) -> NDArray[np.intp]:
    return pick_neurons(run.readout.neuron_class, run.readout.spikes.sum(axis=1), limit)


def _wide(tiles: int) -> int:
    """Return a number of columns that makes a wide block of tiles."""
    return min(tiles, max(1, round(math.sqrt(10 / 3 * tiles))))


def _of(run: Trained, neurons: NDArray[np.intp]) -> str:
    total = run.array.columns
    return f"all {total:,}" if len(neurons) == total else f"{len(neurons)} of {total:,}"
