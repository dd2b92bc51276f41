"""The embedded data set: 1,797 scanned digits of 8 x 8 pixels that come with scikit-learn, no network needed."""

from __future__ import annotations

import numpy as np

from insitu.datasets.building import SPLIT_SEED
from insitu.datasets.dataset import Dataset
from insitu.random import permutation

_ENLARGED = 3  #: each pixel of the scan becomes this many squared


def load_digits(why: str | None = None) -> Dataset:
    """Return scikit-learn's digits, split by class into 1,437 for training and 360 for testing.

    Each pixel is drawn as 3 x 3 equal ones, which makes images about as large as those of MNIST (24 x 24), so that
    constants tuned there serve here; its 0..16 are stretched to 0..255. Every fifth image of a class, in an order drawn
    once and for all, is a test image.

    Parameters
    ----------
    why : a sentence on why MNIST is not used, without its full stop; it becomes part of the note.

    References
    ----------
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998 (its
    test part).
    """
    from sklearn import datasets

    raw, target = datasets.load_digits(return_X_y=True)
    small = np.rint(raw.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    images = np.kron(small, np.ones((_ENLARGED, _ENLARGED), np.uint8)).reshape(len(small), -1)
    labels = target.astype(np.uint8)
    drawn = permutation(SPLIT_SEED, len(labels), 0)
    by_class = drawn[np.argsort(labels[drawn], kind="stable")]
    test = np.zeros(len(labels), bool)
    test[by_class[::5]] = True
    parts = images[~test], labels[~test], images[test], labels[test]
    about = "the 1,797 digits of 8 x 8 pixels embedded in scikit-learn (1,437 to train, 360 to test)"
    note = f"Data: {why}; using {about}." if why else f"Data: {about}."
    return Dataset.of("digits", parts, (8 * _ENLARGED, 8 * _ENLARGED), note)
