"""Where MNIST is looked for, in order: a folder, INSITU_DATA, the cache, the mirrors; else the embedded digits."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insitu.datasets import mirrors
from insitu.datasets.dataset import Dataset
from insitu.datasets.digits import load_digits
from insitu.datasets.idx import read_idx, read_labels
from insitu.errors import DataError

VARIABLE = "INSITU_DATA"  #: environment variable with the folder of the four MNIST files

#: the four files: training images and labels, test images and labels; plain, or with .gz
FILES = tuple(file.removesuffix(".gz") for file in mirrors.SHA256)
_HELD = f"{', '.join(FILES[:-1])} and {FILES[-1]}"

#: fingerprint of the original MNIST
MNIST_SHA256 = "0520e2432801015abc6ea333de1a682d223c9b19a439d9158d981bc92504df1d"


def cache_folder() -> Path:
    """Return the folder of downloaded data: below INSITU_CACHE, else below the user's cache folder."""
    import pooch

    return Path(os.environ.get("INSITU_CACHE") or pooch.os_cache("insitu")) / "mnist"


def find(data_dir: str | Path | None = None) -> Dataset:
    """Return MNIST, or the embedded digits with a note that says why.

    Parameters
    ----------
    data_dir : folder with the four MNIST files, plain or gzip. Where it or the variable INSITU_DATA is given, the data
        must be there: what a person asked for is never replaced silently.

    Raises
    ------
    DataError : the given folder does not hold usable files.
    """
    try:
        return load_mnist(data_dir)
    except DataError as error:
        if _asked_for(data_dir):
            raise
        return load_digits(str(error))


def load_mnist(data_dir: str | Path | None = None, *, download: bool = True) -> Dataset:
    """Return MNIST from ``data_dir``, else from the folder INSITU_DATA, else from the cache, else from a mirror.

    Parameters
    ----------
    data_dir : as in :func:`find`; other images in the same format are taken too, under the name ``idx``.
    download : False never touches the network.

    Raises
    ------
    DataError : MNIST is in none of these places, or the files are truncated or wrong.
    """
    folder = _asked_for(data_dir)
    if folder:
        return read_folder(folder)
    try:
        return read_cache()
    except DataError as error:
        reason = f"MNIST was not found, because no folder was given (--data-dir or {VARIABLE}), {error}"
    if not download:
        raise DataError(f"{reason}, and downloading is off")
    try:
        mirrors.download(cache_folder())
        return read_cache()
    except DataError as error:
        raise DataError(f"{reason}, and {error}") from error


def read_folder(folder: Path) -> Dataset:
    """Return the data set in the four IDX files of a folder; DataError if they are missing, damaged or at odds."""
    train, train_labels, test, test_labels = read_parts(folder)
    shape = (train.shape[1], train.shape[2])
    parts = train.reshape(len(train), -1), train_labels, test.reshape(len(test), -1), test_labels
    counts = f"{len(train):,} training and {len(test):,} test images of {shape[0]} x {shape[1]} pixels"
    note = f"Data: images in MNIST's file format, but not MNIST itself ({counts}), from {folder}."
    found = Dataset.of("idx", parts, shape, note)
    mnist = found.sha256 == MNIST_SHA256
    return replace(found, name="mnist", note=f"Data: MNIST ({counts}) from {folder}.") if mnist else found


def read_parts(folder: Path, classes: int = 10, dimensions: str = "3") -> list[NDArray[np.uint8]]:
    """Return training images and labels, test images and labels of a folder; DataError as :func:`read_folder`.

    Parameters
    ----------
    classes : labels are below it. dimensions : that images may have, as digits: 3 is grey, 4 with colours, 2 a table.
    """
    if not os.path.isdir(folder):
        raise DataError(f"{folder}: no such folder; a data folder holds {_HELD}, plain or .gz")
    paths = [_path(folder, file, dimensions) for file in FILES]
    missing = [file for file, path in zip(FILES, paths, strict=True) if path is None]
    if missing:
        raise DataError(f"{folder}: {', '.join(missing)} not found; a data folder holds {_HELD}, plain or .gz")
    parts = [
        read_labels(path, classes) if "labels" in path.name else read_idx(path, int(path.name.partition("-idx")[2][0]))
        for path in paths
        if path
    ]
    train, train_labels, test, test_labels = parts
    for part, images, labels in (("training", train, train_labels), ("test", test, test_labels)):
        if len(images) != len(labels):
            raise DataError(f"{folder}: {len(images)} {part} images but {len(labels)} labels; the numbers must agree")
    if train.shape[1:] != test.shape[1:]:
        raise DataError(f"{folder}: training images are {train.shape[1:]} pixels, test images {test.shape[1:]}")
    return parts


def is_idx_folder(folder: Path) -> bool:
    """Return whether a folder holds any of the four files."""
    return any(_path(folder, file, "324") for file in FILES)


def _path(folder: Path, file: str, dimensions: str) -> Path | None:
    """Return the file of this name in a folder, plain or gzip; images may have other dimensions."""
    names = [file.replace("idx3", f"idx{count}") for count in dimensions]
    return next((p for name in names for p in (folder / name, folder / f"{name}.gz") if os.path.isfile(p)), None)


def read_cache() -> Dataset:
    """Return MNIST from the cache; DataError, as a clause, if it is not there or not intact."""
    folder = cache_folder()
    if not os.path.isdir(folder):
        raise DataError(f"the cache {folder} does not hold it")
    try:
        dataset = read_folder(folder)
    except DataError as error:
        raise DataError(f"the cache {folder} does not hold all of it intact") from error
    if dataset.name != "mnist":
        raise DataError(f"the cache {folder} holds other images")
    return dataset


def _asked_for(data_dir: str | Path | None) -> Path | None:
    given = data_dir or os.environ.get(VARIABLE)
    return Path(os.path.expanduser(given)) if given else None
