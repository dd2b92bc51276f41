"""Figures from the disk into the page: as SVG where that is small enough, else as PNG, each with its caption."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path

from insitu.pages.blocks import Picture, Pictures, Text
from insitu.runs.writing import read_bytes

_VECTOR = 600_000  #: bytes; a larger SVG is taken as PNG
#: characters of all figures of a page, and of all maps of wear, so that it stays under 5 MB
FIGURES, MAPS = 3_200_000, 1_300_000


def embedded(picture: bytes, kind: str) -> str:
    """Return a data URI; kind is ``svg+xml`` or ``png``."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def names(folder: Path) -> list[str]:
    """Return the names of the figures in a folder, what sums up a run first, what is about wear last."""
    found = {path.stem for path in folder.glob("*.svg")} | {path.stem for path in folder.glob("*.png")}
    early = (
        "overview",
        "words",
        "accuracy",
        "distortion",
        "training",
        "ladder",
        "wires",
        "requirements",
        "tiles",
        "tune",
    )
    late = ("weights", "conductance", "conductances", "pulses", "wear")
    place = {name: i for i, name in enumerate(early)} | {name: 100 + i for i, name in enumerate(late)}
    return sorted(found, key=lambda name: (place.get(name, 50), name))


def picture(folder: Path, name: str, of: str = "", example: str | None = None) -> Picture | None:
    """Return a figure of a folder, as :class:`Picture` has it; None if it is not there."""
    vector, raster = folder / f"{name}.svg", folder / f"{name}.png"
    small = vector.is_file() and 0 < vector.stat().st_size <= _VECTOR
    path = vector if small else raster
    if not path.is_file() or not path.stat().st_size:
        return None
    return Picture(name, embedded(read_bytes(path), "svg+xml" if small else "png"), of, example)


def within_limit(figures: Iterable[Sequence[Picture]], limit: int) -> tuple[Pictures | Text, ...]:
    """Return rows of figures as blocks; what would make the page too large is named instead."""
    blocks: list[Pictures | Text] = []
    left_out: list[str] = []
    used = 0
    for row in figures:
        size = sum(len(one.source) for one in row)
        if used + size > limit:
            left_out.append(", ".join(f"{one.name.replace('_', ' ')}{one.of and f' ({one.of})'}" for one in row))
            continue
        used += size
        blocks.append(Pictures(tuple(row)))
    if left_out:
        blocks.append(Text(f"Left out, to keep this page small: {', '.join(left_out)}; see the run folders."))
    return tuple(blocks)
