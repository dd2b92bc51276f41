"""Which combinations learn, on one picture: a line a device, a block of columns a scheme."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insitu.reports.canvas import NEUTRAL, own_style, save_as, titled

_SHORT = {"two significances": "two sig.", "referenced": "ref."}


@own_style()
def draw_matrix(
    shares: NDArray[np.float64],
    devices: Sequence[str],
    schemes: Sequence[str],
    encodings: Sequence[str],
    signals: Sequence[str],
    path: Path,
    *,
    enough: float,
) -> Path:
    """Draw what each combination reaches as a PNG or SVG file.

    Parameters
    ----------
    shares : (devices, schemes, encodings, signals) accuracy over that of ideal weights; NaN was refused or not tried.
    enough : share from which a combination counts as learning, where the colours change.
    """
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, TwoSlopeNorm

    rows, blocks, wide = len(devices), len(schemes), len(encodings) * len(signals)
    title = "What combinations of device, scheme, encoding and signal reach on the embedded digits, of what ideal weights do"
    figure, axes = titled(title, 15, 1.9 + 0.24 * rows)
    image = np.full((rows, blocks * (wide + 1) - 1), np.nan)
    for block in range(blocks):
        start = block * (wide + 1)
        image[:, start : start + wide] = shares[:, block].reshape(rows, wide)
    below, above = colormaps["Oranges_r"](np.linspace(0, 0.85, 128)), colormaps["Blues"](np.linspace(0.45, 1, 128))
    colors = ListedColormap(np.vstack([below, above]))
    colors.set_bad(NEUTRAL)
    drawn = axes.imshow(image, cmap=colors, norm=TwoSlopeNorm(enough, 0, 1.1), aspect="auto", interpolation="nearest")
    for block in range(1, blocks):
        axes.axvspan(block * (wide + 1) - 1.5, block * (wide + 1) - 0.5, color="white")
    for line in range(1, rows):
        axes.axhline(line - 0.5, color="white", lw=1)
    places = [
        block * (wide + 1) + one * len(signals) + (len(signals) - 1) / 2
        for block in range(blocks)
        for one in range(len(encodings))
    ]
    for place in places:
        axes.axvline(place - len(signals) / 2, color="white", lw=0.6)
    axes.set_yticks(range(rows), devices, fontsize=8)
    axes.set_xticks(places, [_SHORT.get(name, name) for name in encodings] * blocks, rotation=90, fontsize=7)
    axes.tick_params(length=0)
    for block, name in enumerate(schemes):
        axes.text(block * (wide + 1) + (wide - 1) / 2, -0.8, name, ha="center", va="bottom", fontsize=9, weight="bold")
    axes.set_xlabel(f"encoding, and in each from left to right: {', '.join(signals)}; grey: refused, or not tried")
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(drawn, ax=axes, fraction=0.02, pad=0.01)
    bar.set_label(f"accuracy / that of ideal weights ({enough:g} on: learns)")
    return save_as(figure, path)
