"""The files of users that a recipe names: what they hold, and whether they have been used here before.

A Python file is executed. Whoever starts a run names it, and so trusts it; the folder of a run, which may come from
somebody else, is no reason to.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from insitu.errors import RunError
from insitu.kernels.cache import cache_folder
from insitu.sources import files_of, reached


def code_of(table: Mapping[str, Any]) -> dict[str, str]:
    """Return path -> SHA-256 of every file that a recipe names, such as a user's device, and of what it imports."""
    files = [file for named in _named(table) for file in (files_of(named) if named.suffix == ".py" else [named])]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def built_of(parts: Mapping[str, Any]) -> dict[str, str]:
    """Return SHA-256 of the numbers of those devices and schemes that come from Python files of a user's, which may read
    others: of their fields, and of what their law takes from around it.

    Parameters
    ----------
    parts : name, with the path of such a file in it -> device or scheme.
    """
    found = {}
    for name, part in parts.items():
        if any(path.suffix == ".py" for path in _named(name)):
            numbers = [(f.name, getattr(part, f.name)) for f in fields(part)]
            around = [reached(getattr(part, law))[1] for law in ("step", "pulses") if hasattr(part, law)]
            found[f"what {name} makes"] = hashlib.sha256(repr((numbers, around)).encode()).hexdigest()
    return found


def trust(code: Mapping[str, str]) -> None:
    """Remember that Python files, as they are now, may be executed when a run folder names them."""
    with contextlib.suppress(OSError):  # what is not remembered is asked for again
        for digest in _python(code).values():
            (cache_folder("trusted") / digest).touch(mode=0o600)


def require_trusted(folder: Path, code: Mapping[str, str]) -> None:
    """Raise RunError if a run folder names a Python file that nobody has trusted here, as it is now."""
    for path, digest in _python(code).items():
        if not (cache_folder("trusted") / digest).is_file():
            raise RunError(
                f"{folder}: its recipe executes {path}, which has not been used here as it is now; read that file, then add "
                "--trust (from Python trust=True)"
            )


def check_same(began: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Raise RunError if the files that a recipe names, or what they make, are not those that its run began with."""
    for path in sorted({*began, *now}):
        if began.get(path) != now.get(path):
            fault = "is gone" if path not in now else "has changed" if path in began else "is new"
            raise RunError(
                f"--resume: {path} {fault} since the run began, and going on would mix the two; put it back as it was, or "
                "start the run anew"
            )


def _python(code: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in code.items() if path.endswith(".py")}


def _named(value: Any) -> Iterator[Path]:
    """Yield the files that a value names, ``file.py:ClassName`` too."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, str):
        file, _, _ = value.rpartition(":")
        name = file if file.endswith(".py") else value
        if name.endswith((".py", ".toml")) and os.path.isfile(name):
            yield Path(name).resolve()
