"""Kernels are compiled once for each law, kept on disk, and never stale."""

import ast
import os
import subprocess
import sys
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
from cases import program, rule

from insitu.arrays import Crossbar
from insitu.devices.base import Device
from insitu.devices.compiled import kernels
from insitu.errors import InputError, RunError
from insitu.kernels import cache, fuse
from insitu.kernels.cache import cache_folder

FIELDS = {"g_min": 1e-6, "g_max": 9e-6, "step_up": 1e-7, "step_down": 1e-7}

MINE = """
from dataclasses import dataclass
from insitu.devices.base import Device
from numba import njit
from constants import FACTOR

@njit
def helper(x):
    return 1.0 * x

@dataclass(frozen=True, kw_only=True)
class Mine(Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + FACTOR * helper(p.step_up if polarity > 0 else -p.step_down)
"""
PROGRAM = """
import numpy as np, mine
from insitu.arrays import Crossbar
from insitu.devices.compiled import kernels
array = Crossbar(mine.Mine(g_min=0.0, g_max=9e-6, step_up=2e-6, step_down=1e-6), 1, 1)
array.set_weights(np.full((1, 1), -1.0))
alternate = kernels(array.device, "alternate").alternate  # it compiles soonest: a pulse up and a pulse down
alternate(array.address, np.zeros(1), 1)
print([round(1e6 * float(array.g[0, 0, 0]), 3), sum(alternate.stats.cache_hits.values())])
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


@pytest.mark.slow
def test_a_second_process_finds_the_kernels_and_edits_are_noticed(process, tmp_path):
    assert process() == (1.0, 0, True)
    assert process() == (1.0, 1, False)
    for law in (MINE.replace("FACTOR * ", "2 * FACTOR * "), MINE.replace("1.0 * x", "2.0 * x")):  # itself, its helper
        (tmp_path / "mine.py").write_text(law)
        assert process() == (2.0, 0, True)
    (tmp_path / "constants.py").write_text("FACTOR = 1.5\n")  # a number from elsewhere, frozen into the machine code
    assert process() == (3.0, 0, True)


TEMPLATE = """
from numba import float64, njit

@njit
def step(g, polarity, p, z):
    return g

@njit
def cell_parameters(g):
    return g

