"""A data set from arrays: which classes there are, what is kept for the test, how features are scaled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.classes import check_labels, known_classes, numbered, stratified
from insitu.datasets.dataset import Dataset, Shape
from insitu.datasets.scaling import Scaling
from insitu.errors import DataError, InputError, require_whole

SPLIT_SEED = 2018  #: every run sees the same split, whatever its own seed
_LARGEST = 1e30  #: of a feature, so that no difference of two overflows single precision


def from_arrays(
    name: str,
    X: Any,
    y: Any,
    X_test: Any = None,
    y_test: Any = None,
    *,
    each: bool | None = None,
    seed: int = SPLIT_SEED,
    about: str = "arrays",
    features: tuple[str, ...] = (),
) -> Dataset:
    """Return a data set of images or of rows of a table.

    Parameters
    ----------
    name : for the result and for reports.
    X, X_test : (n, features) rows of a table; (n, height, width) or (n, height, width, colours) images. Rows that hold whole
        numbers up to 255, as many as a square of at least 8 x 8 has pixels, are taken as images.
    y, y_test : (n,) labels: numbers or text, at most 256 different ones. Without a test part, one in five of each class is
        drawn for it.
    each : whether each feature is scaled by its own range in the training part, or all by one. None: each of a table, all
        of images together, and bytes of images not at all.
    seed : of the draw.
    about : where the data came from, for the note. features : what the columns are called.

    Raises
    ------
    DataError : arrays do not fit each other, hold what is no number or no class, or the test has a class of its own.
    """
    if (X_test is None) != (y_test is None):
        raise InputError("X_test and y_test: give both or none; without them a fifth of X is held for the test")
    require_whole("seed", seed, 0, 2**64 - 1)
    train, labels = _checked("X", X, features), check_labels("y", y)
    _same_length("X", train, labels)
    if X_test is None:
        classes = known_classes(labels)
        coded = numbered(classes, labels)
        drawn = stratified(coded, classes, seed)
        parts, codes = (train[~drawn], train[drawn]), (coded[~drawn], coded[drawn])
        how = "one in five of each class held for the test"
    else:
        test, test_labels = _checked("X_test", X_test, features), check_labels("y_test", y_test)
        _same_length("X_test", test, test_labels)
        if train.shape[1:] != test.shape[1:]:
            raise DataError(f"X_test: {_size(test)}, but {_size(train)} in X; the shapes must agree")
        classes = known_classes(labels)
        parts, codes, how = (train, test), (numbered(classes, labels), numbered(classes, test_labels)), ""
    return _built(name, parts, codes, classes, each, [about, *([how] if how else [])])


def arranged(X: NDArray[Any]) -> tuple[NDArray[Any], Shape]:
    """Return X as (n, features), with the shape of an image: its colours side by side, so that any figure can show it."""
    if X.ndim == 2:
        return X, None
    if X.ndim == 4:
        X = np.moveaxis(X, 3, 2) if X.shape[3] > 1 else X[..., 0]
    return np.ascontiguousarray(X).reshape(len(X), -1), X.shape[1:]


def _built(
    name: str,
    parts: tuple[NDArray[Any], NDArray[Any]],
    codes: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    classes: tuple[Any, ...],
    each: bool | None,
    about: list[str],
) -> Dataset:
    """Return the data set of a training and a test part."""
    (train, shape), (test, _) = (arranged(part) for part in parts)
    side = math.isqrt(train.shape[1])
    if shape is None and each is None and _are_pixels(train) and _are_pixels(test, seen=True):
        shape, train, test = (side, side), train.astype(np.uint8), test.astype(np.uint8)
    scaling = None
    if each is not None or shape is None or train.dtype != np.uint8:
        scaling = Scaling.learned(train, each=each if each is not None else shape is None)
        train, test = scaling(train), scaling(test)
    arrays = np.ascontiguousarray(train), codes[0], np.ascontiguousarray(test), codes[1]
    what = f"{train.shape[1]:,} features" if shape is None else "images of " + " x ".join(map(str, shape)) + " pixels"
    counts = f"{len(train):,} to train on and {len(test):,} to test, {what}, {len(classes)} classes"
    note = f"Data: {name} ({counts}), {', '.join(about)}; {_said(scaling)}."
    return Dataset.of(name, arrays, shape, note, classes, scaling)


def _said(scaling: Scaling | None) -> str:
    if scaling is None:
        return "bytes as they are"
    if scaling.low.size > 1:
        return "each feature scaled to its range in the training part"
    return f"scaled by the range of the training part, {scaling.low[0]:g} to {scaling.high[0]:g}"


def _are_pixels(X: NDArray[Any], *, seen: bool = False) -> bool:
    """Return whether rows look like bytes of square images; ``seen``: whether one bright pixel is asked for no more."""
    side = math.isqrt(X.shape[1])
    if side < 8 or side * side != X.shape[1] or not 0 <= X.min() <= X.max() <= 255:
        return False
    return (seen or bool(X.max() > 127)) and (X.dtype.kind in "ui" or bool((np.floor(X) == X).all()))


def _checked(field: str, given: Any, features: tuple[str, ...]) -> NDArray[Any]:
    """Return X as an array of finite numbers of 2, 3 or 4 dimensions; DataError if it is none."""
    try:
        X: NDArray[Any] = np.asarray(given)
    except ValueError:
        raise DataError(f"{field}: rows of different lengths; allowed is one array of numbers") from None
    if X.dtype.kind not in "uifb":
        raise DataError(f"{field}: holds {X.dtype}; allowed are numbers")
    X = X.astype(np.uint8) if X.dtype.kind == "b" else X
    if X.ndim not in (2, 3, 4) or not X.size:
        raise DataError(
            f"{field}: got shape {X.shape}; allowed are rows (n, features), or images (n, height, width) or (n, height, "
            "width, colours), and at least one of them"
        )
    if X.ndim == 4 and X.shape[3] not in (1, 3, 4):
        raise DataError(f"{field}: got shape {X.shape}; colours come last, (n, height, width, 1, 3 or 4)")
    wrong = ~np.isfinite(X) if X.dtype.kind == "f" else np.zeros(0, bool)
    if wrong.any():
        row, *column = (int(at) for at in np.argwhere(wrong)[0])
        where = f"column '{features[column[0]]}'" if features else f"place {', '.join(map(str, column))}"
        raise DataError(
            f"{field}: NaN, infinity or nothing in row {row + 1}, {where}; leave such rows out, or fill them"
        )
    largest = max(-float(X.min()), float(X.max()))
    if largest > _LARGEST:
        raise DataError(f"{field}: the largest value is {largest:g}; allowed is at most {_LARGEST:g}")
    return X


def _same_length(field: str, X: NDArray[Any], y: NDArray[Any]) -> None:
    if len(X) != len(y):
        raise DataError(f"{field}: {len(X)} rows, but {len(y)} labels; the numbers must agree")


def _size(X: NDArray[Any]) -> str:
    return f"{X.shape[1]} features" if X.ndim == 2 else "images of " + " x ".join(map(str, X.shape[1:]))
