import dataclasses

import numpy as np
import pytest

from insitu.datasets import load_digits
from insitu.datasets.dataset import fingerprint
from insitu.errors import DataError

DIGITS = load_digits()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"train_images": DIGITS.train_images.astype(float)}, "must be uint8"),
        ({"train_labels": DIGITS.train_labels[1:]}, "1437 images but 1436 labels"),
        ({"test_images": DIGITS.test_images[:, 1:]}, r"got shape \(360, 575\)"),
        ({"test_images": DIGITS.test_images[:0], "test_labels": DIGITS.test_labels[:0]}, "no images"),
    ],
)
def test_a_data_set_at_odds_with_itself_is_refused(change, words):
    with pytest.raises(DataError, match=words):
        dataclasses.replace(DIGITS, **change)


def test_the_fingerprint_tells_content_order_and_shape_apart():
    a, b = np.arange(4, dtype=np.uint8), np.arange(6, dtype=np.uint8)
    prints = {
        fingerprint((2, 2), a, b),
        fingerprint((2, 2), b, a),
        fingerprint((4, 1), a, b),
        fingerprint((2, 2), a.reshape(2, 2), b),
        fingerprint((2, 2), a, b + np.uint8(1)),
    }
    assert len(prints) == 5
    assert fingerprint((2, 2), a, b) == fingerprint((2, 2), a.copy(), b.copy())
