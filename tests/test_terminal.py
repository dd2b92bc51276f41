import io
import json

import numpy as np
import pytest
from rich.console import Console

from insitu import terminal

RUN = {
    "recipe": "tiny",
    "seed": 0,
    "dataset": "mnist",
    "accuracy": 0.9421,
    "pulses_up": 1234567,
    "detail": {"hidden": 1},
    "run": "runs/x",
}


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
    ],
)
def test_numbers_for_people(key, value, text):
    assert terminal.number(key, value) == text


def _shown(function, *arguments) -> str:
    text = io.StringIO()
    function(Console(file=text, width=90), *arguments)
    return text.getvalue()


def test_labels_choose_rows_words_and_order():
    shown = _shown(
        terminal.show_run, RUN, {"pulses_up": "Pulses that raise", "accuracy": "Digits recognised", "no": "x"}
    )
    assert shown.index("Pulses that raise") < shown.index("Digits recognised")
    assert "94.21 %" in shown
    assert "Run folder: runs/x" in shown
    assert "hidden" not in shown


def test_without_labels_every_plain_value_is_a_row():
    shown = _shown(terminal.show_run, RUN, None)
    assert "pulses up" in shown
    assert "detail" not in shown


def test_an_error_is_one_line(capsys):
    terminal.error("a\n  b")
    assert capsys.readouterr() == ("", "error: a b\n")


def test_json_is_one_standard_object(capsys):
    terminal.emit_json({"a": np.float64("nan"), "b": np.int64(3), "c": "é"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": None, "b": 3, "c": "é"}
    assert out.isascii()
