"""Small runs that an attack stops and takes up again, and what has to be the same afterwards, to the bit."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "datasets"))

from idx_files import write_folder

from insitu.datasets import load_digits

ROUNDS = int(os.environ.get("INSITU_ATTACK", "0"))  #: of each long attack; 0 is the short form, a part of `make test`
TIMED = ("train_seconds", "images_per_second", "images_per_second_first", "seconds")  #: what no two runs share
_LABELS = ("time to train", "training images a second", "the same, first epoch")  #: and what a page calls it
#: the command line with the recipe of the tests known to it
TINY = "from insitu.recipes import registry; registry.RECIPES['tiny'] = 'tiny_recipe.tiny'\n"
TINY += "from insitu.cli import main; main()"
#: commands whose studies are made small beneath them
_MATRIX = """
from insitu.studies import matrix
matrix.ENCODINGS, matrix.SCHEMES = ("pair",), ("blind-pulses", "mixed-precision")
from insitu.cli import main
main()
"""
_MAP = """
from insitu.studies import maps
maps.requirement_map.__kwdefaults__["side"] = 4
from insitu.cli import main
main()
"""


@dataclass(frozen=True)
class System:
    """A command that can be stopped and taken up again.

    Parameters
    ----------
    start : its arguments. resume : those that go on with it once ``folder`` is there; none are the same again.
    folder : what it leaves. program : how Python starts it.
    """

    start: tuple[str, ...]
    folder: str
    resume: tuple[str, ...] = ()
    program: tuple[str, ...] = ("-m", "insitu")

    def process(self, where: Path, arguments: Sequence[str] = ()) -> subprocess.Popen:
        """Start it, or other arguments, in a process group of its own."""
        return process_of(self.command(arguments or self.start), where)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return how a shell gives it arguments."""
        return [sys.executable, *self.program, *arguments]

    def finish(self, where: Path) -> float:
        """Carry it out, or what is left of it, to its end; return how many seconds that took."""
        began = time.monotonic()
        known = (where / self.folder).exists()
        process = self.process(where, self.resume if known else ())
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        assert "Traceback" not in err
        assert out
        return time.monotonic() - began


def process_of(command: Sequence[str], where: Path) -> subprocess.Popen:
    """Start a command in a process group of its own, with the recipe of the tests at hand."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "process_group": 0}
    path = os.pathsep.join([str(Path(__file__).parents[1] / "recipes"), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(command, cwd=where, env=os.environ | {"PYTHONPATH": path}, **pipes)


def kill(process: subprocess.Popen, seconds: float, whole_group: bool) -> bool:
    """End a process after some seconds; return whether it was still at work."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL) if whole_group else process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            pipe.close()
        return True
    assert process.returncode == 0
    return False


def _set(*items: str) -> list[str]:
    return [part for item in items for part in ("--set", item)]


def _run(recipe: str, *sets: str, program: tuple[str, ...] = ("-m", "insitu")) -> System:
    start = ("run", recipe, "--json", "--name", "one", *_set(*sets))
    return System(start, "runs/one", ("run", "--resume", "one", "--json"), program)


def _study(*words: str, program: tuple[str, ...] = ("-m", "insitu")) -> System:
    return System((*words, "--workers", "2", "--out", "study", "--json"), "study", (), program)


#: the least that each system can do and still learn, stop and draw
_SPIKES = ("network.neurons=10", "training.evaluations=2", "pruning.maturity=100", "wta.presentations=1")
_WORDS = ("two_layer.updates=40", "one_layer.updates=20", "data.examples=20")
_LAYERS = ("network.hidden=[8]", "training.epochs=2", "training.twin=false")
_ONCE = (*_SPIKES, "training.epochs=1", "training.presentations=1")
_TRIALS = ("--system", "cristiano2018", "--seeds", "1", *_set("training.epochs=1", "network.hidden=[8]"))
SYSTEMS = {
    "tiny": _run("tiny", "steps=40", "pause=0.02", program=("-c", TINY)),
    "shi2018": _run("shi2018", *_SPIKES, "training.presentations=10000"),
    "yi2022": _run("yi2022", *_WORDS),
    "cristiano2018": _run("cristiano2018", *_LAYERS),
    "sweep": _study("sweep", "shi2018", "--vary", "pruning.fraction=0.2,0.5,0.8", "--seeds", "2", *_set(*_ONCE)),
    "matrix": System(("matrix", "ideal", "--out", "matrix.csv"), "matrix.csv", program=("-c", _MATRIX)),
    "ladder": _study("ladder", "shi2018", "--quick", "--seeds", "1", *_set(*_ONCE)),
    "requirements": _study("requirements", "yi2022", "--quick", "--seeds", "1", "--only", "dead", *_set(*_WORDS)),
    "tune": _study("tune", "shi2018", "--quick", "--trials", "4", *_set(*_ONCE)),
    "map": _study("assess", "gong2022-om", "--quick", "--map", "steps,asymmetry", *_TRIALS, program=("-c", _MAP)),
    "league": _study("league", "gong2022-om", "--quick", "--trials", "2", "--scheme", "mixed-precision", *_TRIALS),
}


def left(where: Path) -> dict[str, bytes]:
    """Return all files that a run, a sweep or a study left, times taken out; checkpoints are for going on alone."""
    files = [path for path in sorted(where.rglob("*")) if path.is_file()]
    found = {str(path.relative_to(where)): _timeless(path) for path in files}
    return {name: content for name, content in found.items() if not name.endswith(("checkpoint.bin", ".tmp"))}


def _timeless(path: Path) -> bytes:
    if path.suffix not in (".csv", ".html", ".json", ".jsonl", ".toml"):
        return path.read_bytes()
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", "TIME", path.read_text(encoding="utf-8"))
    for label in _LABELS:
        text = re.sub(rf'<th scope="row">{label}[^<]*</th>\s*<td class="number">[^<]*</td>', "", text)
    if path.suffix in (".json", ".jsonl"):
        parts = text.splitlines() if path.suffix == ".jsonl" else [text]
        text = "\n".join(json.dumps(_without_times(json.loads(part))) for part in parts)
    if path.name == "rows.csv":
        rows = [{k: v for k, v in row.items() if k not in TIMED} for row in csv.DictReader(text.splitlines())]
        text = json.dumps(rows)
    return text.encode()


def _without_times(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_times(inner) for key, inner in value.items() if key not in TIMED}
    return [_without_times(inner) for inner in value] if isinstance(value, list) else value


def digits_folder(where: Path) -> Path:
    """Write the embedded digits in MNIST's file format; return their folder."""
    digits = load_digits()
    images = [part.reshape(-1, *digits.shape) for part in (digits.train_images, digits.test_images)]
    return write_folder(where / "digits", [images[0], digits.train_labels, images[1], digits.test_labels])


@contextmanager
def limited(seconds: int = 5, memory: int = 10**9) -> Iterator[None]:
    """Let what is done inside compute no longer than that, wait no longer than 12 times that, and take no more memory."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        pytest.skip("memory is limited as on Linux")
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, before[1]))
    for sent in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(sent, lambda *_: pytest.fail("it hangs"))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(12 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        resource.setrlimit(resource.RLIMIT_AS, before)
