"""Figures of one run on words in Braille."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.datasets.braille import decode
from insitu.networks.energy import EnergyNetwork
from insitu.networks.recurrent import RecurrentNetwork
from insitu.reports import canvas
from insitu.reports.canvas import BLACK, BLUE, GREEN, Axes, Figure, own_style, series_color, titled
from insitu.reports.captions import METHODS
from insitu.reports.energy_figures import conductance_figure

_CELL, _LINE = 3.0, 5.4  #: distance of cells, and of lines of text, in distances of dots

Recall = Mapping[str, Mapping[str, float]]
Distorted = Callable[[float, int], tuple[Floats, NDArray[np.intp]]]


class Trained(Protocol):
    """What the figures show of a run.

    Parameters
    ----------
    patterns : (words, 6 cells). two, one : the trained networks.
    errors : ``two_layer``, ``one_layer``: fraction of wrong words in each training batch.
    """

    patterns: Floats
    two: EnergyNetwork
    one: RecurrentNetwork
    errors: dict[str, list[float]]


@own_style()
def draw_all(folder: Path, run: Trained, recall: Recall, distorted: Distorted) -> list[Path]:
    """Draw all figures of a run as PNG files; the ledgers of both networks stay as they are.

    Parameters
    ----------
    recall : method -> distortion as text -> fraction of exact words.
    distorted : (flip, place) -> distorted patterns (n, 6 cells) and which word each is.
    """
    flips = [float(flip) for flip in recall["two_layer"]]
    layers = {f"layer {i}": layer.array for i, layer in enumerate(run.two.layers, 1)}
    with run.two.uncounted(), run.one.uncounted():
        figures = {"words": words_figure(run, distorted, flips), "energy": energy_figure(run, distorted, flips)}
    figures["training"] = training_figure(run.errors)
    figures["distortion"] = distortion_figure(recall)
    figures["conductances"] = conductance_figure(layers | {"one layer": run.one.layer.array})
    return canvas.save_all(figures, folder)


def words_figure(run: Trained, distorted: Distorted, flips: Sequence[float]) -> Figure:
    """Return one distorted version of each word, and what each network makes of it."""
    place = min(range(len(flips)), key=lambda i: abs(flips[i] - 0.2))
    x, label = distorted(flips[place], place)
    some = label[: min(len(run.patterns), 12)]  # the first of each word
    x, truth = x[: len(some)], run.patterns[some]
    shown = {
        f"distorted: {100 * flips[place]:g} % of the dots flipped": x,
        "rebuilt by one layer": run.one.settle(x).states,
        "word named by two layers": run.patterns[run.two.respond(x)[0].argmax(axis=1)],
    }
    title = "Words in Braille before and after; red: not as in the word that was distorted"
    figure, tiles = titled(title, 11, 1.0 + 0.62 * len(some), 1, 3, fontsize=12)
    for axes, (title, what) in zip(tiles, shown.items(), strict=True):
        draw_words(axes, what, truth)
        axes.set_title(title, fontsize=11)
    return figure


def training_figure(errors: Mapping[str, Sequence[float]]) -> Figure:
    """Return the fraction of wrong words over training, running means."""
    figure, axes = titled("Recall error over training, on freshly distorted words", 7.6, 4.4)
    names = {"two_layer": ("two layers", BLUE), "one_layer": ("one layer", GREEN)}
    for key, (name, color) in names.items():
        wrong = 100 * np.asarray(errors[key])
        width = max(1, len(wrong) // 30)
        smooth = np.convolve(wrong, np.ones(width) / width, mode="valid")
        axes.plot(np.arange(1, len(wrong) + 1), wrong, color=color, lw=0.5, alpha=0.35)
        axes.plot(width / 2 + np.arange(smooth.size) + 0.5, smooth, color=color, lw=2, label=name)
    axes.set(xlabel="updates of the weights", ylabel="wrong words in the training batch (%)", ylim=(0, 100))
    axes.grid(axis="y", color="0.9")
    canvas.legend_above(axes)
    return figure


def distortion_figure(recall: Recall) -> Figure:
    """Return accuracy over distortion for all methods, and how far one layer and two stay below the limit."""
    figure, (left, right) = titled("Words rebuilt exactly, all of their dots", 11, 4.8, 1, 2, width_ratios=(3, 2))
    at = np.array([100 * float(flip) for flip in recall["two_layer"]])
    for index, (key, name) in enumerate((k, n) for k, n in METHODS.items() if k in recall):
        found = 100 * np.array(list(recall[key].values()))
        look: dict[str, Any] = {"color": series_color(index - 1), "marker": "osD^v"[index - 1]}
        if key == "maximum_likelihood":
            look = {"color": BLACK, "ls": "--"}
        left.plot(at, found, lw=2, label=name, **look)
    left.set_xticks(at)
    left.set(xlabel="dots flipped (%)", ylabel="exact words (%)", ylim=(-3, 103))
    left.grid(axis="y", color="0.9")
    left.legend(frameon=False, fontsize=9)
    limit = 100 * np.array(list(recall["maximum_likelihood"].values()))
    for side, key, name, color in ((-0.18, "one_layer", "one layer", GREEN), (0.18, "two_layer", "two layers", BLUE)):
        below = limit - 100 * np.array(list(recall[key].values()))
        bars = right.bar(np.arange(at.size) + side, below, 0.36, color=color, label=name)
        right.bar_label(bars, fmt="%.2f", fontsize=9)
    right.set_xticks(np.arange(at.size), [f"{value:g}" for value in at])
    right.set(xlabel="dots flipped (%)", ylabel="below the maximum-likelihood limit (points)")
    canvas.legend_above(right)
    return figure


def energy_figure(run: Trained, distorted: Distorted, flips: Sequence[float]) -> Figure:
    """Return the mean energy while both networks settle, above where it ends."""
    figure, (left, right) = titled("Energy while distorted words settle", 10, 4.2, 1, 2)
    for place, flip in enumerate(flips):
        x = distorted(flip, place)[0][:900]
        for axes, network in ((left, run.one), (right, run.two)):
            energies: list[float] = []
            network.settle(x, record=energies)
            look = {"color": series_color(place), "marker": "o", "ms": 4, "lw": 2}
            shown = np.array(energies[:12])
            axes.plot(range(1, len(shown) + 1), shown - energies[-1], label=f"{100 * flip:g} % flipped", **look)
    left.set(xlabel="sweeps over all units", ylabel="mean energy above its end (units of weight)")
    right.set(xlabel="updates of both layers", ylabel="mean energy above its end (dimensionless)")
    left.set_title("one layer, binary units", fontsize=11)
    right.set_title("two layers, graded units", fontsize=11)
    for axes in (left, right):
        axes.grid(axis="y", color="0.9")
        axes.locator_params(axis="x", integer=True)
        axes.legend(frameon=False)
    return figure


def dot_places(pattern: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (x, y) of each dot of a pattern (6 cells,) in distances of dots, shape (6 cells, 2); y runs downwards."""
    dot = np.arange(pattern.size) % 6
    cell = np.arange(pattern.size) // 6
    return np.column_stack([_CELL * cell + dot // 3, dot % 3])


def draw_words(axes: Axes, patterns: NDArray[np.floating], truth: NDArray[np.floating]) -> None:
    """Draw patterns (words, 6 cells) below each other; what differs from the truth is red.

    Raised dots are filled, others are small and grey; under each word stand its letters, ? for dots that are no letter.
    """
    groups: dict[tuple[bool, bool], list[NDArray[np.float64]]] = {}
    for line, (pattern, right) in enumerate(zip(patterns, truth, strict=True)):
        places = dot_places(pattern) + np.array([0, _LINE * line])
        wrong = (pattern > 0) != (right > 0)
        for raised in (False, True):
            for bad in (False, True):
                groups.setdefault((raised, bad), []).append(places[((pattern > 0) == raised) & (wrong == bad)])
        for cell, (letter, meant) in enumerate(zip(decode(pattern), decode(right), strict=True)):
            color = BLACK if letter == meant else canvas.UP
            axes.text(_CELL * cell + 0.5, _LINE * line + 3.2, letter, ha="center", va="center", fontsize=7, color=color)
    for (raised, bad), found in groups.items():
        at = np.concatenate(found)
        color = (canvas.UP if bad else BLACK) if raised else ("#f4a582" if bad else canvas.NEUTRAL)
        axes.scatter(at[:, 0], at[:, 1], s=9 if raised else 2.5, color=color, lw=0)
    axes.set_xlim(-1, _CELL * patterns.shape[1] / 6 - 1)
    axes.set_ylim(_LINE * len(patterns) - 1, -1)
    axes.set_aspect("equal")
    axes.set_axis_off()
