"""SIGINT and SIGTERM at random moments: the exit code says so, and one sentence how to go on."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from systems import ROUNDS, SYSTEMS, System, digits_folder, left

SENTENCE = "Stopped; to go on: insitu run --resume runs/one"


@pytest.mark.parametrize("name", ["shi2018", "yi2022", "cristiano2018"])
def test_signals_at_random_moments(name, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    system, moments = SYSTEMS[name], random.Random(f"signals to {name}")
    (tmp_path / "whole").mkdir()
    system.finish(tmp_path / "whole")
    (tmp_path / "timed").mkdir()
    seconds, wanted, ends, wrong = system.finish(tmp_path / "timed"), left(tmp_path / "whole"), [], []
    for attempt in range(2 * (ROUNDS or 1)):
        sent = (signal.SIGINT, signal.SIGTERM)[attempt % 2]
        where = tmp_path / f"stopped{attempt}"
        where.mkdir()
        process, when = system.process(where), moments.uniform(0.0 if ROUNDS else 0.7 * seconds, seconds)
        try:
            out, err = process.communicate(timeout=when)
        except subprocess.TimeoutExpired:
            process.send_signal(sent)
            out, err = process.communicate(timeout=60)
        known = (where / system.folder).exists()
        ends.append((sent.name, process.returncode))
        if out:  # it was finished, and only its end was hit
            fine = json.loads(out)["recipe"] == name and process.returncode in (0, 128 + sent, -sent)
        elif process.returncode == -sent:  # Python was not there yet to be told
            fine = not known
        else:
            left_to_do = known and not (where / system.folder / "report.html").exists()
            fine = process.returncode == 128 + sent and err.count(SENTENCE) == left_to_do and "Traceback" not in err
        if not fine:
            wrong.append(
                f"{sent.name} after {when:.2f} s of {seconds:.2f}: {process.returncode}, {known=}, {out=}, {err=}"
            )
        system.finish(where)
        assert left(where) == wanted
    print(f"{name}: {len(ends)} signals, exit codes {sorted((*end, ends.count(end)) for end in set(ends))}")
    assert not wrong, wrong[0]


DROPPED = """
import signal
from insitu.recipes import registry
from tiny_recipe import tiny
registry.RECIPES["tiny"] = "tiny_recipe.tiny"
save, sent = tiny.save_checkpoint, []

class Late:
    def __del__(self):
        sent.append(1)
        signal.raise_signal(signal.SIGNAL)

def saving(*words):
    save(*words)
    if not sent:
        Late()  # is gone at once, and what is raised in a destructor is dropped

tiny.save_checkpoint = saving
from insitu.cli import main
main()
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda sent: sent.name)
def test_a_signal_that_python_drops_stops_the_run_too(sent, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    start = ("run", "tiny", "--json", "--name", "one", "--set", "steps=500", "--set", "pause=0.01")
    process = System(start, "runs/one", program=("-c", DROPPED.replace("SIGNAL", sent.name))).process(tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (128 + sent, "")
    assert err.count(SENTENCE) == 1
    assert "Traceback" not in err
