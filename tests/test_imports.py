"""The house rules that a glance at the source can check: one direction of imports, Numba in its place, deliberate flags."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "insitu"

#: lower imports from lower or equal; modules not named here belong to the package that holds them
FLOORS = [
    ("errors", "papers", "units", "validation"),
    ("random", "kernels.fmath", "ledger", "datasets"),
    ("devices",),
    ("kernels",),
    ("cells",),
    ("arrays",),
    ("learning",),
    ("networks",),
    ("runs", "measure"),
    ("reports", "terminal"),
    ("recipes", "doctor"),
    ("reports.page", "studies", "measure.best", "measure.fitted"),
    ("cli",),
    ("__main__",),
]
#: what may look upwards, inside a function only, because it is wanted by few
UPWARDS = {("devices.check", "kernels.fuse")}
#: modules that are imported inside functions only, so that a command that needs no kernel does not wait for Numba
LATE = (
    "kernels.fuse",
    "kernels.column",
    "kernels.bits",
    "kernels.wta",
    "kernels.vmath",
    "kernels.philox",
    "kernels.state",
    "kernels.targets",
    "kernels.cell",
    "kernels.outer",
    "kernels.transfer",
    "kernels.aging",
    "kernels.perceptron",
    "kernels.accumulate",
    "kernels.carry",
    "kernels.symmetry",
    "kernels.settling",
    "kernels.filtering",
)


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
    for imported, line, inside in own(MODULES[module]):
        if inside and (module, imported) in UPWARDS:
            continue
        assert floor(imported) <= floor(module), f"{module}, line {line}: imports {imported}, which is above it"


def test_every_exception_is_in_use():
    found = {(module, imported) for module, path in MODULES.items() for imported, _, _ in own(path)}
    assert found >= UPWARDS


def test_numba_stays_in_the_kernels():
    for module, path in MODULES.items():
        roots = {imported.split(".")[0] for imported, _, _ in imports(path)}
        assert module.startswith("kernels") or not roots & {"numba", "llvmlite"}, module
        assert "torch" not in roots, module


def test_kernels_load_late():
    for module, path in MODULES.items():
        if not module.startswith("kernels"):
            for imported, line, inside in own(path):
                assert inside or imported not in LATE, f"{module}, line {line}: import {imported} inside the function"


def test_the_engine_is_imported_without_numba():
    modules = "insitu.networks.spiking, insitu.networks.crossbar_classifier, insitu.learning, insitu.ledger"
    code = f"import sys, {modules}; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def flags(decorator):
    """Return the keywords of an njit decorator, None if it is another one."""
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    if ast.unparse(call) not in ("njit", "numba.njit"):
        return None
    return {keyword.arg: keyword.value for keyword in getattr(decorator, "keywords", [])}


def compiled_functions():
    for path in sorted((SOURCE / "kernels").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        law = text[: text.index("# </law>")].count("\n") if "# </law>" in text else 0
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.lineno > law:  # what stands in for a law is replaced
                for given in filter(lambda found: found is not None, map(flags, node.decorator_list)):
                    yield pytest.param(given, id=f"{path.stem}.{node.name}")


#: the transposed read alone may reorder its sums: in a fixed order it takes three times as long
REORDERED = "perceptron._backward"


@pytest.mark.parametrize("given", list(compiled_functions()))
def test_compiled_functions_state_their_flags(given, request):
    """Either inlined into what states them, or with NumPy's division and without any licence to reorder arithmetic."""
    assert "inline" in given or ast.literal_eval(given["error_model"]) == "numpy"
    assert ("fastmath" in given) == (REORDERED in request.node.name)
    assert "nopython" not in given