@njit(float64(float64), cache=True)
def twice(g):
    p = cell_parameters(g)
    return step(step(g, 1.0, p, 0.0), 1.0, p, 0.0)
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Return a function that compiles a law into a template of one line."""
    (tmp_path / "small.py").write_text(TEMPLATE)
    monkeypatch.setattr(fuse, "_HERE", tmp_path)
    monkeypatch.setattr(fuse, "cache_folder", lambda: tmp_path)

    def compiled(name, law):
        parameters = namedtuple("Parameters", "step_up")
        code = "def cell_parameters(g):\n    return PARAMETERS(g)\ncell_parameters = njit(cell_parameters)"
        how = fuse.Law(name, "device law", "step", law, "", {}, {"PARAMETERS": parameters}, code)
        return fuse.fused(how, ("small",))

    return compiled


def test_damaged_machine_code_is_compiled_anew(small, tmp_path, capsys):
    for damage in (b"", b"\x80\x05damaged"):
        for entry in (tmp_path / "__pycache__").glob("*.nb?") if damage else ():
            entry.write_bytes(damage)
        assert small("Up", lambda g, polarity, p, z: g + 0.5 * polarity).twice(1.0) == 2.0
    assert len(list((tmp_path / "__pycache__").glob("*.nbi"))) == 1
    assert capsys.readouterr().err == "insitu: compiling device law Up (first use, a few seconds)\n" * 2


def test_a_module_that_was_changed_in_the_cache_is_mended_and_not_executed(small, tmp_path):
    """It has the right name; but only the text that would be written is executed."""
    small("Up", lambda g, polarity, p, z: g + 0.5 * polarity)
    (path,) = tmp_path.glob("up_small_*.py")
    written = path.read_bytes()
    for planted in (b"", written[:-9], b"raise RuntimeError('executed')\n"):
        path.write_bytes(planted)
        assert small("Up", lambda g, polarity, p, z: g + 0.5 * polarity).twice(1.0) == 2.0
        assert path.read_bytes() == written


@pytest.mark.skipif(os.name != "posix", reason="owners and modes of POSIX")
def test_a_cache_that_others_can_write_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "shared"))
    folder = cache_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o775)
    with pytest.raises(RunError, match=r"others can write to .*kernels, and what lies there is executed; delete"):
        cache_folder()
    folder.chmod(0o755)
    assert cache_folder() == folder
    monkeypatch.setattr(os, "geteuid", lambda: 12345)  # somebody else, and then nobody but root
    if folder.stat().st_uid == 0:
        os.chown(folder, 54321, -1)
    with pytest.raises(RunError, match="others can write"):
        cache_folder()


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
    assert kernels(one, "alternate") is kernels(two, "alternate")


@dataclass(frozen=True, kw_only=True)
class Root(Device):
    """A law that is no number outside the range."""

    @staticmethod
    def step(g, polarity, p, z):
        x = (g - p.g_min) / (p.g_max - p.g_min)
        return g + p.step_up * np.sqrt(1.0 - x) if polarity > 0 else g - p.step_down * np.sqrt(x)


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return a function that writes the module of a law from a copy of the templates, and returns its name and text."""
    home = tmp_path / "kernels"
    home.mkdir()
    for source in fuse._HERE.glob("*.py"):
        (home / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(fuse, "_HERE", home)
    monkeypatch.setattr(fuse, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(fuse, "_load", lambda path, *_: path)

    def build(templates=("cell", "rows"), entry="", **changes):
        fields = {"name": "Root", "kind": "device law", "called": "step", "function": Root.step, "source": "law"}
        fields |= {
            "constants": {"NOISE": 0},
            "values": {},
            "code": "def cell_parameters(a, b, c, d, law):\n    return a",
        }
        path = fuse.fused(fuse.Law(**fields | changes), templates, entry)
        return path.name, path.read_text(encoding="utf-8")

    build.home = home
    return build


def edit(file, *change):
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), encoding="utf-8")


TEMPLATES = [("cell", "rows"), ("cell", "tuning"), ("cell", "bits"), ("cell", "symmetry"), ("perweight",)]


