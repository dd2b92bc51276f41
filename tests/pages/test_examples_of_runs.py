"""What the examples of a run are called, and what so many of them tell of an accuracy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_runs import make_run

from insitu.pages.loading import Group, load_run
from insitu.pages.results import card, main_table
from insitu.reports.examples import error_of, examples_behind, with_error, worded
from insitu.reports.results import labelled, results_table
from insitu.reports.storage import storage_table

RUN = {
    "accuracy": 0.9,
    "validation_accuracy": 0.8,
    "pulses_up": 7,
    "tested": {"accuracy": 400, "validation_accuracy": 100},
}
LABELS = {"accuracy": "test images named correctly", "validation_accuracy": "held back", "pulses_up": "pulses"}


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_the_error_is_half_of_wilsons_interval(examples, share):
    """Its ends are the shares p' from which what was found is one standard error away."""
    error = error_of(share, examples)
    middle = (share + 0.5 / examples) / (1 + 1 / examples)
    for end in (middle - error, middle + error):
        inside = min(max(end, 0.0), 1.0)
        assert end == pytest.approx(inside, abs=1e-9)
        assert abs(share - inside) == pytest.approx(math.sqrt(inside * (1 - inside) / examples), abs=1e-6)


def test_of_many_examples_it_is_the_binomial_error():
    assert error_of(0.9, 10_000) == pytest.approx(math.sqrt(0.9 * 0.1 / 10_000), rel=1e-3)
    assert error_of(1.0, 100) > 0


def test_a_single_run_has_the_error_of_its_test():
    table = results_table("t", {"Result": [RUN]}, LABELS)
    assert table.texts == [
        ["test images named correctly", "90.00 ± 1.50 %"],
        ["held back", "80.00 ± 3.99 %"],
        ["pulses", "7"],
    ]
    assert table.note == "± is the standard error of the 100 to 400 images tested, and knows nothing of other seeds."


def test_several_seeds_have_their_spread_and_an_older_run_nothing():
    several = results_table("t", {"Result": [RUN, RUN | {"accuracy": 0.94}]}, LABELS)
    assert several.texts[0] == ["test images named correctly", "92.00 %", "2.83 %"]
    assert not several.note
    older = results_table("t", {"Result": [{"accuracy": 0.9}]}, LABELS)
    assert (older.texts[0][1], older.note) == ("90.00 %", "")
    assert examples_behind({"tested": {"accuracy": "many"}}, "accuracy") is None
    assert with_error("accuracy", None, 400) == "-"


def test_runs_beside_each_other_have_an_error_each():
    table = results_table("t", {"a": [RUN], "b": [{"pulses_up": 3}]}, LABELS)
    assert table.texts[0][1:] == ["90.00 ± 1.50 %", "-"]


def test_tests_after_storage_have_it_too():
    table = storage_table([RUN | {"storage": [{"seconds": 10.0, "accuracy": 0.5}]}], LABELS)
    assert table is not None
    assert table.texts == [["not stored", "90.00 ± 1.50 %"], ["10 s", "50.00 ± 2.50 %"]]


def test_the_page_of_a_single_run_says_what_its_error_is(tmp_path):
    run = load_run(make_run(tmp_path, accuracy=0.9, example="example", tested={"accuracy": 400}))
    group = Group("", (run,), {})
    shown = card(group)
    assert shown is not None
    assert shown.value == "90.00 ± 1.50 %"
    assert shown.note.startswith("one seed, so no spread; ± is the standard error of the 400 examples tested")
    assert shown.what == "test examples named correctly"
    assert "400 examples tested" in main_table([group]).note


@pytest.mark.parametrize(
    ("text", "example", "says"),
    [
        ("test images named correctly", "example", "test examples named correctly"),
        ("training pulses, an image", "example", "training pulses, an example"),
        ("An image", "word", "A word"),
        ("Test images named wrongly", "word", "Test words named wrongly"),
        ("Images", "example", "Examples"),
        ("test images named correctly", "image", "test images named correctly"),
        ("an image of an older insitu", None, "an image of an older insitu"),
        ("no pilgrimage", "example", "no pilgrimage"),
    ],
)
def test_words_follow_the_data(text, example, says):
    assert worded(text, example) == says


def test_labels_follow_the_data_of_all_runs():
    assert labelled(LABELS, [RUN | {"example": "example"}])["accuracy"] == "test examples named correctly"
    mixed = [RUN | {"example": "image"}, RUN | {"example": "example"}]
    assert labelled(LABELS, mixed)["accuracy"] == "test examples named correctly"
    assert labelled(LABELS, [RUN])["accuracy"] == "test images named correctly"
    assert "example" not in labelled(None, [{"example": "image", "accuracy": 0.5}])
