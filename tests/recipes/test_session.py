import io
import time

from rich.console import Console

from insitu.recipes.session import Session
from insitu.runs import RunFolder


def test_progress_shows_rate_and_time_left(tmp_path):
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100)
    with Session(RunFolder(tmp_path), console).progress("learning", 1000) as advance:
        for _ in range(10):
            advance(50)
            time.sleep(0.02)
    shown = text.getvalue()
    assert "learning" in shown
    assert "50 %" in shown
    assert "images/s" in shown
    assert "left" in shown


def test_a_quiet_console_shows_nothing(tmp_path, capsys):
    with Session(RunFolder(tmp_path), Console(quiet=True)).progress("learning", 10) as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")
