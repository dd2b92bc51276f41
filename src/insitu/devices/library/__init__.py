"""Device parameter sets by name, one file a paper: AuthorYear, with the origin of every number."""

from __future__ import annotations

from importlib import import_module
from os import PathLike
from pathlib import Path

from insitu.devices.library.parameter_set import ParameterSet, Tag, Value, numbers
from insitu.devices.library.user_file import load_user_file
from insitu.errors import InputError, suggest

__all__ = ["ParameterSet", "Tag", "Value", "load", "names", "numbers"]

#: name of a set -> the module in this folder that has it in its tuple SETS
_CBRAM = "shi2018_cbram"
_MODULES = {
    "ideal": "ideal",
    "shi2018-cbram": _CBRAM,
    "shi2018-cbram-strong": _CBRAM,
    "shi2018-cbram-binary": _CBRAM,
}


def names() -> list[str]:
    """Return the names of all parameter sets."""
    return list(_MODULES)


def load(name_or_path: str | PathLike[str]) -> ParameterSet:
    """Return a parameter set from the library, or a user's device from a Python file.

    Parameters
    ----------
    name_or_path : one of :func:`names`, or the path of a ``.py`` file (see docs/add-a-device.md).

    Raises
    ------
    InputError
        On an unknown name, with the nearest one, or a file that has no usable device.

    Examples
    --------
    >>> load("ideal").device.g_max
    0.0001
    """
    name = str(name_or_path)
    if name in _MODULES:
        sets = import_module(f"insitu.devices.library.{_MODULES[name]}").SETS
        return next(found for found in sets if found.name == name)
    if name.endswith(".py") or Path(name).name != name:
        return load_user_file(Path(name))
    raise InputError(f"device: unknown name '{name}'; {suggest(name, names())}; your own file ends in .py")
