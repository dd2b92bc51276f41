"""Device parameter sets by name, one file a paper: AuthorYear, with the origin of every number."""

from __future__ import annotations

from importlib import import_module
from os import PathLike, fspath
from pathlib import Path

from insitu.devices.library.parameter_set import ParameterSet, Tag, Value, numbers
from insitu.devices.library.user_file import load_user_file
from insitu.errors import InputError, suggest

__all__ = ["ParameterSet", "Tag", "Value", "by_kind", "groups", "load", "names", "numbers"]

_CBRAM = "shi2018_cbram"
#: kind of memory -> name of a set -> the module in this folder that has it in its tuple SETS
_GROUPS = {
    "specifications": {"ideal": "ideal", "gokmen2016-rpu": "specifications", "rasch2019-idealized": "specifications"},
    "conductive bridge (CBRAM)": {
        "shi2018-cbram": _CBRAM,
        "shi2018-cbram-strong": _CBRAM,
        "shi2018-cbram-binary": _CBRAM,
        "jo2010-agsi": "neurosim",
        "choi2018-epiram": "neurosim",
    },
    "metal oxide (RRAM)": {
        "yi2022-taox": "yi2022_taox",
        "park2013-pcmo": "neurosim",
        "woo2016-alox-hfo2": "neurosim",
        "neurosim-taox-tio2": "neurosim",
        "wu2018-taox-hfox": "neurosim",
        "gong2018-reram": "gong2018",
        "gong2018-reram-soft": "gong2018",
        "gong2022-om": "gong2022",
        "gong2022-hfo2": "gong2022",
    },
    "phase change (PCM)": {
        "kuzum2011-pcm": "neurosim",
        "nandakumar2018-pcm": "nandakumar2018",
        "ambrogio2018-pcm": "ambrogio2018",
        "nandakumar2020-pcm": "nandakumar2020",
    },
    "capacitor (3T1C)": {
        "li2018-3t1c": "li2018",
        "ambrogio2018-3t1c": "ambrogio2018",
        "luo2019-3t1c": "neurosim",
    },
    "electrochemical (ECRAM)": {"tang2018-ecram": "ecram", "kim2019-ecram": "ecram"},
    "ferroelectric, magnetic": {"jerry2017-fefet": "neurosim", "neurosim-stt-mram": "neurosim"},
}
_MODULES = {name: module for group in _GROUPS.values() for name, module in group.items()}


def groups() -> dict[str, list[str]]:
    """Return the names of all parameter sets by kind of memory."""
    return {kind: list(group) for kind, group in _GROUPS.items()}


def by_kind() -> dict[str, list[ParameterSet]]:
    """Return all parameter sets by kind of memory."""
    return {kind: list(map(load, group)) for kind, group in _GROUPS.items()}


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
    name = fspath(name_or_path)
    if name in _MODULES:
        sets = import_module(f"insitu.devices.library.{_MODULES[name]}").SETS
        return next(found for found in sets if found.name == name)
    if name.endswith(".py") or Path(name).name != name:
        return load_user_file(Path(name))
    raise InputError(f"device: unknown name '{name}'; {suggest(name, names())}; your own file ends in .py")
