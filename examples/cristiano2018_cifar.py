"""The third system on colour images: its layers over features that were learned without labels.

    python examples/cristiano2018_cifar.py --data cifar10 [--seeds 3] [--quick]

What the paper did with CIFAR, last layers in memory, here over the features of A. Coates, H. Lee and A. Y. Ng, "An analysis
of single-layer networks in unsupervised feature learning" (2011): patches, their contrast normalised, whitened; k-means; how
much nearer than the mean of all centres each centre is to a patch, summed over each quarter of the image. No label is used.
All constants are theirs or ours; the network of the paper is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from common import begin
from numpy.typing import NDArray
from rich.progress import track
from sklearn.cluster import MiniBatchKMeans

import insitu
from insitu import datasets

Floats = NDArray[np.float32]

DRAWN = 100_000  #: patches that centres are learned from
AT_ONCE = 4  #: images whose distances are in the cache at once
SETTINGS = {"network.hidden": [], "training.epochs": 8, "training.rate": 0.003}


@dataclass(frozen=True)
class Features:
    """Centres (n, pixels of a patch) of patches that are whitened: ``(patch - mean) @ whitening``."""

    side: int
    mean: Floats
    whitening: Floats
    centres: Floats

    def patches(self, images: NDArray[np.uint8]) -> Floats:
        """Return the whitened patches (n, rows, columns, pixels) of images (n, height, width, colours)."""
        return (normalised(cut(images, self.side)) - self.mean) @ self.whitening

    def of(self, images: NDArray[np.uint8]) -> Floats:
        """Return the features (n, 4 centres) of images (n, height, width, colours)."""
        norms = (self.centres**2).sum(1)
        found = np.empty((len(images), 4 * len(self.centres)), np.float32)
        for start in track(range(0, len(images), AT_ONCE), f"features of {len(images):,} images"):
            patches = self.patches(images[start : start + AT_ONCE])
            near = patches @ self.centres.T
            near *= -2
            near += norms + (patches**2).sum(-1, keepdims=True)
            np.sqrt(np.maximum(near, 0, out=near), out=near)
            near = np.maximum(near.mean(-1, keepdims=True) - near, 0, out=near)
            half = -(-near.shape[1] // 2)
            quarters = np.add.reduceat(np.add.reduceat(near, [0, half], axis=1), [0, half], axis=2)
            found[start : start + AT_ONCE] = quarters.reshape(len(quarters), -1)
        return found


def upright(images: NDArray[Any], shape: tuple[int, ...] | None) -> NDArray[np.uint8]:
    """Return images (n, features) as (n, height, width, colours); colours stand side by side in a row of ``shape``."""
    if shape is None:
        raise SystemExit("error: --data: is a table; allowed are images")
    height, width = shape[0], shape[-1]
    return np.ascontiguousarray(images.reshape(len(images), height, -1, width).swapaxes(2, 3)).astype(np.uint8)


def cut(images: NDArray[np.uint8], side: int) -> Floats:
    """Return all patches (n, rows, columns, pixels of a patch) of images (n, height, width, colours)."""
    patches = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))
    return patches.reshape(*patches.shape[:3], -1).astype(np.float32)


def normalised(patches: Floats) -> Floats:
    """Return patches (..., pixels) of mean 0 and variance 1, but for those without contrast."""
    patches = patches - patches.mean(-1, keepdims=True)
    return patches / np.sqrt(patches.var(-1, keepdims=True) + 10)


def learned(images: NDArray[np.uint8], side: int, centres: int) -> Features:
    """Return features learned from patches drawn from images (n, height, width, colours)."""
    rng = np.random.default_rng(0)
    which = np.sort(rng.integers(0, len(images), DRAWN))
    places = np.array(images.shape[1:3]) - side + 1
    rows, columns = (rng.integers(0, count, DRAWN) for count in places)
    squares = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))
    patches = normalised(squares[which, rows, columns].reshape(DRAWN, -1).astype(np.float32))
    mean = patches.mean(0)
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    whitening = ((vectors / np.sqrt(values + 0.1)) @ vectors.T).astype(np.float32)
    found = MiniBatchKMeans(centres, batch_size=10_000, max_iter=40, n_init=1, random_state=0).fit(
        (patches - mean) @ whitening
    )
    return Features(side, mean, whitening, found.cluster_centers_.astype(np.float32))


def main() -> None:
    example = begin(__doc__, "cristiano2018-cifar")
    data = example.dataset
    images, asked = (upright(part, data.shape) for part in (data.train_images, data.test_images))
    features = learned(images, 6, 24 if example.quick else 1000)
    made = datasets.from_arrays(
        data.name,
        features.of(images),
        data.train_labels,
        features.of(asked),
        data.test_labels,
        each=True,
        about="features",
    )
    options = {"data": made, "set": SETTINGS, "out": example.out, "quiet": example.quick}
    runs = [insitu.run("cristiano2018", seed=seed, **options) for seed in range(example.seeds)]
    for name, key in (("its twin in floating point", "float_accuracy"), ("in memory", "accuracy")):
        found = 100 * np.array([run.result[key] for run in runs])
        print(f"{name}: accuracy {found.mean():.2f} +- {found.std(ddof=len(found) > 1):.2f} %")


if __name__ == "__main__":
    main()
