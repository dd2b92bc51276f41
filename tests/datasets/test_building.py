"""Data sets from arrays: what is kept for the test, how features are scaled, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from own_files import blobs

from insitu.datasets import from_arrays
from insitu.errors import DataError, InputError

X, Y = blobs()
NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)


@given(st.lists(st.integers(0, 5), min_size=4, max_size=60), st.integers(0, 99))
@settings(max_examples=40)
def test_the_split_depends_on_the_seed_alone_and_has_every_class_in_both_parts(labels, seed):
    labels = np.array([*labels, *labels, 0, 0, 1, 1])
    rows = np.arange(len(labels), dtype=float)[:, None]
    one, same = (from_arrays("t", rows, labels, seed=seed) for _ in range(2))
    assert one.sha256 == same.sha256
    for part in (one.train_labels, one.test_labels):
        assert [one.names[k] for k in np.unique(part)] == np.unique(labels).tolist()
    for label in np.unique(labels):
        count = int((np.array(one.names)[one.test_labels] == label).sum())
        assert count == max(1, round((labels == label).sum() / 5))


def test_another_seed_gives_another_split():
    assert len({from_arrays("t", X, Y, seed=seed).sha256 for seed in range(5)}) == 5


@given(arrays(float, (12, 2), elements=NUMBERS), st.floats(1e-3, 1e3), NUMBERS)
@settings(max_examples=40)
def test_scaled_features_do_not_know_the_unit(values, factor, shift):
    values[0], values[1] = -1e3, 1e3  # a range that rounding cannot swamp
    labels = np.arange(12) % 2
    parts = (values[:8], labels[:8], values[8:], labels[8:])
    moved = (factor * parts[0] + shift, parts[1], factor * parts[2] + shift, parts[3])
    one, other = from_arrays("t", *parts), from_arrays("t", *moved)
    np.testing.assert_allclose(one.train_images, other.train_images, atol=1e-2)
    np.testing.assert_allclose(one.test_images, other.test_images, atol=1e-2)


def test_the_scale_is_learned_from_the_training_part_alone():
    train, test = X[:40], X[40:]
    one = from_arrays("t", train, Y[:40], test, Y[40:])
    far = from_arrays("t", train, Y[:40], np.where(test > 0, 1e6, -1e6), Y[40:])
    np.testing.assert_array_equal(one.train_images, far.train_images)
    assert set(np.unique(far.test_images)) == {0.0, 255.0}  # clipped
    assert (one.train_images.min(axis=0) == 0).all()
    assert (one.train_images.max(axis=0) == 255).all()
    assert "each feature scaled to its range in the training part" in one.note


def test_one_range_of_all_keeps_what_features_are_to_each_other():
    one = from_arrays("t", X, Y, each=False)
    low, high = float(one.scaling.low[0]), float(one.scaling.high[0])
    assert (one.train_images.min(), one.train_images.max()) == (0, 255)
    assert f"{low:g} to {high:g}" in one.note
    np.testing.assert_allclose(one.scaling(X), np.clip((X - low) / (high - low), 0, 1) * 255, rtol=1e-6)


def test_labels_keep_their_names():
    words = np.array(["no", "yes", "perhaps"], dtype=object)[Y]
    assert from_arrays("t", X, words).names == ("no", "perhaps", "yes")
    assert from_arrays("t", X, Y * 10 - 5).names == (-5, 5, 15)
    assert from_arrays("t", X, (Y > 0)).names == (False, True)
    assert from_arrays("t", X, Y.astype(float)[:, None]).names == (0, 1, 2)


def test_bytes_of_images_are_left_as_they_are_with_colours_side_by_side():
    images = np.random.default_rng(0).integers(0, 256, (20, 3, 5, 3), dtype=np.uint8)
    one = from_arrays("t", images, np.arange(20) % 2, images, np.arange(20) % 2)
    assert (one.shape, one.picture, one.scaling) == ((3, 3, 5), (3, 15), None)
    np.testing.assert_array_equal(one.train_images.reshape(20, 3, 3, 5)[:, :, 1], images[..., 1])
    grey = from_arrays("t", images[..., :1], np.arange(20) % 2)
    assert (grey.shape, grey.train_images.dtype) == ((3, 5), np.uint8)


def test_rows_of_bytes_of_a_square_are_images_and_others_are_not():
    rows = np.random.default_rng(0).integers(0, 256, (20, 64))
    assert from_arrays("t", rows, np.arange(20) % 2).shape == (8, 8)
    assert from_arrays("t", rows / 255, np.arange(20) % 2).shape is None
    assert from_arrays("t", rows % 17, np.arange(20) % 2).shape is None
    assert from_arrays("t", rows[:, :63], np.arange(20) % 2).shape is None


NAN = np.where(np.arange(240).reshape(60, 4) == 13, np.nan, X)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((NAN, Y), "NaN, infinity or nothing in row 4, place 1"),
        ((X[:, :0], Y), r"got shape \(60, 0\)"),
        ((X[0], Y), r"got shape \(4,\)"),
        ((X.astype(str), Y), "holds <U"),
        (([[1, 2], [3]], [0, 1]), "rows of different lengths"),
        ((X * 1e40, Y), "allowed is at most 1e"),
        ((np.zeros((60, 3, 5, 5)), Y), "colours come last"),
        ((X, Y[:-1]), "60 rows, but 59 labels"),
        ((X, Y * 0), "nothing to tell apart"),
        ((X, Y + 0.5), "the label 0.5 is no class"),
        ((X, np.where(Y == 0, np.nan, Y)), "the label nan is no class"),
        ((X, [None, *Y[1:].astype(str)]), "a label is missing"),
        ((X, np.eye(3)[Y]), r"got shape \(60, 3\); allowed is one label a row"),
        ((np.zeros((600, 2)), np.arange(600) // 2), "300 different ones, from 0 to 299; allowed are 256"),
        ((X, np.r_[Y[:-1], 9]), "one row only is 9"),
        ((X[:40], Y[:40], X[40:], Y[40:] + 1), "3 of the test part is no class of the training part"),
        ((X[:40], Y[:40], X[40:, 1:], Y[40:]), "X_test: 3 features, but 4 features in X"),
    ],
)
def test_what_is_no_data_set_is_refused_in_a_sentence(given, words):
    with pytest.raises(DataError, match=words):
        from_arrays("t", *given)


def test_half_a_test_part_is_refused():
    with pytest.raises(InputError, match="give both or none"):
        from_arrays("t", X, Y, X)
    with pytest.raises(InputError, match="seed: got -1"):
        from_arrays("t", X, Y, seed=-1)
