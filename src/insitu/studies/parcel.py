"""A point on its way to another machine: with the files of the user's that it names, and what they import."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from insitu.datasets import Dataset
from insitu.errors import InputError, InsituError
from insitu.runs.code import code_of
from insitu.runs.manifest import versions
from insitu.studies.point import Point, run_point


@dataclass(frozen=True)
class Parcel:
    """A point without its data.

    Parameters
    ----------
    files : full path -> content, of what :func:`insitu.runs.code.code_of` finds. places : folders in which Python looks for
        modules here, as far as they hold some of the files. versions : of the one who sends it.
    """

    point: Point
    files: Mapping[str, bytes]
    places: tuple[str, ...]
    versions: Mapping[str, str | None]


def packed(point: Point) -> Parcel:
    """Return a point with all that another machine may lack, but for the data."""
    files = {path: Path(path).read_bytes() for path in code_of(point.table)}
    looked = [str(Path(place).resolve()) for place in sys.path]
    places = tuple(place for place in looked if any(Path(path).is_relative_to(place) for path in files))
    return Parcel(replace(point, dataset=None), files, places, versions())  # type: ignore[arg-type]  # it comes beside


def run_parcel(parcel: Parcel, dataset: Dataset) -> dict[str, Any]:
    """Carry a point out on this machine and return what the one who sent it keeps, with files called as they are there.

    Raises
    ------
    InputError : other versions are installed here.
    """
    require_same(parcel.versions)
    with _unpacked(parcel) as here:
        there = {new: old for old, new in here.items()}
        point = replace(parcel.point, dataset=dataset, table=_renamed(parcel.point.table, here))
        try:
            found: dict[str, Any] = _renamed(run_point(point), there)
        except InsituError as error:
            raise type(error)(_renamed(str(error), there)) from None
    return found


def require_same(wanted: Mapping[str, str | None]) -> None:
    """Raise InputError unless the versions installed here are those of the one who asks."""
    for name, here in versions().items():
        if here != wanted.get(name):
            both = f"a worker has {name} {here}, the client {wanted.get(name)}"
            raise InputError(f"--cluster: {both}; install the same on both")


@contextmanager
def _unpacked(parcel: Parcel) -> Iterator[dict[str, str]]:
    """Write the files of a parcel below a folder of their own; yield old path -> new. Modules in it are forgotten again.

    A module of the next parcel may have the same name and another content.
    """
    if not parcel.files:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="insitu-") as scratch:
        root, before = Path(scratch).resolve(), list(sys.path)

        def below(path: str) -> Path:
            return root.joinpath(*Path(path).parts[1:])

        for path, content in parcel.files.items():
            below(path).parent.mkdir(parents=True, exist_ok=True)
            below(path).write_bytes(content)
        sys.path[:0] = [str(below(place)) for place in parcel.places]
        try:
            yield {path: str(below(path)) for path in parcel.files}
        finally:
            sys.path[:] = before
            for name, module in list(sys.modules.items()):
                if str(getattr(module, "__file__", None)).startswith(str(root)):
                    del sys.modules[name]


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value in which texts, tables and lists call files by other names."""
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, Mapping):
        return {_renamed(key, names): _renamed(inner, names) for key, inner in value.items()}
    return [_renamed(inner, names) for inner in value] if isinstance(value, list | tuple) else value
