import io
import time

import pytest
from rich.console import Console

from insitu.kernels import cache
from insitu.progress import duration, progress
from insitu.studies.sweep import _told


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (40.4, "40 s"),
        (99.4, "99 s"),
        (100, "2 min"),
        (5900, "98 min"),
        (6000, "1 h 40 min"),
        (11100, "3 h 05 min"),
    ],
)
def test_durations_for_people(seconds, words):
    assert duration(seconds) == words


def test_the_time_left_follows_what_jobs_really_took():
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100)
    with progress(console, 1000.0, 2, 7200.0) as advance:
        time.sleep(0.6)
        before = text.getvalue()
        advance(500.0)
        time.sleep(0.6)
    assert "0 of 2 points" in before
    assert "about 2 h 00 min left" in before
    after = text.getvalue()[len(before) :]
    assert "1 of 2 points" in after
    assert "about 1 s left" in after or "about 0 s left" in after


def test_without_an_estimate_the_first_job_gives_one():
    text = io.StringIO()
    with progress(Console(file=text, force_terminal=True, width=100), 2.0, 2, None) as advance:
        time.sleep(0.6)
        assert "left" not in text.getvalue()
        advance(1.0)
    assert "left" in text.getvalue()


def test_a_quiet_console_shows_nothing(capsys):
    with progress(Console(quiet=True), 1.0, 1, None) as advance:
        advance(1.0)
    assert capsys.readouterr() == ("", "")


def test_an_estimate_counts_the_first_compiling(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "wta.py").touch()
    assert _told(60.0, timed=False) == (
        "about 60 s on idle cores of a fast machine, and some 10 s or more of compiling, this first time"
    )
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "wta.learn-1.py312.nbi").touch()
    assert _told(60.0, timed=True) == "about 60 s as earlier ones took here, once compiled"
    assert _told(None, timed=False) == "the time is known after the first"
