"""Labels of any kind as numbers from 0, and which of them are kept for the test."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.dataset import CLASSES
from insitu.errors import DataError
from insitu.random import permutation

_TEST = 5  #: one in so many of each class


def check_labels(field: str, given: Any) -> NDArray[Any]:
    """Return labels as (n,) whole numbers, truth values or text; DataError if they are none."""
    y: NDArray[Any] = np.asarray(given)
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if y.ndim != 1:
        raise DataError(f"{field}: got shape {y.shape}; allowed is one label a row, (n,)")
    if y.dtype.kind == "O":
        if not all(isinstance(label, str) for label in y):
            raise DataError(
                f"{field}: a label is missing, or not all are text; allowed are all text or all whole numbers"
            )
        return y.astype(str)
    if y.dtype.kind == "f":
        y = y.astype(np.float64)  # half precision has no 2**53
        wrong = y[~(np.isfinite(y) & (y == np.floor(y)) & (np.abs(y) < 2**53))]
        if wrong.size:
            raise DataError(f"{field}: the label {wrong[0]:g} is no class; allowed are whole numbers or text")
        return y.astype(np.int64)
    if y.dtype.kind not in "uibU":
        raise DataError(f"{field}: labels are {y.dtype}; allowed are whole numbers or text")
    return y


def known_classes(labels: NDArray[Any]) -> tuple[Any, ...]:
    """Return the different labels in order; DataError if there are fewer than 2 or too many."""
    found = np.unique(labels).tolist()
    if len(found) < 2:
        raise DataError(
            f"labels: all are {found[0]!r}; there is nothing to tell apart" if found else "labels: there are none"
        )
    if len(found) > CLASSES:
        raise DataError(
            f"labels: {len(found):,} different ones, from {found[0]!r} to {found[-1]!r}; allowed are {CLASSES}"
        )
    return tuple(found)


def numbered(classes: tuple[Any, ...], labels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the number of each label (n,) among the classes; DataError if one is none of them."""
    number = {label: at for at, label in enumerate(classes)}
    strange = [label for label in np.unique(labels).tolist() if label not in number]
    if strange:
        some = ", ".join(map(repr, strange[:3])) + (", ..." if len(strange) > 3 else "")
        raise DataError(f"labels: {some} of the test part is no class of the training part; learn from each class")
    return np.array([number[label] for label in labels.tolist()], np.uint8)


def stratified(numbers: NDArray[np.uint8], classes: tuple[Any, ...], seed: int) -> NDArray[np.bool_]:
    """Return which rows (n,) are kept for the test: one in five of each class, at least one, in an order drawn by seed."""
    order, test = permutation(seed, len(numbers), 0), np.zeros(len(numbers), bool)
    for number, label in enumerate(classes):
        rows = order[numbers[order] == number]
        if len(rows) < 2:
            raise DataError(f"labels: one row only is {label!r}; each class needs two, to learn from and to test")
        test[rows[: max(1, round(len(rows) / _TEST))]] = True
    return test
