import numpy as np
from sklearn import datasets

from insitu.datasets import load_digits


def test_size_type_and_range():
    digits = load_digits()
    assert digits.name == "digits"
    assert digits.shape == (24, 24)
    assert digits.train_images.shape == (1437, 576)
    assert digits.test_images.shape == (360, 576)
    assert digits.train_images.dtype == digits.train_labels.dtype == np.uint8
    assert digits.train_images.max() == 255
    assert digits.train_images.min() == 0


def test_every_image_is_used_once_with_its_label():
    digits = load_digits()
    raw, labels = datasets.load_digits(return_X_y=True)
    enlarged = np.r_[digits.train_images, digits.test_images].reshape(-1, 8, 3, 8, 3)
    np.testing.assert_array_equal(enlarged, np.broadcast_to(enlarged[:, :, :1, :, :1], enlarged.shape))
    scans = enlarged[:, :, 0, :, 0].reshape(-1, 64).astype(float)
    classes = np.r_[digits.train_labels, digits.test_labels]
    ours = [(round(x / 255 * 16), int(c)) for x, c in zip(scans @ np.arange(64), classes, strict=True)]
    theirs = [(round(x), int(label)) for x, label in zip(raw @ np.arange(64), labels, strict=True)]
    # 0..16 rounds to 0..255 within half a step, so weighted sums agree to 64 * 63 / 2 * 16 / 510
    assert len(ours) == len(theirs) == 1797
    for label in range(10):
        mine, true = (np.sort([value for value, other in rows if other == label]) for rows in (ours, theirs))
        assert mine.shape == true.shape
        assert np.abs(mine - true).max() <= 64


def test_the_split_is_stratified_and_always_the_same():
    first, second = load_digits(), load_digits()
    assert first.sha256 == second.sha256 == "2c27a310edd19948d6d7f2d64d506cd58d1b3ca33468f8b769c1901ae043dbb9"
    np.testing.assert_array_equal(first.test_images, second.test_images)
    share = np.bincount(first.test_labels) / np.bincount(np.r_[first.train_labels, first.test_labels])
    assert np.all(np.abs(share - 0.2) < 0.006)


def test_the_note_says_why():
    note = load_digits("MNIST was not found, because the cable is out").note
    assert note.startswith("Data: MNIST was not found, because the cable is out; using the 1,797 digits")
    assert "MNIST" not in load_digits().note
