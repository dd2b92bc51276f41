"""Where an array wears: writes of each cell as a picture, with mean, 99th percentile and maximum."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import RunError
from insitu.ledger import Wear
from insitu.pages.blocks import Block, Picture, Section
from insitu.pages.loading import Group
from insitu.pages.pictures import MAPS, embedded, within_limit
from insitu.reports.canvas import new_figure, own_style, plain_log, to_svg
from insitu.reports.tables import Table, numbers, words

_MAPS = 12  #: arrays that are drawn; the table has them all
_COLUMNS = 3
_PIXELS = 160  #: most pixels of a device along an axis

Writes = NDArray[np.unsignedinteger]


def wear(groups: Sequence[Group]) -> Section | None:
    """Return the section about the wear of each group's first run; None if none of them left write counts."""
    blocks: list[Block] = []
    maps: list[list[Picture]] = []
    for group in groups:
        folder = group.first.folder
        kept = folder.read_npz("arrays.npz") if (folder.path / "arrays.npz").is_file() else {}
        if arrays := write_counts(kept):
            of = f"{group.name}: " if group.name else ""
            blocks.append(_table(arrays, f"{of}Programming pulses a cell in this training, seed {group.first.seed}"))
            if any(writes.any() for writes in arrays.values()):
                maps.append([Picture("wear_map", embedded(wear_map(arrays), "svg+xml"), group.name)])
    blocks += within_limit(maps, MAPS)
    return Section("wear", "Wear", tuple(blocks)) if blocks else None


def _table(arrays: Mapping[str, Writes], title: str) -> Table:
    worn = {name: Wear.of(writes) for name, writes in arrays.items()}
    rows = [(name, arrays[name].size, found.mean, round(found.p99), found.maximum) for name, found in worn.items()]
    columns = (*words("Array"), *numbers("Cells", "Mean", "99th percentile", "Maximum"))
    return Table(title, columns, rows, note="Cells that take no pulses, such as references, count with 0.")


def write_counts(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, Writes]:
    """Return the arrays that count writes, (devices, columns, rows) each, by a name for people."""
    found: dict[str, Writes] = {}
    for key, array in arrays.items():
        if "writes" not in key:
            continue
        if not np.issubdtype(array.dtype, np.integer) or array.ndim != 3 or not array.size:
            raise RunError(f"arrays.npz: damaged, {key} is no table of write counts")
        words = [word for word in key.replace(".", "_").split("_") if word not in ("writes", "fast")]
        name = " ".join(word.upper() if word in ("msp", "lsp") else word for word in words if not word.isdigit())
        layer = [f"layer {int(word) + 1}" for word in words if word.isdigit()]
        name = f"{name}s," if name == "two layer" else name
        both = [*layer, name] if name.isupper() else [name, *layer]  # as the accounts have it: layer 1 MSP
        beside = ["fast"] if "fast" in key else []
        found[" ".join(filter(None, both + beside)) or "array"] = array.astype(np.int64)
    return found


@own_style()
def wear_map(arrays: Mapping[str, Writes]) -> bytes:
    """Return a picture of the writes of the cells, the devices of a weight below each other, on one logarithmic scale.

    Where there are more cells than pixels, a pixel is the most worn of its cells.
    """
    from matplotlib.colors import LogNorm

    shown = dict(list(arrays.items())[:_MAPS])
    columns = min(_COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(1.6 + 3.2 * columns, 0.8 + 2.6 * rows)
    most = max(int(writes.max()) for writes in shown.values())
    least = min(int(writes[writes > 0].min(initial=most)) for writes in shown.values())
    norm = LogNorm(least, max(most, least + 1))
    tiles = figure.subplots(rows, columns, squeeze=False)
    for axes in tiles.ravel()[len(shown) :]:
        axes.set_axis_off()
    drawn: Any = None
    for axes, (name, writes) in zip(tiles.ravel(), shown.items(), strict=False):
        look = {"aspect": "auto", "interpolation": "nearest"}
        extent = (-0.5, writes.shape[2] - 0.5, len(writes) * writes.shape[1] - 0.5, -0.5)
        drawn = axes.imshow(np.maximum(coarse(writes), least), cmap="viridis", norm=norm, extent=extent, **look)
        for edge in range(1, len(writes)):
            axes.axhline(edge * writes.shape[1] - 0.5, color="white", lw=1)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("row (input)", fontsize=9)
        axes.set_ylabel("column, by device" if len(writes) > 1 else "column", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.locator_params(integer=True)
    bar = figure.colorbar(drawn, ax=tiles, label="writes of a cell (never: darkest)", shrink=0.85)
    plain_log(bar.ax.yaxis)
    return to_svg(figure)


def coarse(writes: Writes) -> Writes:
    """Return writes (devices, columns, rows) with at most 160 of each axis of a device, as one picture (y, x)."""
    planes = []
    for plane in writes:
        for axis in (0, 1):
            steps = range(0, plane.shape[axis], -(-plane.shape[axis] // _PIXELS))
            plane = np.maximum.reduceat(plane, list(steps), axis=axis)
        planes.append(plane)
    return np.concatenate(planes)
