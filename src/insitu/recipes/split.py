"""The images of every recipe that learns from labelled ones: to learn from, held back from that, and of the test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets import Dataset
from insitu.errors import DataError, InputError

Asked = tuple[NDArray[Any], NDArray[np.int64]]  #: features (n, features), 0 to 255, and what they show (n,)


def split(dataset: Dataset, held: int) -> tuple[Asked, Asked, Asked]:
    """Return the images to learn from, the last ``held`` of the training images, and those of the test.

    Raises
    ------
    InputError : holding back so many leaves none to learn from.
    """
    images, labels = dataset.train_images, dataset.train_labels.astype(np.int64)
    first = len(images) - held
    if first <= 0:
        raise InputError(f"data.validation: got {held}; the data set has {len(images)} training {dataset.example}s")
    test = dataset.test_images, dataset.test_labels.astype(np.int64)
    return (images[:first], labels[:first]), (images[first:], labels[first:]), test


def tested_on(result: Mapping[str, Any], test: int, held: int) -> dict[str, int]:
    """Return key -> of how many examples each accuracy in a result is the fraction.

    Parameters
    ----------
    test, held : examples of the test, and those held back from training.
    """
    known = (key for key, value in result.items() if "accuracy" in key and value is not None)
    return {key: held if "validation" in key else test for key in known}


def check_labels(dataset: Dataset) -> None:
    """Raise DataError if all training images have one label."""
    if len(np.unique(dataset.train_labels)) < 2:
        raise DataError(
            f"{dataset.name}: all training {dataset.example}s have one label; there is nothing to tell apart"
        )
