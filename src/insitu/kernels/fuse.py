"""One compiled module for each device law or scheme, generated once and cached on disk.

Numba inlines a law into the loop only if it is a global of the module that holds the loop, and caches a function on disk
only if it lives in a file. So the functions of some template modules are written, with the law in place of what stands in
for it there, to one file in the kernel cache, under a name that is the hash of all that it depends on; the next process
finds file and machine code ready.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from insitu.errors import InputError
from insitu.kernels.cache import announce, cache_folder, machine_code
from insitu.kernels.lost import listen
from insitu.sources import files_of, reached

_HERE = Path(__file__).parent
_PACKAGE = "insitu.kernels"


class Law(NamedTuple):
    """What takes the place of the stand-ins of a template.

    Parameters
    ----------
    name : for people. kind : "device law" or "scheme".
    function : the scalar Python function of the law, called ``step`` or ``pulses`` in templates, as ``called`` says.
    source : text that identifies the law: when it changes, the cached kernels are no longer used.
    constants : name -> value of each constant that stands at the top of the template.
    values : further globals, which are found by name when the module is loaded, such as a namedtuple class.
    code : functions that stand in for those of the same name in the template.
    """

    name: str
    kind: str
    called: str
    function: Callable[..., Any]
    source: str
    constants: Mapping[str, object]
    values: Mapping[str, Any]
    code: str


def fused(law: Law, templates: Sequence[str], entry: str = "") -> ModuleType:
    """Return the module of compiled kernels of a law.

    Parameters
    ----------
    templates : modules of this folder, in the order in which they build on each other.
    entry : the one entry point that is compiled, for each costs seconds; all of them if not given.

    Raises
    ------
    InputError
        If the law is not something that Numba can compile; the sentence quotes Numba's reason.
    """
    if not law.function.__module__.startswith("insitu."):
        listen(f"{law.name}.{law.called}")
    text, used = _text(law, templates, entry)
    depends = [text, law.source, importlib.metadata.version("numba"), *_sources(used)]
    digest = hashlib.sha256("\0".join(depends).encode()).hexdigest()[:16]
    path = cache_folder() / f"{law.name.lower()}_{entry or templates[-1]}_{digest}.py"
    _keep(path, text)
    try:
        return _load(path, text, law)
    except Exception as error:
        damaged = machine_code(path)
        if not damaged:  # Numba has many ways to say no, not all of them exceptions of its own
            raise InputError(
                f"{law.name}.{law.called} cannot be compiled: {_reason(error)}. Use scalar arithmetic, if/else, min, max, "
                "abs and insitu.kernels.fmath.exp/log only"
            ) from error
    for entry in damaged:  # or outdated: whatever it was, compiling anew mends it
        entry.unlink(missing_ok=True)
    return _load(path, text, law)


def source_of(function: Callable[..., Any], owner: str) -> str:
    """Return what a law depends on: its bytecode and that of its helpers, numbers and arrays that they take from elsewhere,
    and the whole file that defines it, if there is one, and what that imports."""
    functions, numbers = reached(function)
    codes = [one.__code__ for one in functions]
    parts = repr((owner, [(code.co_code, code.co_consts, code.co_names) for code in codes], numbers))
    try:
        return parts + "".join(file.read_text(encoding="utf-8") for file in files_of(Path(codes[0].co_filename)))
    except OSError:
        return parts


def _text(law: Law, templates: Sequence[str], entry: str) -> tuple[str, set[str]]:
    """Return the source of the generated module, and the other modules of this folder that it imports."""
    stand_in = {node.name for node in ast.parse(law.code).body if isinstance(node, ast.FunctionDef)}
    replaced = {*law.constants, *law.values, *stand_in, law.called}
    body: list[ast.stmt] = []
    for template in templates:
        body += [node for node in _parsed(template).body if not _left_out(node, templates, replaced, entry)]
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    head = [f"{name} = {value!r}" for name, value in law.constants.items()]
    head += [f"{law.called} = njit(LAW, error_model='numpy')", law.code]
    text = "\n".join([*map(ast.unparse, imports), *head, *map(ast.unparse, rest)]) + "\n"
    used = {module for node in imports for module in _modules(node)}
    return text, used


def _left_out(node: ast.stmt, templates: Sequence[str], replaced: set[str], entry: str) -> bool:
    """Return whether a statement of a template has no place in the generated module."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__" or any(module in templates for module in _modules(node))
    if isinstance(node, ast.FunctionDef):
        return node.name in replaced or (node.name != entry != "" and _is_entry(node))
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id in replaced for target in node.targets)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # its docstring


def _is_entry(node: ast.FunctionDef) -> bool:
    """Return whether a function is compiled as soon as its module is loaded: it has the flags of an entry point."""
    flags = [k.value for call in node.decorator_list if isinstance(call, ast.Call) for k in call.keywords if not k.arg]
    return any(isinstance(of, ast.Name) and of.id == "KERNEL" for of in flags)


def _modules(node: ast.stmt) -> list[str]:
    """Return the modules of this folder that an import statement names."""
    if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(_PACKAGE):
        return []
    inner = str(node.module).removeprefix(_PACKAGE).lstrip(".")
    return [inner] if inner else [alias.name for alias in node.names]


def _parsed(module: str) -> ast.Module:
    return ast.parse(_HERE.joinpath(f"{module}.py").read_text(encoding="utf-8"))


def _sources(modules: set[str]) -> list[str]:
    """Return the source of these modules of this folder and of all that they import, in a fixed order."""
    found: dict[str, str] = {}
    left = set(modules)
    while left:
        module = left.pop()
        if module not in found:
            found[module] = _HERE.joinpath(f"{module}.py").read_text(encoding="utf-8")
            left |= {name for node in _parsed(module).body for name in _modules(node)}
    return [found[module] for module in sorted(found)]


def _keep(path: Path, text: str) -> None:
    """Write the module, beside which Numba keeps the machine code; one that is emptied or changed is mended."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    temporary = path.with_suffix(f".{secrets.token_hex(8)}.tmp")
    temporary.write_bytes(text.encode())
    os.replace(temporary, path)


def _load(path: Path, text: str, law: Law) -> ModuleType:
    """Return the module in a text; what the file holds is not executed, whoever wrote it."""
    spec = importlib.util.spec_from_file_location(f"insitu_kernel_{path.stem}", path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # Numba looks it up there when it reads its cache
    vars(module).update(LAW=law.function, **law.values)
    with announce(path, f"{law.kind} {law.name}"):
        exec(compile(text, path, "exec"), vars(module))
    return module


def _reason(error: Exception) -> str:
    """Return the telling line of Numba's report, which opens with what failed and closes with where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Failed in", "During:", "File ", "- ", "Rejected"))]
    return (telling or lines or ["no reason given"])[0].rstrip(".:")
