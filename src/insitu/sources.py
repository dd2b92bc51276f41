"""What a file of a user's is made of: itself, what it imports that is not installed, and numbers from anywhere."""

from __future__ import annotations

import ast
import inspect
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

_INSTALLED = (Path(sysconfig.get_path("stdlib")).resolve(), Path(__file__).resolve().parent)


def files_of(path: Path) -> list[Path]:
    """Return a Python file and the files of the modules that it imports, and so on; nothing is executed.

    What is found in Python's own library, in installed packages or in this one is left out.
    """
    found: set[Path] = set()
    left = [path.resolve()]
    while left:
        file = left.pop()
        if file not in found:
            found.add(file)
            left += _imported(file)
    return sorted(found)


def reached(function: Callable[..., Any]) -> tuple[list[Any], list[tuple[str, Any]]]:
    """Return a function and those that it calls, what is installed left out, and by name the numbers that they take from
    around them: the file that holds them may have read those from another, such as a table beside it."""
    functions: list[Any] = [getattr(function, "py_func", function)]
    numbers: list[tuple[str, Any]] = []
    for one in functions:  # grows meanwhile
        around = inspect.getclosurevars(one)
        found = {**around.globals, **around.nonlocals}
        for module in [value for value in found.values() if isinstance(value, ModuleType)]:
            if not _is_installed(getattr(module, "__file__", None)):
                found |= {name: value for name, value in vars(module).items() if name in around.unbound}
        for name, value in sorted(found.items()):
            value = getattr(value, "py_func", value)  # of what Numba has compiled
            if not isinstance(value, FunctionType):
                numbers += [(name, plain)] if (plain := _plain(value)) is not None else []
            elif value not in functions and not _is_installed(value.__code__.co_filename):
                functions.append(value)
    return functions, numbers


def _plain(value: Any) -> Any:
    """Return numbers, text and arrays as what is written in full; None for anything else."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.str, value.tolist()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if isinstance(value, int | float | str) else None


def _imported(file: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError):  # importing it says what is wrong
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _modules(alias.name, None)
        elif isinstance(node, ast.ImportFrom):
            beside = [str(file.parents[node.level - 1])] if 0 < node.level <= len(file.parents) else None
            for alias in node.names:  # which may be modules of a package
                yield from _modules(".".join(filter(None, (node.module, alias.name))), beside)


def _modules(name: str, places: Sequence[str] | None) -> Iterator[Path]:
    """Yield the files of the packages on the way to a module, and its own, as far as it is a module."""
    for part in name.split("."):
        spec = PathFinder.find_spec(part, places)
        if spec is None or _is_installed(spec.origin):
            return
        if spec.origin and spec.origin.endswith(".py"):
            yield Path(spec.origin).resolve()
        if not spec.submodule_search_locations:
            return
        places = list(spec.submodule_search_locations)


def _is_installed(origin: str | None) -> bool:
    path = Path(origin or "").resolve()
    packages = {"site-packages", "dist-packages"} & set(path.parts)
    return origin is not None and (bool(packages) or any(path.is_relative_to(place) for place in _INSTALLED))
