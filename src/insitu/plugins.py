"""What a user brings: classes and objects from one Python file, found by its path, or from another package's entry points."""

from __future__ import annotations

import copyreg
import hashlib
import importlib.metadata
import importlib.util
import os
import sys
import traceback
from pathlib import Path
from shlex import quote
from types import ModuleType
from typing import Any

from insitu.errors import InputError, suggest

_PREFIX = "insitu_user_"


def _instead(path: Path) -> str:
    """Return what to say of a file of measurements, or of the folder of a fit, that is given for a device."""
    if path.suffix.lower() in (".csv", ".txt", ".dat", ".xlsx"):
        return f"; if it holds measured pulses, fit it first: insitu fit {quote(path.name)}"
    made = sorted(path.glob("*.py")) if path.is_dir() else []
    return f"; in this folder there is {path / made[0].name}" if len(made) == 1 else ""


def import_file(
    path: Path, instead: str = "give a name of the library, or the path of a .py or .toml file"
) -> ModuleType:
    """Return the module in a Python file; InputError, one sentence, if there is none or it does not import.

    It is named after its content, as its compiled kernels are: a cached kernel asks for the module that it was made from.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: there is no such file; {instead}{_instead(path)}")
    try:
        name = f"{_PREFIX}{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None or path.suffix != ".py":
        raise InputError(f"{path.name}: not a Python file; its name must end in .py{_instead(path)}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look the module of a class up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        what, own = " ".join(str(error).split()), str(path.resolve())
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
        where = f" (line {lines[-1]})" if lines else ""  # of what cannot be read as Python the error says it
        raise InputError(f"{path.name}: does not import: {type(error).__name__}: {what}{where}") from error
    return module


def find_class(name: str, kind: type, group: str) -> type | None:
    """Return a class of a kind: ``path/to/file.py:ClassName``, or an entry point of a group; None if there is none.

    Raises
    ------
    InputError : the file or the entry point has no such class.
    """
    path, colon, inner = name.rpartition(":")
    if colon and path.endswith(".py"):
        module = import_file(Path(path), f"give a name of the library, or FILE.py:CLASS, a class of {kind.__name__}")
        found = getattr(module, inner, None)
        if found is None and (own := classes_of(module, kind)):
            raise InputError(f"{name}: has no class '{inner}'; {suggest(inner, [one.__name__ for one in own])}")
    else:
        found = entry_point(name, group)
        if found is None:
            return None
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise InputError(f"{name}: is no class that derives from {kind.__name__}")
    return found


def classes_of(module: ModuleType, kind: type) -> list[Any]:
    """Return the classes of a kind that a module defines; those that it imports are not its own."""
    found = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, kind)]
    return [one for one in found if one.__module__ == module.__name__]


def entry_point(name: str, group: str) -> Any:
    """Return what another package offers under a name in a group such as ``insitu.devices``, None if nothing."""
    return next((found.load() for found in importlib.metadata.entry_points(group=group, name=name)), None)


def origin(kind: type) -> str:
    """Return the name under which :func:`find_class` finds a class: that of its file, if it comes from one of a user."""
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    own = kind.__module__.startswith(_PREFIX)
    return f"{path}:{kind.__qualname__}" if own and path else kind.__qualname__


class Portable:
    """An object that pickles into other processes even if its class comes from a user's file: that is imported there."""

    def __reduce__(self) -> tuple[Any, ...]:
        kind = type(self)
        if kind.__module__.startswith(_PREFIX):
            path = sys.modules[kind.__module__].__file__
            return _rebuilt, (str(path), kind.__qualname__, vars(self).copy())
        return copyreg.__newobj__, (kind,), vars(self).copy()  # type: ignore[attr-defined]


def _rebuilt(path: str, name: str, values: dict[str, Any]) -> Any:
    kind = getattr(import_file(Path(path)), name)
    made = object.__new__(kind)
    vars(made).update(values)
    return made
