"""A disk that fills up at any moment: one sentence, nothing half-written is taken for done, and room gives the same bits."""

import random
import shlex
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from systems import ROUNDS, SYSTEMS, digits_folder, left, process_of

MOUNT = "mount -t tmpfs -o size={size} none runs"
#: what is mounted is seen by these processes alone, and is gone with them
SCRIPT = (
    MOUNT
    + """
{start}; echo code $?
ls runs/one
mount -o remount,size=64m runs
if [ -e runs/one ]; then {resume}; else {start}; fi; echo code $?
cp -r runs/one kept
"""
)


def _mounting(script: str, where: Path) -> tuple[str, str]:
    (where / "runs").mkdir(parents=True)
    return process_of(["unshare", "--map-root-user", "--mount", "sh", "-c", script], where).communicate(timeout=300)


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no mounts of a process of its own here")
@pytest.mark.parametrize("name", ["tiny", "shi2018", "yi2022", "cristiano2018"] if ROUNDS else ["tiny"])
def test_a_full_disk(name, tmp_path, monkeypatch):
    if _mounting(MOUNT.format(size=4096), tmp_path / "probe")[1]:
        pytest.skip("mounting is not allowed")
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    system, sizes = SYSTEMS[name], random.Random(f"disks of {name}")
    whole = tmp_path / "whole"
    whole.mkdir()
    system.finish(whole)
    wanted = left(whole / system.folder)
    pages = sum(-(-path.stat().st_size // 4096) for path in (whole / system.folder).rglob("*") if path.is_file())
    words = {key: shlex.join(system.command(getattr(system, key))) for key in ("start", "resume")}
    full = 0
    for attempt in range(ROUNDS or 3):
        where, room = tmp_path / f"full{attempt}", sizes.randint(1, pages) if attempt else 1
        out, err = _mounting(SCRIPT.format(size=4096 * room, **words), where)
        codes = [line for line in out.splitlines() if line.startswith("code")]
        assert "Traceback" not in err
        if codes[0] == "code 2":
            full += 1
            assert err.count("cannot be written, the disk is full; free some space") == 1
            assert "result.json" not in out.splitlines()
        else:  # the result is whole, and a picture of it was not
            assert codes[0] == "code 0"
            assert "Warning: " in err or room == pages
        assert codes[1] == "code 0", err
        assert left(where / "kept") == wanted
    assert full
    print(f"{name}: {full} of {ROUNDS or 3} disks of 4 to {4 * pages} kB were full before the result")
