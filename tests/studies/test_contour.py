"""Where a noisy loss crosses a limit: with few points, a grid step from the truth."""

import numpy as np
import pytest

from insitu.errors import InputError
from insitu.studies.contour import find
from insitu.studies.maps import DEFAULT, pair_of, pairs_of

SIDE, LIMIT = 16, 0.01


def truth(column, row, bend, place):
    x, y = column / (SIDE - 1), row / (SIDE - 1)
    return 0.5 / (1 + np.exp(-14 * (x + bend * y * y - place)))


def crossing(loss):
    """Return the first column beyond the limit, of each row."""
    return np.array([next((c for c in range(SIDE) if line[c] > LIMIT), SIDE) for line in loss])


@pytest.mark.parametrize(("bend", "place"), [(0.5, 0.9), (-0.4, 0.6), (0.0, 0.7)])
@pytest.mark.parametrize("sd", [1e-4, 1e-3])
def test_a_third_of_the_points_finds_the_contour_to_a_grid_step(bend, place, sd):
    draw = np.random.default_rng(1)
    asked = []

    def evaluate(points):
        asked.extend(points)
        exact = np.array([truth(*point, bend, place) for point in points])
        return exact + sd * draw.standard_normal(len(points)), np.full(len(points), sd)

    found = find(evaluate, SIDE, LIMIT)
    exact = np.array([[truth(c, r, bend, place) for c in range(SIDE)] for r in range(SIDE)])
    assert np.abs(crossing(found.loss) - crossing(exact)).max() <= 1
    assert len(asked) == len(set(asked)) == len(found.points) <= SIDE * SIDE // 3
    assert (found.low <= found.loss).all()
    assert (found.loss <= found.high).all()


def test_the_whole_grid_is_evaluated_once_where_that_is_asked():
    asked = []

    def evaluate(points):
        asked.extend(points)
        return np.array([truth(*point, 0.3, 0.7) for point in points]), np.full(len(points), 1e-4)

    find(evaluate, SIDE, LIMIT, SIDE * SIDE)
    assert sorted(asked) == sorted((c, r) for c in range(SIDE) for r in range(SIDE))


def test_the_scatter_of_large_losses_does_not_hide_small_ones():
    """Errors of a few seeds that grow with the loss: their mean once made all good points look like chance."""
    draw = np.random.default_rng(2)

    def evaluate(points):
        exact = np.array([truth(*point, 0.4, 0.6) for point in points])
        error = 0.002 + 0.08 * exact
        return exact + error * draw.standard_normal(len(points)), error * np.sqrt(draw.chisquare(2, len(points)) / 2)

    exact = np.array([[truth(c, r, 0.4, 0.6) for c in range(SIDE)] for r in range(SIDE)])
    assert np.abs(crossing(find(evaluate, SIDE, 2 * LIMIT).loss / 2) - crossing(exact / 2)).max() <= 1


def test_a_flat_loss_has_no_contour_and_is_looked_at_once_more_at_most():
    found = find(lambda points: (np.zeros(len(points)), np.full(len(points), 1e-4)), SIDE, LIMIT)
    assert (found.loss < LIMIT).all()
    assert len(found.points) <= 25 + 12


def test_points_that_failed_are_left_out():
    def evaluate(points):
        loss = np.array([truth(*point, 0.0, 0.7) for point in points])
        return np.where([point == (0, 0) for point in points], np.nan, loss), np.full(len(points), 1e-4)

    assert np.isfinite(find(evaluate, SIDE, LIMIT).loss).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps", "allowed are two different properties"),
        ("steps,steps", "allowed are two different properties"),
        ("steps,asymetry", "did you mean 'asymmetry'"),
    ],
)
def test_a_pair_that_is_none_is_refused(text, words):
    with pytest.raises(InputError, match=words):
        pair_of(text)


def test_the_usual_pairs_are_those_that_a_device_has():
    assert pairs_of(["range_cv,dead", "default"], "shi2018-cbram") == [*DEFAULT, ("range_cv", "dead")]
    assert pairs_of(["default"], "nandakumar2018-pcm") != list(DEFAULT)
    with pytest.raises(InputError, match="has no such property"):
        pairs_of(["steps,dead"], "shi2018-cbram-binary")
