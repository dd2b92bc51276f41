"""Kernels are compiled once for each law, kept on disk, and never stale."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from insitu.arrays import Crossbar
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.kernels import fuse

FIELDS = {"g_min": 1e-6, "g_max": 9e-6, "step_up": 1e-7, "step_down": 1e-7}

MINE = """
from dataclasses import dataclass
from insitu.devices.base import Device
from constants import FACTOR

@dataclass(frozen=True, kw_only=True)
class Mine(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + FACTOR * (p.step_up if polarity > 0 else -p.step_down)
"""
PROGRAM = """
import numpy as np, mine
from insitu.arrays import Crossbar
array = Crossbar(mine.Mine(g_min=0.0, g_max=9e-6, step_up=1e-6, step_down=1e-6), 1, 1)
array.set_weights(np.full((1, 1), -1.0))
array.kernels.program(array.state, 0, np.ones(1, np.uint8), np.ones(2), 0, array.counts)
array.pulse(np.ones((1, 1), int))
stats = [getattr(array.kernels, name).stats for name in ("program", "pulse_weights")]
print([round(1e6 * float(array.g[0, 0, 0]), 3), [sum(s.cache_hits.values()) for s in stats]])
"""


@pytest.fixture
def process(tmp_path, monkeypatch):
    """Run PROGRAM in a new process, with a kernel cache of its own; return conductance, cache hits and whether it said
    that it is compiling."""
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "constants.py").write_text("FACTOR = 1.0\n")

    def run():
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        conductance, hits = eval(done.stdout)
        return conductance, hits, "compiling" in done.stderr

    return run


def test_a_second_process_finds_the_kernels_and_edits_and_damage_are_noticed(process, tmp_path):
    assert process() == (2.0, [0, 0], True)
    assert process() == (2.0, [1, 1], False)
    (tmp_path / "mine.py").write_text(MINE.replace("FACTOR * (", "2 * FACTOR * ("))
    assert process() == (4.0, [0, 0], True)
    (tmp_path / "constants.py").write_text("FACTOR = 1.5\n")  # a number from elsewhere, frozen into the machine code
    assert process() == (6.0, [0, 0], True)
    for entry in (tmp_path / "cache" / "kernels" / "__pycache__").iterdir():
        entry.write_bytes(b"\x80\x05damaged")
    assert process()[0] == 6.0


def test_the_network_is_found_on_disk():
    """By any process after this one, whose import has compiled it if need be."""
    from insitu.kernels import wta

    assert wta.learn.signatures
    code = "from insitu.kernels import wta; print([sum(k.stats.cache_hits.values()) for k in (wta.learn, wta.respond)])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[1, 1]"


def test_one_law_is_compiled_once_a_process():
    from insitu.devices.softbounds import SoftBounds

    one, two = (SoftBounds(**FIELDS | {"step_up": step}, c2c_cv=0.5) for step in (1e-7, 2e-7))
    assert fuse.kernels(one) is fuse.kernels(two)


def test_every_source_of_the_kernels_enters_the_name_of_the_copy(tmp_path, monkeypatch):
    """Else a new version of the package would go on with the machine code of the old one."""
    monkeypatch.setattr(fuse, "_load", lambda path, *_: path.name)
    monkeypatch.setattr(fuse, "cache_folder", lambda: tmp_path)
    copy = tmp_path / "kernels"
    copy.mkdir()
    for source in fuse.Path(fuse.__file__).parent.glob("*.py"):
        (copy / source.name).write_text(source.read_text())
    monkeypatch.setattr(fuse, "__file__", str(copy / "fuse.py"))
    arguments = (Root, "column", (0, 0, 0, 0, 0), 0, (False, False, False, False))
    names = {fuse._compiled.__wrapped__(*arguments)}
    for source in ("vmath.py", "philox.py", "state.py", "cell.py", "column.py", "fmath.py"):
        with (copy / source).open("a") as file:
            file.write("# edited\n")
        names.add(fuse._compiled.__wrapped__(*arguments))
    assert len(names) == 7
    with (copy / "wta.py").open("a") as file:  # not compiled into the copy, so its machine code stays good
        file.write("# edited\n")
    assert fuse._compiled.__wrapped__(*arguments) in names


@dataclass(frozen=True, kw_only=True)
class Root(Device):
    """A law that is no number outside the range."""

    @staticmethod
    def step(g, polarity, p, z):
        x = (g - p.g_min) / (p.g_max - p.g_min)
        return g + p.step_up * np.sqrt(1.0 - x) if polarity > 0 else g - p.step_down * np.sqrt(x)


@pytest.mark.parametrize(("g_min", "g_max"), [(0.35e-6, 7e-6), (1.1e-6, 8.3e-6), (1e-6, 9e-6)])
def test_a_law_with_a_root_stays_at_the_bounds(g_min, g_max):
    """Rounded to single precision, these bounds lie outside themselves; the root must not see that."""
    assert float(np.float32(g_min)) < g_min or float(np.float32(g_max)) > g_max
    array = Crossbar(Root(g_min=g_min, g_max=g_max, step_up=1e-7, step_down=1e-7), 2, 1)
    for bound, polarity in ((1, 1), (-1, -1)):
        array.set_weights(np.full((2, 1), float(bound)))
        array.pulse(np.full((2, 1), polarity))
        array.kernels.program(array.state, 0, np.full(2, polarity > 0, np.uint8), np.ones(2), 0, array.counts)
        assert array.weights == pytest.approx(np.full((2, 1), float(bound)), abs=1e-6)


def helper(g):
    return g


def calls_a_plain_function(g, polarity, p, z):
    return helper(g)


def wants_a_field_that_is_not_there(g, polarity, p, z):
    return g + p.nothing


def makes_text(g, polarity, p, z):
    return g + float(f"{p.step_up}")


def opens_a_file(g, polarity, p, z):
    with open("x") as _:
        return g


def catches_errors(g, polarity, p, z):
    try:
        return g + p.step_up
    except ZeroDivisionError:
        return g


def is_complex(g, polarity, p, z):
    return g + 1j


def yields(g, polarity, p, z):
    yield g


def has_three_arguments(g, polarity, p):
    return g


LAWS = [
    calls_a_plain_function,
    wants_a_field_that_is_not_there,
    makes_text,
    opens_a_file,
    catches_errors,
    is_complex,
    yields,
    has_three_arguments,
]


@pytest.mark.parametrize("law", LAWS)
def test_a_law_that_does_not_compile_is_refused_in_one_sentence(law, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path))
    device = dataclass(frozen=True, kw_only=True)(type("Odd", (Device,), {"step": staticmethod(law)}))(**FIELDS)
    with pytest.raises(InputError, match=r"^Odd\.step cannot be compiled: .+ Use scalar arithmetic") as caught:
        fuse.kernels(device)
    assert "\n" not in str(caught.value)
    assert fuse.compiles(device) == str(caught.value)