@pytest.mark.parametrize("templates", TEMPLATES, ids=lambda templates: templates[-1])
@pytest.mark.parametrize("place", [0, -1])
def test_how_the_imports_of_a_template_are_laid_out_makes_no_difference(build, templates, place):
    """Wrapped over several lines, or on one: the same module under the same name."""
    before, file = build(templates), build.home / f"{templates[place]}.py"
    wrapped = ast.parse(file.read_text(encoding="utf-8"))
    imports = [node for node in wrapped.body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    assert len(imports) >= 2
    lines = file.read_text(encoding="utf-8").splitlines()
    for node in reversed(imports):
        names = ", ".join(alias.name for alias in node.names)
        several = [f"from {node.module} import (", *(f"    {alias.name}," for alias in node.names), ")"]
        flat = [f"from {node.module} import {names}"]
        as_it_was = node.end_lineno > node.lineno
        lines[node.lineno - 1 : node.end_lineno] = flat if as_it_was else several
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert build(templates) == before


def test_comments_in_a_template_make_no_difference_and_no_template_is_imported(build):
    name, text = build()
    edit(build.home / "rows.py", "_BLOCK = 128", "_BLOCK = 128  # edited")
    edit(build.home / "rows.py", '"""Pulses for', '"""Edited pulses for')
    assert build() == (name, text)
    assert "from insitu.kernels.cell" not in text
    assert "from insitu.kernels.settle import" in text


def test_what_a_law_replaces_is_not_in_the_module(build):
    _, text = build()
    assert text.count("NOISE = ") == text.count("def cell_parameters") == 1
    assert "def step(" not in text
    assert "NOISE = 0" in text


@pytest.mark.parametrize(("template", "entry"), [("tuning", "give"), ("tuning", "tune"), ("bits", "program")])
def test_of_the_entry_points_only_the_one_that_is_wanted_is_in_the_module(build, template, entry):
    whole, text = (ast.parse(build(("cell", template), of)[1]) for of in ("", entry))
    defined, compiled = ({node.name for node in one.body if isinstance(node, ast.FunctionDef)} for one in (whole, text))
    assert defined - compiled == {"program", "give", "tune"} & defined - {entry}
    assert entry in compiled


CHANGES = {
    "the law": {"source": "another law"},
    "a constant": {"constants": {"NOISE": 1}},
    "its parameters": {"code": "def cell_parameters(a, b, c, d, law):\n    return b"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_law_is_built_anew(build, change):
    assert build()[0] != build(**change)[0]


SOURCES = {  # what each module is made of
    ("cell", "rows"): ("cell", "rows", "settle", "state", "philox", "vmath", "fmath"),
    ("cell", "tuning"): ("cell", "tuning", "settle", "state", "philox", "vmath", "fmath"),
    ("perweight",): ("perweight", "state", "philox", "vmath", "fmath"),
}


@pytest.mark.parametrize(
    ("templates", "source"), [(templates, source) for templates, sources in SOURCES.items() for source in sources]
)
def test_every_source_of_a_module_enters_its_name(build, templates, source):
    """Else a new version of the package would go on with the machine code of the old one."""
    before = build(templates)[0]
    with (build.home / f"{source}.py").open("a", encoding="utf-8") as file:
        file.write("EDITED = 1\n")
    assert build(templates)[0] != before


def test_kernels_that_are_not_compiled_into_a_law_leave_its_machine_code_good(build):
    before = build()
    for source in ("wta", "targets", "tuning", "bits", "filtering"):
        with (build.home / f"{source}.py").open("a", encoding="utf-8") as file:
            file.write("EDITED = 1\n")
    assert build() == before


def test_a_law_depends_on_its_code_on_numbers_from_elsewhere_and_on_the_file_around_it(tmp_path):
    def source(text, **globals_):
        file = tmp_path / "law.py"
        file.write_text(text)
        scope = dict(globals_)
        exec(compile(text, str(file), "exec"), scope)
        return fuse.source_of(scope["step"], "Mine")

    law = "def step(g, polarity, p, z):\n    return g + FACTOR\n"
    sources = [
        source(law, FACTOR=1.0),
        source(law, FACTOR=2.0),
        source(law.replace("+", "-"), FACTOR=1.0),
        source(law + "def helper(g):\n    return g\n", FACTOR=1.0),
    ]
    assert len(set(sources)) == 4
    assert source(law, FACTOR=1.0) == sources[0]


@pytest.mark.parametrize(
    ("g_min", "g_max"),
    [
        (0.35e-6, 7e-6),
        pytest.param(1.1e-6, 8.3e-6, marks=pytest.mark.slow),
        pytest.param(1e-6, 9e-6, marks=pytest.mark.slow),
    ],
)
def test_a_law_with_a_root_stays_at_the_bounds(g_min, g_max):
    """Rounded to single precision, these bounds lie outside themselves; the root must not see that."""
    assert float(np.float32(g_min)) < g_min or float(np.float32(g_max)) > g_max
    array = Crossbar(Root(g_min=g_min, g_max=g_max, step_up=1e-7, step_down=1e-7), 2, 1)
    for bound, polarity in ((1, 1), (-1, -1)):
        array.set_weights(np.full((2, 1), float(bound)))
        array.pulse(np.full((2, 1), polarity))
        program(array, 0, np.full(2, polarity > 0), rule(), 0)
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
def test_a_law_that_does_not_compile_is_refused_in_one_sentence(law, small):
    with pytest.raises(InputError, match=r"^Odd\.step cannot be compiled: .+ Use scalar arithmetic") as caught:
        small("Odd", law)
    assert "\n" not in str(caught.value)


def test_machine_code_is_kept_in_our_cache_where_the_package_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    cache.keep_machine_code()
    assert os.environ["NUMBA_CACHE_DIR"] == ""
    monkeypatch.setattr(os, "access", lambda *_: False)
    cache.keep_machine_code()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "kernels")
    (tmp_path / "kernels" / "home").mkdir()
    entry = tmp_path / "kernels" / "home" / "state.f-1.nbi"
    entry.touch()
    assert cache.machine_code(tmp_path / "state.py") == [entry]


@pytest.mark.parametrize(("variable", "value"), [("NUMBA_NUM_THREADS", "0"), ("NUMBA_DISABLE_JIT", "1")])
def test_an_environment_in_which_nothing_can_be_compiled_is_refused(monkeypatch, variable, value):
    cache.check_environment()
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=f"^{variable}: "):
        cache.check_environment()


def test_machine_code_of_other_sources_is_forgotten(tmp_path, monkeypatch):
    """A kernel that was compiled for another layout of a state would read the wrong memory."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    (tmp_path / "state.py").write_text("one")
    kept = tmp_path / "__pycache__" / "outer.update-1.py311.nbi"
    cache.forget_old_code()
    kept.write_text("code")
    cache.forget_old_code()
    assert kept.exists()
    (tmp_path / "state.py").write_text("another")
    cache.forget_old_code()
    assert not kept.exists()


def test_a_law_depends_on_arrays_and_on_helpers_wherever_they_come_from(tmp_path):
    """Numba writes them into machine code as constants: a table that was read from a changed file wants new code."""

    def source(helper="g", **around):
        scope = {"CLOSE": 1, **around}
        exec(f"def helper(g):\n    return {helper}\ndef step(g, polarity, p, z):\n    return helper(g)\n", scope)
        return fuse.source_of(scope["step"], "Mine")

    tables = [np.arange(5.0), np.arange(5.0) + 1, np.arange(5.0, dtype=np.float32), np.arange(2000.0)]
    tables.append(np.where(np.arange(2000) == 1000, 0.5, tables[-1]))  # written in full, not as 0, 1, ..., 1999
    sources = [source("g + TABLE[1]", TABLE=table) for table in tables] + [source(), source("2 * g")]
    assert len(set(sources)) == len(sources)
    assert source("g + TABLE[1]", TABLE=np.arange(5.0)) == sources[0]


def test_a_law_depends_on_numbers_of_modules_beside_it_and_of_what_encloses_it(tmp_path, monkeypatch):
    (tmp_path / "beside.py").write_text("TABLE = (1.0, 2.0)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import beside

    def made(factor):
        def step(g, polarity, p, z):
            return g + factor * beside.TABLE[0]

        return fuse.source_of(step, "Mine")

    sources = [made(1.0), made(2.0)]
    monkeypatch.setattr(beside, "TABLE", (3.0, 2.0))
    sources.append(made(1.0))
    assert len(set(sources)) == 3


def test_no_garbage_is_collected_while_a_kernel_is_compiled(monkeypatch):
    """Not in one that is compiled on the way to another either; and what the user had set stands again, whatever happens."""
    import gc

    from numba import njit

    from insitu.kernels import state  # which has it so
    from insitu.kernels.collecting import Pause

    assert state.KERNEL["cache"]
    seen = []
    start = Pause.on_start
    monkeypatch.setattr(Pause, "on_start", lambda *given: (start(*given), seen.append(gc.isenabled())))

    @njit(error_model="numpy")
    def inner(x):
        return x + 1

    @njit(error_model="numpy")
    def outer(x):
        return inner(x)

    @njit(error_model="numpy")
    def wrong(x):
        return x.nothing

    assert gc.isenabled()
    assert outer(1) == 2
    with pytest.raises(Exception, match="nothing"):
        wrong(1)
    assert seen == [False] * 3
    assert gc.isenabled()
    gc.disable()
    try:
        inner(1.0)
        assert not gc.isenabled()
    finally:
        gc.enable()
