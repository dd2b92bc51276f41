"""Small data folders in MNIST's file format, for tests."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx(array: np.ndarray) -> bytes:
    """Return the bytes of an IDX file."""
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


def small_parts(train: int = 30, test: int = 12, side: int = 4) -> list[np.ndarray]:
    """Return training images and labels, test images and labels."""
    rng = np.random.default_rng(1)
    parts = []
    for n in (train, test):
        parts += [rng.integers(0, 256, (n, side, side), dtype=np.uint8), np.arange(n, dtype=np.uint8) % 10]
    return parts


def write_folder(folder: Path, parts: list[np.ndarray] | None = None, *, packed: bool = True) -> Path:
    """Write the four files and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(NAMES, parts or small_parts(), strict=True):
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
        else:
            (folder / name).write_bytes(idx(array))
    return folder
