import csv
import json
import statistics

import pytest

from insitu.studies.swept import Sweep, new_row, summarise, write_rows
from insitu.studies.tables import Judged


def test_a_row_is_the_setting_the_seed_and_all_numbers():
    result = {
        "recipe": "tiny",
        "seed": 7,
        "dataset": "digits",
        "accuracy": 0.5,
        "ok": True,
        "gone": None,
        "ledger": {"learning": {"pulses_up": 3}, "note": "x"},
        "list": [1, 2],
    }
    row = new_row({"learning.rate": 0.1, "array.device": "ideal"}, result)
    assert row == {
        "learning.rate": 0.1,
        "array.device": "ideal",
        "seed": 7,
        "accuracy": 0.5,
        "ledger.learning.pulses_up": 3,
    }
    assert list(row)[:3] == ["learning.rate", "array.device", "seed"]
    assert new_row({"accuracy": "wanted"}, result)["accuracy"] == "wanted"


def test_mean_and_spread_of_each_setting():
    rows = [
        {"k": 1, "seed": 0, "a": 1.0, "b": 5},
        {"k": 1, "seed": 1, "a": 4.0},
        {"k": True, "seed": 0, "a": 2.0},
    ]
    first, second = summarise(rows, ("k",))
    assert first == {"k": 1, "seeds": 2, "mean": {"a": 2.5}, "sd": {"a": statistics.stdev([1.0, 4.0])}}
    assert second == {"k": True, "seeds": 1, "mean": {"a": 2.0}, "sd": {"a": None}}
    assert summarise([], ("k",)) == []


def test_the_table_is_written_as_json_and_csv(tmp_path):
    rows = [{"k": "a, b", "seed": 0, "x": 0.1}, {"k": "c", "seed": 0, "x": float("nan"), "y": 2}]
    write_rows(tmp_path, rows)
    assert json.loads((tmp_path / "rows.json").read_text()) == [rows[0], {**rows[1], "x": None}]
    with open(tmp_path / "rows.csv", newline="") as file:
        found = list(csv.DictReader(file))
    assert found[0] == {"k": "a, b", "seed": "0", "x": "0.1", "y": ""}
    assert found[1]["y"] == "2"
    write_rows(tmp_path, [])
    assert json.loads((tmp_path / "rows.json").read_text()) == []


@pytest.mark.parametrize(("results", "what"), [
    ([{"example": "image"}], "test images named correctly"),
    ([{"example": "example"}] * 2, "test examples named correctly"),  # rows of a table
    ([{"example": "image"}, {"example": "word"}], "test examples named correctly"),
    ([{}], "test images named correctly"),  # an older insitu, which knew images alone
])  # fmt: skip
def test_what_a_study_looks_at_is_told_in_the_words_of_the_data(results, what, tmp_path):
    sweep = Sweep("cristiano2018", "flowers", (), [{}] * len(results), results, [], [], tmp_path)
    assert sweep.in_words(Judged("accuracy", "test images named {how}")).named() == what


def test_a_part_of_a_sweep_has_its_rows_and_results(tmp_path):
    rows = [{"case": name, "x": x, "seed": seed} for name, x in (("ideal", None), ("map", 1)) for seed in (0, 1)]
    sweep = Sweep("tiny", "digits", ("case", "x"), rows, [{"n": n} for n in range(4)], [], [], tmp_path)
    part = sweep.only(case="map", seed=1)
    assert (part.rows, part.results) == ([rows[3]], [{"n": 3}])
    assert sweep.only(x=None).rows == rows[:2]
    assert sweep.only(case="none").rows == []
