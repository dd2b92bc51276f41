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
    seconds, kinds = system.finish(tmp_path / "whole"), {True: 0, False: 0}
    wanted = left(tmp_path / "whole")
    for attempt in range(ROUNDS or 1):
        where = tmp_path / f"killed{attempt}"
        where.mkdir()
        for _ in range(moments.randint(2, 6) if ROUNDS else 3):
            known, group = (where / system.folder).exists(), moments.random() < 0.5
            process = system.process(where, system.resume if known else ())
            kinds[group] += kill(process, moments.uniform(0, 0.9 * seconds), group)
        system.finish(where)
        found = left(where)
        assert found.keys() == wanted.keys(), attempt
        assert [key for key, content in found.items() if content != wanted[key]] == [], attempt
        print(
            f"{name}, run {attempt + 1}: {kinds[True]} groups and {kinds[False]} parents killed so far, none differed"
        )
    assert any(kinds.values())
