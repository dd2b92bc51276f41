import io
import time

import pytest
from rich.console import Console

from insitu.errors import RunError
from insitu.recipes.session import Session
from insitu.runs import RunFolder


def test_progress_shows_rate_and_time_left(tmp_path):
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100)
    with Session(RunFolder(tmp_path), console).progress("learning", 1000) as advance:
        for _ in range(10):
            advance(50, rate=1234.5)
            time.sleep(0.02)
    shown = text.getvalue()
    assert "learning" in shown
    assert "50 %" in shown
    assert "1,234 images/s" in shown
    assert "left" in shown


def test_a_figure_that_fails_takes_nothing_from_the_run(tmp_path):
    text = io.StringIO()
    session = Session(RunFolder(tmp_path), Console(file=text))
    with session.drawing():
        raise ValueError("no such font")
    assert text.getvalue() == "Warning: not all figures were drawn (no such font).\n"
    with pytest.raises(RunError), session.drawing():
        raise RunError("the disk is full")


def test_a_quiet_console_shows_nothing(tmp_path, capsys):
    with Session(RunFolder(tmp_path), Console(quiet=True)).progress("learning", 10) as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")
