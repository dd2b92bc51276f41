"""Output spikes of some neurons while images are shown one after the other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.reports.canvas import Axes, class_color
from insitu.reports.pixels import tiled


def first_images(labels: NDArray[np.integer], each: int, most: int = 10) -> NDArray[np.intp]:
    """Return the indices of the first ``each`` images of each class, class after class, of at most ``most`` classes."""
    classes = np.unique(labels)[:most]
    return np.concatenate([np.flatnonzero(labels == label)[:each] for label in classes])


def spike_times(images: int, show: Any) -> NDArray[np.int64]:
    """Return when each output spike falls, (images, presentations x spikes), ms, images shown without a pause.

    Parameters
    ----------
    show : how an image is shown, ``SpikingRule.show(...)``.
    """
    within = show.start + show.interval * np.arange(show.spikes)
    start = show.steps * np.arange(images * show.presentations)
    return np.asarray(start[:, None] + within).reshape(images, show.presentations * show.spikes)


def blocks(labels: NDArray[np.integer], each_ms: int) -> list[tuple[int, int, int]]:
    """Return (class, begin, end), ms, of every stretch of images of one class; each image is shown for ``each_ms``."""
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    return [(int(labels[a]), a * each_ms, b * each_ms) for a, b in pairwise(edges)]


def draw_strip(
    axes: Axes,
    images: NDArray[Any],
    labels: NDArray[np.integer],
    shape: tuple[int, int],
    each_ms: int,
    called: Callable[[int], str],
) -> None:
    """Draw the images (n, pixels) that are shown over the time at which they are shown, classes marked along the top."""
    strip = tiled(images.reshape(-1, *shape), len(images), 0)
    axes.imshow(strip, cmap="gray_r", aspect="auto", extent=(0, len(images) * each_ms, 0, 1), interpolation="nearest")
    for label, begin, end in blocks(labels, each_ms):
        middle = (begin + end) / 2
        text = axes.annotate(called(label), (middle, 1), (0, 3), textcoords="offset points", ha="center", va="bottom")
        text.set(color=class_color(label), fontsize=11, fontweight="bold")
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.set_yticks([0.5], ["shown"])


def draw_raster(
    axes: Axes,
    winners: NDArray[np.integer],
    labels: NDArray[np.integer],
    show: Any,
    neurons: NDArray[np.integer],
    neuron_class: NDArray[np.integer],
    called: Callable[[int], str] = str,
) -> None:
    """Draw the spikes of some neurons, one line a neuron, coloured by the class of the image shown.

    Parameters
    ----------
    winners : (images, presentations x spikes) the neurons that fired.
    labels : (images,) class of each image, images of a class next to each other.
    neurons : drawn from top to bottom; neuron_class : (all neurons,). The time at which images of a neuron's own class
        are shown is shaded. called : the name of a class.
    """
    times = spike_times(len(winners), show)
    each_ms = show.steps * show.presentations
    line = np.full(neuron_class.size, -1)
    line[neurons] = np.arange(len(neurons))
    for label, begin, end in blocks(labels, each_ms):
        axes.axvline(end, color="0.85", lw=0.6, zorder=0)
        own = np.flatnonzero(neuron_class[neurons] == label)
        axes.barh(own, end - begin, 1, begin, color="0.9", lw=0, zorder=0)
        at = (line[winners] >= 0) & (labels == label)[:, None]
        axes.plot(times[at], line[winners][at], "|", color=class_color(label), ms=11, mew=1.1)
    names = [f"{'–' if c < 0 else called(c)}  (no. {k})" for k, c in zip(neurons, neuron_class[neurons], strict=True)]
    axes.set_yticks(range(len(neurons)), names)
    axes.set(xlim=(0, len(winners) * each_ms), ylim=(len(neurons) - 0.5, -0.5), ylabel="neuron, by its class")
    axes.tick_params(axis="y", length=0)
