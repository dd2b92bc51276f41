import numpy as np

from insitu.reports.pixels import pick_neurons, tiled, to_pixels


def test_values_return_to_their_pixels():
    mask = np.array([True, False, True, True, False, True])
    image = to_pixels(np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]), mask, (2, 3))
    nan = np.nan
    np.testing.assert_array_equal(image, [[[1, nan, 2], [3, nan, 4]], [[5, nan, 6], [7, nan, 8]]])


def test_tiles_stand_side_by_side():
    tiles = np.arange(1.0, 4.0)[:, None, None] * np.ones((3, 2, 2))
    expected = [[1, 1, 0, 2, 2], [1, 1, 0, 2, 2], [0, 0, 0, 0, 0], [3, 3, 0, 0, 0], [3, 3, 0, 0, 0]]
    np.testing.assert_array_equal(tiled(tiles, 2, fill=0), expected)
    assert tiled(np.zeros((3, 2, 2, 4)), 2).shape == (5, 5, 4)


def test_every_class_gives_its_most_active_neurons():
    kind = np.array([1, 0, 1, -1, 0, 1])
    activity = np.array([5, 2, 9, 0, 7, 1])
    assert pick_neurons(kind, activity, 2).tolist() == [4, 2]
    assert pick_neurons(kind, activity, 3).tolist() == [4, 1, 2]
    assert pick_neurons(kind, activity, 5).tolist() == [4, 1, 2, 0, 5]
    assert pick_neurons(kind, activity, 9).tolist() == [4, 1, 2, 0, 5, 3], "silent neurons come last"
