"""What every recipe that learns from labelled images asks of its data."""

from __future__ import annotations

import numpy as np

from insitu.datasets import Dataset
from insitu.errors import DataError, InputError


def check_held_back(dataset: Dataset, held: int) -> None:
    """Raise InputError if holding back ``held`` training images leaves none to learn from."""
    if held >= len(dataset.train_images):
        raise InputError(f"data.validation: got {held}; the data set has {len(dataset.train_images)} training images")


def check_labels(dataset: Dataset) -> None:
    """Raise DataError if all training images have one label."""
    if len(np.unique(dataset.train_labels)) < 2:
        raise DataError(f"{dataset.name}: all training images have one label; there is nothing to tell apart")
