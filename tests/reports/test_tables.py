import pytest

from insitu.ledger.amount import Amount
from insitu.reports.numbers import large, mean_and_sd, number, spread, typeset
from insitu.reports.results import labelled, results_table
from insitu.reports.study_tables import sweep_table
from insitu.reports.tables import Column, Table, words


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("accuracy", 0.94213, "94.21 %"),
        ("pruned_fraction", 0.75, "75.00 %"),
        ("train_seconds", 12.34, "12.3 s"),
        ("pulses_up", 1234567, "1,234,567"),
        ("images_per_second", 18234.6, "18,235"),
        ("energy", 2.3456e-9, "2.346e-09"),
        ("sd", None, "-"),
        ("done", True, "yes"),
        ("kind", "soft", "soft"),
        ("accuracy", [0.5, {}], "[0.5, {}]"),
    ],
)
def test_results_for_people(key, value, text):
    assert number(key, value) == text


@pytest.mark.parametrize(
    ("key", "values", "text"),
    [
        ("accuracy", [0.9, 0.92], "91.00 ± 1.41 %"),
        ("accuracy", [0.9], "90.00 %"),
        ("transfers", [15, 15], "15"),
        ("pulses_up", [117_435, 117_595], "117,515 ± 113"),
        ("pulses_per_cell", [20.08, 20.1], "20.090 ± 0.014"),
        ("train_seconds", [0.5, 0.7], "0.6 ± 0.1 s"),
        ("words", [], "-"),
        ("device", ["ideal"], "ideal"),
    ],
)
def test_mean_and_spread_as_text(key, values, text):
    assert spread(key, values) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.48912, "0.489"), (12.34, "12.3"), (54_321, "54,300"), (999_999, "1e6"), (1.82e7, "1.82e7"), (5e10, "5e10")],
)
def test_three_digits(value, text):
    assert large(value) == text


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("-", "–"),
        ("-1.5", "−1.5"),
        ("2 uJ (3 nJ to 1 uS)", "2 µJ (3 nJ to 1 µS)"),
        ("1.82e7", "1.82 × 10⁷"),
        ("992 um^2", "992 µm²"),
        ("asic-int8-45nm", "asic-int8-45nm"),
        ("2e-05 to 10", "2e-05 to 10"),
    ],
)
def test_numbers_of_the_page(text, set_):
    assert typeset(text) == set_


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (Column("x", "J"), 2.3e-6, "2.3 uJ"),
        (Column("x", "J"), Amount(1e-9, 2e-9, 3e-9), "2 nJ (1 nJ to 3 nJ)"),
        (Column("x", "J"), Amount(2e-9, 2e-9, 2e-9), "2 nJ"),
        (Column("x"), Amount(1.0, 20_000.0, 3e9), "20,000 (1 to 3e9)"),
        (Column("x", "%"), 0.123, "12.3 %"),
        (Column("x", form="+.2f"), 1.0, "+1.00"),
        (Column("x"), 12_345, "12,345"),
        (Column("x"), False, "no"),
        (Column("x", "J"), None, "-"),
        (Column("x", "J"), "not modelled", "not modelled"),
    ],
)
def test_a_value_in_its_column(column, value, text):
    assert column.text(value) == text


def test_a_table_for_a_file():
    columns = (Column("Name", key="name"), Column("Energy", "J", key="energy"))
    table = Table("t", columns, [("a", Amount(1.0, 2.0, 3.0)), ("b", None)])
    assert table.records() == [
        {"name": "a", "energy": 2.0, "energy_low": 1.0, "energy_high": 3.0},
        {"name": "b", "energy": None},
    ]
    with pytest.raises(ValueError, match="zip"):
        _ = Table("t", columns, [("a",)]).texts


def test_means_of_what_all_rows_have():
    rows = [{"seed": 0, "a": 1, "ok": True}, {"seed": 1, "a": 3, "b": 2.0}]
    mean, sd = mean_and_sd(rows, ("seed",))
    assert (mean, sd) == ({"a": 2.0}, {"a": pytest.approx(2**0.5)})
    assert mean_and_sd(rows[:1])[1] == {"seed": None, "a": None}
    assert mean_and_sd([]) == ({}, {})


def test_results_of_one_group_and_of_several():
    labels = labelled(None, [{"recipe": "r", "accuracy": 0.5, "table": {}}, {"pulses_p50": 3}])
    assert labels == {"accuracy": "accuracy", "pulses_p50": "pulses, median"}
    one, two = [{"accuracy": 0.5}, {"accuracy": 0.7}], [{"accuracy": 0.9}]
    assert results_table("t", {"Result": two}, labels).texts[0] == ["accuracy", "90.00 %"]
    assert results_table("t", {"Result": one}, labels).texts[0] == ["accuracy", "60.00 %", "14.14 %"]
    both = results_table("t", {"A": one, "B": two}, labels)
    assert [column.head for column in both.columns] == ["What", "A", "B"]
    assert both.texts == [["accuracy", "60.00 ± 14.14 %", "90.00 %"], ["pulses, median", "-", "-"]]


def test_a_sweep_has_a_line_a_setting():
    rows = [{"net.n": n, "net.m": "x", "seed": s, "accuracy": 0.5 + s / 10, "gone": 1} for n in (1, 2) for s in (0, 1)]
    del rows[0]["gone"]
    table = sweep_table("t", rows, ("net.n", "net.m"), None, 4)
    assert [column.head for column in table.columns] == ["n", "m", "Seeds", "accuracy"]
    assert table.texts[0] == ["1", "x", "2", "55.00 ± 7.07 %"]
    assert sweep_table("t", [], ("a",), None, 4).texts == []


def test_words_are_aligned_to_the_left():
    assert [column.words for column in words("a", "b")] == [True, True]
