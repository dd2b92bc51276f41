import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insitu.datasets import braille
from insitu.errors import InputError

WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10)


def test_letters_are_those_of_the_standard():
    """Spot checks of each decade, and w, which French had no need for."""
    wanted = {"a": "1", "j": "245", "k": "13", "t": "2345", "u": "136", "z": "1356", "w": "2456", "q": "12345"}
    assert {letter: "".join(sorted(braille.DOTS[letter])) for letter in wanted} == wanted
    assert len(braille.DOTS) == len({"".join(sorted(dots)) for dots in braille.DOTS.values()}) == 26


@given(st.lists(WORD, min_size=1, max_size=5, unique=True))
def test_words_come_back(words):
    patterns = braille.encode(words)
    assert patterns.shape == (len(words), 60)
    assert set(np.unique(patterns)) <= {-1, 1}
    assert [braille.decode(pattern).strip() for pattern in patterns] == words


def test_capitals_are_small_letters_and_unknown_dots_are_a_question_mark():
    np.testing.assert_array_equal(braille.encode(["Turing"]), braille.encode(["turing"]))
    assert braille.decode(np.array([-1, -1, 1, 1, -1, -1])) == "?"


def test_distortion_flips_as_many_dots_as_it_says():
    patterns = np.tile(braille.encode(braille.NAMES), (500, 1))
    for flip in (0.0, 0.1, 0.5, 1.0):
        rate = (braille.distort(patterns, flip, seed=3) != patterns).mean()
        assert rate == pytest.approx(flip, abs=4 * (flip * (1 - flip) / patterns.size) ** 0.5 + 1e-12)
    changed = (braille.distort(patterns, (0.1, 0.4), seed=3) != patterns).mean(axis=1)
    assert changed.mean() == pytest.approx(0.25, abs=0.01)
    assert changed.std() > 0.09  # one probability a pattern, not one for all


def test_erased_cells_are_empty_and_no_others():
    patterns = np.ones((200, 60), np.float32)
    cells = braille.distort(patterns, 0.0, erased=3, seed=1).reshape(200, 10, 6)
    empty = (cells == -1).all(axis=2)
    assert (empty.sum(axis=1) == 3).all()
    assert (cells[~empty] == 1).all()
    assert (empty.mean(axis=0) > 0.1).all()  # every cell is hit now and then


def test_distortion_is_a_function_of_its_address():
    patterns = braille.encode(braille.NAMES)
    again = [braille.distort(patterns, 0.3, seed=1, batch=b) for b in (0, 0, 1)]
    np.testing.assert_array_equal(again[0], again[1])
    assert (again[0] != again[2]).any()


@pytest.mark.parametrize(
    ("words", "cells", "message"),
    [
        (["turing", "hop per"], 10, "'hop per' has the character ' '; allowed are the letters a to z"),
        (["knuth7"], 10, "the character '7'"),
        (["gödel"], 10, "the character 'ö'"),
        ([""], 10, "no letter at all"),
        (["washington"], 9, "has 10 letters but there are 9 cells; raise data.cells"),
        (["turing", "hopper", "Turing"], 10, "'turing' is there 2 times"),
        ([], 10, "at least one word"),
        ("turing", 10, "a list of at least one word"),
        (["turing"], 0, "cells: got 0"),
    ],
)
def test_words_that_cannot_be_written(words, cells, message):
    with pytest.raises(InputError, match=message):
        braille.encode(words, cells)


@pytest.mark.parametrize("flip", [-0.1, 1.5, float("nan"), (0.1, 2.0)])
def test_probabilities_outside_0_to_1(flip):
    with pytest.raises(InputError, match=r"flip: got .* allowed is a number from 0 to 1"):
        braille.distort(braille.encode(["a"]), flip)


def test_too_many_erased_cells():
    with pytest.raises(InputError, match="erased: got 11; allowed is a whole number from 0 to 10"):
        braille.distort(braille.encode(["a"]), 0.1, erased=11)


def test_the_words_as_a_data_set():
    found = braille.as_dataset(["turing", "hopper"])
    assert found.name == "braille"
    assert found.train_images.shape == (2, 60)
    assert "turing, hopper" in found.note
    assert found.sha256 != braille.as_dataset(["turing", "knuth"]).sha256
