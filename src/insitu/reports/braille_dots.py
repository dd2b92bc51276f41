"""Words in Braille as dots, with their letters beneath."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.braille import decode
from insitu.reports.canvas import BLACK, NEUTRAL, UP, Axes

_CELL, _LINE = 3.0, 5.4  #: distance of cells, and of lines of text, in distances of dots


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
            color = BLACK if letter == meant else UP
            axes.text(_CELL * cell + 0.5, _LINE * line + 3.2, letter, ha="center", va="center", fontsize=7, color=color)
    for (raised, bad), found in groups.items():
        at = np.concatenate(found)
        color = (UP if bad else BLACK) if raised else ("#f4a582" if bad else NEUTRAL)
        axes.scatter(at[:, 0], at[:, 1], s=9 if raised else 2.5, color=color, lw=0)
    axes.set_xlim(-1, _CELL * patterns.shape[1] / 6 - 1)
    axes.set_ylim(_LINE * len(patterns) - 1, -1)
    axes.set_aspect("equal")
    axes.set_axis_off()
