"""Kills at random moments: what is taken up again ends in the bits of what was never stopped."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from systems import ROUNDS, SYSTEMS, digits_folder, kill, left


@pytest.mark.parametrize("name", SYSTEMS if ROUNDS else ["tiny"])
def test_kills_at_random_moments_change_no_bit(name, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    system, moments = SYSTEMS[name], random.Random(f"kills of {name}")
    (tmp_path / "whole").mkdir()
    system.finish(tmp_path / "whole")  # whatever is compiled is compiled now
    (tmp_path / "timed").mkdir()
    seconds = system.finish(tmp_path / "timed")
    wanted, killed = left(tmp_path / "whole"), 0
    assert left(tmp_path / "timed") == wanted
    for attempt in range(ROUNDS or 1):
        where = tmp_path / f"killed{attempt}"
        where.mkdir()
        for _ in range(moments.randint(1, 3) if ROUNDS else 3):
            known = (where / system.folder).exists()
            process = system.process(where, system.resume if known else ())
            killed += kill(process, moments.uniform(0, 0.9 * seconds), whole_group=moments.random() < 0.5)
        system.finish(where)
        found = left(where)
        assert found.keys() == wanted.keys(), attempt
        assert [key for key, content in found.items() if content != wanted[key]] == [], attempt
    assert killed
    print(f"{name}: {killed} kills in {ROUNDS or 1} runs of {seconds:.1f} s")
