"""Device parameter sets by name, one file a paper, named AuthorYear, with the origin of every number."""

from __future__ import annotations

from functools import cache
from os import PathLike, fspath
from pathlib import Path

from insitu.devices.library.parameter_set import ParameterSet, Tag, Value, numbers
from insitu.devices.library.user_file import load_user_file
from insitu.errors import InputError, suggest
from insitu.plugins import entry_point

__all__ = ["ParameterSet", "Tag", "Value", "groups", "load", "names", "numbers"]

_KINDS = (
    "specifications",
    "conductive bridge (CBRAM)",
    "metal oxide (RRAM)",
    "phase change (PCM)",
    "capacitor (3T1C)",
    "electrochemical (ECRAM)",
    "ferroelectric, magnetic",
)


#: first word of the names of its sets -> file
_FILES = {path.stem.lower(): path for path in (Path(__file__).parent / "sets").glob("*.toml")}


@cache
def _sets(word: str) -> dict[str, ParameterSet]:
    """Return the sets of one file by name; none if there is no such file."""
    from insitu.devices.library.set_file import load_sets

    return {one.name: one for one in load_sets(_FILES[word])} if word in _FILES else {}


def groups() -> dict[str, list[str]]:
    """Return the names of all parameter sets by kind of memory."""
    found = [one for word in sorted(_FILES) for one in _sets(word).values()]
    return {kind: [one.name for one in found if one.kind == kind] for kind in _KINDS}


def names() -> list[str]:
    """Return the names of all parameter sets, by kind of memory."""
    return [name for group in groups().values() for name in group]


def load(name_or_path: str | PathLike[str]) -> ParameterSet:
    """Return a parameter set from the library, or a user's device from a file.

    Parameters
    ----------
    name_or_path : one of :func:`names`, or the path of a ``.py`` or ``.toml`` file (see docs/add-a-device.md).

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
    published = _sets(name.partition("-")[0])
    if name in published:
        return published[name]
    if name.endswith(".toml"):
        from insitu.devices.library.set_file import load_sets

        sets = load_sets(Path(name))
        if len(sets) != 1:
            raise InputError(f"{Path(name).name}: has {len(sets)} parameter sets; allowed is exactly one")
        return sets[0]
    if isinstance(offered := entry_point(name, "insitu.devices"), ParameterSet):
        return offered
    if name.endswith(".py") or Path(name).name != name:
        return load_user_file(Path(name))
    raise InputError(f"device: unknown name '{name}'; {suggest(name, names())}; your own file ends in .py or .toml")
