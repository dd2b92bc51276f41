"""Folders of images, one folder a class; or train/ and test/ with such folders in each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.building import from_arrays
from insitu.datasets.dataset import Dataset
from insitu.errors import DataError
from insitu.memory import require_room

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pbm")  #: of images
_GREY, _COLOUR = ("1", "L", "LA"), ("P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB")


def read_images(folder: Path) -> Dataset:
    """Return the data set in a folder of class folders.

    Images are read as grey where all are, else all in colour, without transparency.

    Raises
    ------
    DataError : there are no images, or they are damaged, of different sizes, or of more than 8 bits a colour.
    InputError : they do not fit in memory.
    """
    inner = {path.name for path in folder.iterdir() if path.is_dir()}
    parts = [folder / "train", folder / "test"] if {"train", "test"} <= inner else [folder]
    files = [_labelled(part) for part in parts]
    every = [path for some in files for path, _ in some]
    colour, (width, height) = _of_all(every)
    shape = (height, width, 3) if colour else (height, width)
    require_room(str(folder), len(every) * int(np.prod(shape)), "give smaller images, or fewer")
    arrays: list[Any] = []
    for some in files:
        arrays += [_pixels([path for path, _ in some], shape), [label for _, label in some]]
    return from_arrays(f"{folder.resolve().name}/", *arrays, about=f"images in {folder}, a folder a class")


def _labelled(folder: Path) -> list[tuple[Path, str]]:
    """Return the images of a folder of class folders with their classes, in the order of their names."""
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    found = []
    for one in classes:
        images = sorted(path for path in one.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
        if not images:
            raise DataError(f"{one}: holds no images; allowed are folders of {', '.join(SUFFIXES)}, one a class")
        found += [(path, one.name) for path in images]
    if not found:
        raise DataError(
            f"{folder}: holds no folder of images; allowed are folders of images, one a class, or train/ and test/ with such "
            "folders, or the four files of MNIST's format"
        )
    return found


def _of_all(paths: Sequence[Path]) -> tuple[bool, tuple[int, int]]:
    """Return whether any image is in colour, and (width, height) of each, from their heads; DataError if sizes differ."""
    modes, first = set(), (0, 0)
    for path in paths:
        with _opened(path) as image:
            modes.add(image.mode)
            first = first if any(first) else image.size
            if image.mode not in (*_GREY, *_COLOUR):
                raise DataError(f"{path}: has pixels of kind {image.mode}; allowed are 8 bits a colour, so convert it")
            if image.size != first:
                (w, h), (a, b) = image.size, first
                raise DataError(
                    f"{path}: is {h} x {w} pixels, {paths[0]} {b} x {a}; allowed is one size, so resize them"
                )
    return bool(modes & set(_COLOUR)), first


def _pixels(paths: Sequence[Path], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    out = np.empty((len(paths), *shape), np.uint8)
    for place, path in enumerate(paths):
        with _opened(path) as image:
            try:
                out[place] = np.asarray(image.convert("RGB" if len(shape) == 3 else "L"))
            except Exception as error:  # Pillow lets out whatever the broken part of a file gives rise to
                raise DataError(f"{path}: cannot be read as an image ({error})") from error
    return out


def _opened(path: Path) -> Any:
    from PIL import Image

    try:
        return Image.open(path)
    except Exception as error:  # see above
        raise DataError(f"{path}: cannot be read as an image ({error})") from error
