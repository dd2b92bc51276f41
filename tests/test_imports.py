"""The house rules that a glance at the source can check: one direction of imports, Numba in its place, deliberate flags."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from insitu.kernels.state import KERNEL

SOURCE = Path(__file__).parents[1] / "src" / "insitu"

#: lower imports from lower or equal; modules not named here belong to the package that holds them
FLOORS = [
    ("arraytypes", "errors", "memory", "papers", "parsing", "progress", "units", "validation"),
    ("random", "plugins", "sources", "ledger", "datasets"),
    ("kernels",),
    ("devices",),
    ("cells",),
    ("chip",),
    ("arrays",),
    ("schemes",),
    ("learning",),
    ("networks",),
    ("torch",),
    ("runs", "measure"),
    ("reports", "terminal"),
    ("recipes", "doctor"),
    ("pages", "studies", "fits"),
    ("cli",),
    ("__main__",),
]
#: kernels that import no Numba; all others are imported inside functions only, so that a command that needs none of them does
#: not wait for it
LIGHT = {"kernels", "kernels.cache", "kernels.fmath", "kernels.lost", "kernels.threads"}


def name_of(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(SOURCE.rglob("*.py"))} | {"": SOURCE / "__init__.py"}


def floor(module):
    """The floor of the longest name that holds the module."""
    found = [(len(name), i) for i, names in enumerate(FLOORS) for name in names if f"{module}.".startswith(f"{name}.")]
    assert found, f"{module}: add it to FLOORS"
    return max(found)[1]


def imports(path):
    """Yield (imported module, line, whether it is inside a function or for types only) of everything imported."""

    def walk(node, inside):
        for child in ast.iter_child_nodes(node):
            typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            if isinstance(child, ast.Import):
                yield from ((alias.name, child.lineno, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: relative import"
                for alias in child.names:
                    whole = f"{child.module}.{alias.name}"
                    known = whole.removeprefix("insitu.") in MODULES
                    yield (whole if known else child.module), child.lineno, inside
            yield from walk(child, inside or typing or isinstance(child, ast.FunctionDef))

    return walk(ast.parse(path.read_text(encoding="utf-8")), False)


def own(path):
    """Yield the imports from this package, without its name."""
    for module, line, inside in imports(path):
        if module.split(".")[0] == "insitu" and module != "insitu":
            yield module.removeprefix("insitu."), line, inside


@pytest.mark.parametrize("module", [name for name in MODULES if name])
def test_imports_go_one_way(module):
    for imported, line, _ in own(MODULES[module]):
        assert floor(imported) <= floor(module), f"{module}, line {line}: imports {imported}, which is above it"


def test_numba_stays_in_the_kernels():
    for module, path in MODULES.items():
        roots = {imported.split(".")[0] for imported, _, _ in imports(path)}
        assert module.startswith("kernels") or not roots & {"numba", "llvmlite"}, module
        assert module.startswith("torch") or "torch" not in roots, module


def test_kernels_load_late():
    for module, path in MODULES.items():
        if not module.startswith("kernels"):
            for imported, line, inside in own(path):
                late = imported.startswith("kernels") and imported not in LIGHT
                assert inside or not late, f"{module}, line {line}: import {imported} inside the function"


@pytest.mark.parametrize("module", sorted(LIGHT))
def test_light_kernels_import_nothing_heavy(module):
    for imported, line, inside in imports(MODULES[module]):
        heavy = imported.split(".")[0] in ("numba", "llvmlite", "numpy", "scipy")
        inner = imported.removeprefix("insitu.")
        assert inside or not (heavy or (inner.startswith("kernels") and inner not in LIGHT)), f"{module}, line {line}"


def test_the_engine_is_imported_without_numba():
    modules = (
        "insitu.networks.spiking, insitu.networks.crossbar_classifier, insitu.schemes, insitu.learning, insitu.ledger"
    )
    code = f"import sys, {modules}; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def flags(decorator):
    """Return the keywords of an njit decorator, None if it is another one."""
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    if ast.unparse(call) not in ("njit", "numba.njit"):
        return None
    given = {keyword.arg: keyword.value for keyword in getattr(decorator, "keywords", [])}
    if None in given:
        assert ast.unparse(given.pop(None)) == "KERNEL"
        given |= {name: ast.Constant(value) for name, value in KERNEL.items()}
    return given


def compiled_functions():
    for path in sorted((SOURCE / "kernels").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            stand_in = isinstance(node, ast.FunctionDef) and (ast.get_docstring(node) or "").startswith(
                "Stand in for the "
            )
            if isinstance(node, ast.FunctionDef) and not stand_in:  # what stands in for a law is replaced
                for given in filter(lambda found: found is not None, map(flags, node.decorator_list)):
                    yield pytest.param(given, f"{path.stem}.{node.name}", id=f"{path.stem}.{node.name}")


#: the transposed read may reorder its sums, and the bounds of wires theirs: in a fixed order they take three times as long;
#: and a maximum is the same in any order
REORDERED = {
    "converting._dot",
    "converting._drive",
    "ladder.changes",
    "reading._transposed",
    "reading._transposed_variance",
    "reading.count",
    "volumes.relative",
}


@pytest.mark.parametrize(("given", "name"), list(compiled_functions()))
def test_compiled_functions_state_their_flags(given, name):
    """Either inlined into what states them, or with NumPy's division and without any licence to reorder arithmetic."""
    assert "inline" in given or ast.literal_eval(given["error_model"]) == "numpy"
    assert ("fastmath" in given) == (name in REORDERED)
    assert "nopython" not in given


def test_what_is_imported_is_declared():
    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for name in ("excel", "tune", "torch", "dask") for one in extras[name])]
    declared = {re.split("[<>=]", one)[0].replace("-", "_") for one in wanted}
    roots = {module.split(".")[0] for path in MODULES.values() for module, _, _ in imports(path)}
    assert roots - {"insitu", *sys.stdlib_module_names} <= {"sklearn", "PIL"} | declared


def test_the_page_lists_the_rooms_floor_by_floor():
    page = (SOURCE.parents[1] / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.partition("## The rooms")[2].splitlines() if line.startswith("| `")]
    floors = [sorted(re.findall("`(.+?)`", row)) for row in rows]
    assert floors == [sorted(names) for names in FLOORS if names != ("__main__",)]


@pytest.mark.parametrize("module", MODULES)
def test_functions_are_seen_at_a_glance(module):
    """At most 60 lines, docstrings among them, and a kernel takes at most ten arguments."""
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            lines = node.end_lineno - node.lineno + 1
            assert lines <= 60, f"{module}.{node.name} has {lines} lines"
            if module.startswith("kernels."):
                assert len(node.args.args) <= 10, f"{module}.{node.name} has {len(node.args.args)} arguments"
