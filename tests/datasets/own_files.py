"""Small data of a person's own, in each of the forms that are taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def blobs(each: int = 20, classes: int = 3, features: int = 4, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return rows around one centre a class, and their class, mixed."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(classes), each)
    X = rng.normal(0, 4, (classes, features))[y] + rng.normal(0, 0.5, (len(y), features))
    order = rng.permutation(len(y))
    return X[order], y[order]


def write_csv(path: Path, header: str, X: np.ndarray, y: np.ndarray, names: str = "abcdefgh") -> Path:
    """Write a table whose last column is text."""
    rows = [",".join([*map(repr, row.tolist()), names[label]]) for row, label in zip(X, y, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def write_images(folder: Path, colours: int = 3, each: int = 10, side: int = 6) -> np.ndarray:
    """Write a folder of two class folders, dark and bright, and return all images in the order of their names."""
    rng, images = np.random.default_rng(2), []
    for name, level in (("bright", 200), ("dark", 40)):
        (folder / name).mkdir(parents=True)
        for n in range(each):
            shape = (side, side, 3) if colours == 3 else (side, side)
            images.append(rng.integers(level - 40, level + 40, shape, dtype=np.uint8))
            Image.fromarray(images[-1]).save(folder / name / f"{n:02}.png")
    return np.array(images)
