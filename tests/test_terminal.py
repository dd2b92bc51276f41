import io
import json

import numpy as np

from insitu import terminal
from insitu.reports.tables import Column, Table, words

RUN = {
    "recipe": "tiny",
    "seed": 0,
    "dataset": "mnist",
    "accuracy": 0.9421,
    "pulses_up": 1234567,
    "detail": {"hidden": 1},
    "run": "runs/x",
}


def _shown(function, *arguments) -> str:
    text = io.StringIO()
    function(terminal.console(file=text, width=90), *arguments)
    return text.getvalue()


def test_labels_choose_rows_words_and_order():
    shown = _shown(
        terminal.show_result, [RUN], {"pulses_up": "Pulses that raise", "accuracy": "Digits recognised", "no": "x"}
    )
    assert shown.index("Pulses that raise") < shown.index("Digits recognised")
    assert "94.21 %" in shown
    assert "Run folder: runs/x" in shown
    assert "hidden" not in shown


def test_without_labels_every_plain_value_is_a_row():
    shown = _shown(terminal.show_result, [RUN], None)
    assert "pulses up" in shown
    assert "detail" not in shown


def test_several_seeds_have_mean_and_spread():
    shown = _shown(terminal.show_result, [RUN, RUN | {"seed": 1, "accuracy": 0.9621, "run": "runs/y"}], None)
    assert "tiny on mnist, 2 seeds" in shown
    assert next(line.split() for line in shown.splitlines() if "accuracy" in line)[1:] == ["95.21", "%", "1.41", "%"]
    assert "Run folder: runs/x\nRun folder: runs/y" in shown


def test_a_table_is_shown_as_it_is_described():
    columns = (*words("Name"), Column("Energy", "J"), Column("Share", "%"), *words("Why"))
    rows = [("[bold]a", 2.5e-6, 0.25, "x"), ("b", None, None, "not modelled")]
    shown = _shown(terminal.show, Table("Title", columns, rows, note="[a note]"))
    assert shown.splitlines()[0].strip() == "Title"
    assert "[bold]a   2.5 uJ   25.0 %   x" in shown
    assert "b              -        -   not modelled" in shown
    assert shown.rstrip().endswith("[a note]")


def test_an_error_is_one_line(capsys):
    terminal.error("a\n  b")
    assert capsys.readouterr() == ("", "error: a b\n")


def test_json_is_one_standard_object(capsys):
    terminal.emit_json({"a": np.float64("nan"), "b": np.int64(3), "c": "é"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": None, "b": 3, "c": "é"}
    assert out.isascii()


EVIL = "[/x][red]:smile: \x1b[31m\x07\udcff\u202e"
SHOWN = r"[/x][red]:smile: \x1b[31m\x07\udcff\u202e"


class Evil(terminal.Shown):
    def as_dict(self):
        return {}

    def show(self, console):
        console.print(EVIL)


def test_text_of_users_is_no_markup_and_no_command(capsys):
    """Names, paths and what a cost set says of itself reach the terminal as they are, or written out."""
    assert _shown(terminal.say, EVIL) == SHOWN + "\n"
    table = _shown(terminal.show, Table(EVIL, words(EVIL, "b"), [(EVIL, "x")], EVIL))
    assert table.count(SHOWN) == 4
    terminal.error(EVIL)
    assert capsys.readouterr().err == f"error: {SHOWN}\n"
    assert str(Evil()) == SHOWN
