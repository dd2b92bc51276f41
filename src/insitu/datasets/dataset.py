"""What a data set is: images, labels, where they came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.errors import DataError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled grey images, split into a training and a test part.

    Parameters
    ----------
    name : ``mnist``, ``digits``, or ``idx`` (other images in MNIST's file format).
    train_images, test_images : (n, pixels) uint8, 0 is background.
    train_labels, test_labels : (n,) uint8 classes.
    shape : (height, width) of an image in pixels.
    sha256 : hash of everything above but the name, see :func:`fingerprint`.
    note : one sentence that says where the data came from; a run prints it first.
    """

    name: str
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]
    shape: tuple[int, int]
    sha256: str
    note: str

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            images, labels = getattr(self, f"{part}_images"), getattr(self, f"{part}_labels")
            if images.dtype != np.uint8 or labels.dtype != np.uint8:
                raise DataError(f"{part} set: images are {images.dtype} and labels {labels.dtype}; both must be uint8")
            if images.ndim != 2 or images.shape[1] != self.shape[0] * self.shape[1]:
                raise DataError(
                    f"{part} images: got shape {images.shape}; must be (n, {self.shape[0]} x {self.shape[1]})"
                )
            if labels.shape != images.shape[:1]:
                raise DataError(f"{part} set: {len(images)} images but {labels.size} labels; the numbers must agree")
            if not len(images):
                raise DataError(f"{part} set: no images; at least one is needed")

    @property
    def classes(self) -> int:
        """How many classes there are, if they are numbered from 0."""
        return 1 + int(max(self.train_labels.max(), self.test_labels.max()))


def fingerprint(shape: tuple[int, int], *arrays: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of the image shape and of every array with its shape, as hexadecimal digits."""
    digest = hashlib.sha256(repr(tuple(shape)).encode())
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
