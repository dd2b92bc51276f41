"""What a data set is: images or tables, labels, where they came from."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.scaling import Scaling
from insitu.errors import DataError, require_whole
from insitu.random import permutation

Shape = tuple[int, ...] | None  #: of an image: (height, width), or (height, colours, width); None is a row of a table
#: training images and labels, test images and labels
Parts = tuple[NDArray[Any], NDArray[np.uint8], NDArray[Any], NDArray[np.uint8]]
CLASSES = 256  #: the most
_DRAW = 2018  #: seed of the order in which images are left out, whatever the seed of a run


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images or rows of a table, split into a training and a test part.

    Parameters
    ----------
    name : ``mnist`` and other names of :data:`insitu.datasets.named.NAMES`, ``idx`` (other images in MNIST's file format), or
        the name of a file or folder.
    train_images, test_images : (n, features) uint8 or float32, from 0, which is background, to 255.
    train_labels, test_labels : (n,) uint8 classes.
    shape : of an image in pixels, (height, width); colours stand side by side, (height, colours, width). None: a table.
    sha256 : hash of everything above but the name, see :func:`fingerprint`.
    note : one sentence that says where the data came from; a run prints it first.
    names : what the classes are called, one a class; none are 0, 1, 2 ...
    scaling : from what the file holds to the features; None where they are the bytes of the file.
    """

    name: str
    train_images: NDArray[Any]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[Any]
    test_labels: NDArray[np.uint8]
    shape: Shape
    sha256: str
    note: str
    names: tuple[Any, ...] = ()
    scaling: Scaling | None = None

    @classmethod
    def of(
        cls,
        name: str,
        parts: Parts,
        shape: Shape,
        note: str,
        names: tuple[Any, ...] = (),
        scaling: Scaling | None = None,
    ) -> Dataset:
        """Return the data set of training images and labels, test images and labels, with their hash."""
        return cls(name, *parts, shape, fingerprint(shape, *parts), note, names, scaling)

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            images, labels = getattr(self, f"{part}_images"), getattr(self, f"{part}_labels")
            if images.dtype not in (np.uint8, np.float32) or labels.dtype != np.uint8:
                raise DataError(
                    f"{part} set: images are {images.dtype} and labels {labels.dtype}; images must be uint8 or float32 "
                    "from 0 to 255 and labels must be uint8, as insitu.datasets.from_arrays makes them"
                )
            wanted = "features" if self.shape is None else " x ".join(map(str, self.shape))
            if images.ndim != 2 or (self.shape is not None and images.shape[1] != math.prod(self.shape)):
                raise DataError(f"{part} images: got shape {images.shape}; must be (n, {wanted})")
            if labels.shape != images.shape[:1]:
                raise DataError(f"{part} set: {len(images)} images but {labels.size} labels; the numbers must agree")
            if not images.size:
                raise DataError(f"{part} set: no images; at least one is needed")
            if images.dtype == np.float32 and not (images.min() >= 0 and images.max() <= 255):
                raise DataError(f"{part} images: hold NaN, or numbers below 0 or above 255; from_arrays scales them")
        if self.train_images.shape[1] != self.test_images.shape[1]:
            raise DataError(
                f"images: {self.train_images.shape[1]} features to train on, {self.test_images.shape[1]} to test"
            )

    @property
    def classes(self) -> int:
        """How many classes there are, if they are numbered from 0."""
        return len(self.names) or 1 + int(max(self.train_labels.max(), self.test_labels.max()))

    @property
    def example(self) -> str:
        """What one of it is called: an ``image``, or an ``example``, the row of a table."""
        return "example" if self.shape is None else "image"

    @property
    def picture(self) -> tuple[int, int] | None:
        """(height, width) of an image as a grey picture, colours side by side; None for a table."""
        return None if self.shape is None else (self.shape[0], math.prod(self.shape[1:]))

    def called(self, number: int) -> str:
        """Return what a class is called."""
        return "–" if number < 0 else str(self.names[number] if self.names else number)

    def reduced(self, examples: int) -> Dataset:
        """Return it with so many of the training images, drawn once and for all; InputError if it has fewer."""
        require_whole("examples", examples, 1, len(self.train_images))
        kept = np.sort(permutation(_DRAW, len(self.train_images), 0)[:examples])
        parts = self.train_images[kept], self.train_labels[kept], self.test_images, self.test_labels
        note = f"{self.note.removesuffix('.')}; {examples:,} of them to train."
        return Dataset.of(self.name, parts, self.shape, note, self.names, self.scaling)

    def record(self) -> dict[str, Any]:
        """Return what a run has to keep to take new data as the file has them, and answer by name: JSON types."""
        scaling = {} if self.scaling is None else {"scaling": self.scaling.as_dict()}
        return scaling | ({"shape": list(self.shape or ()), "names": list(self.names)} if self.names else {})


def fingerprint(shape: Shape, *arrays: NDArray[Any]) -> str:
    """Return the SHA-256 of the image shape and of every array with its shape, as hexadecimal digits."""
    digest = hashlib.sha256(repr(None if shape is None else tuple(shape)).encode())
    for array in arrays:
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
