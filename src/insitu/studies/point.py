"""One run of a sweep, kept in a file that is named after everything its result depends on."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from insitu import __version__, terminal
from insitu.datasets import Dataset
from insitu.errors import InputError, RunError
from insitu.random import STREAM_VERSION
from insitu.recipes import registry
from insitu.recipes.running import carry_out
from insitu.recipes.session import Session
from insitu.runs import RunFolder
from insitu.runs.code import built_of, code_of
from insitu.runs.writing import read_json, to_json, write_json
from insitu.validation import validate


@dataclass(frozen=True)
class Point:
    """One point of a sweep, with all that a worker process needs.

    Parameters
    ----------
    recipe : its name; module : dotted name of its module; table : its resolved fields.
    setting : the varied fields of this point.
    folder : where the files of finished points are.
    """

    recipe: str
    module: str
    table: dict[str, Any]
    dataset: Dataset
    setting: dict[str, Any]
    folder: Path

    @property
    def name(self) -> str:
        """The point for people: its varied fields and its seed."""
        return ", ".join(f"{field}={value}" for field, value in {**self.setting, "seed": self.table["seed"]}.items())

    @cached_property
    def path(self) -> Path:
        """File of the finished point: the hash of recipe, data, version, the files that it names and what they make."""
        files = code_of(self.table)
        with suppress(InputError):  # of what cannot be made, its turn says why
            recipe = validate(registry.load_module(self.module).Recipe, self.table)
            files |= built_of(registry.parts_of(self.recipe, recipe)) if files else {}
        depends = [self.recipe, self.table, self.dataset.sha256, __version__, STREAM_VERSION, [*files.values()]]
        return self.folder / f"{hashlib.sha256(to_json(depends).encode()).hexdigest()[:16]}.json"

    def finished(self) -> dict[str, Any] | None:
        """Return ``{"result": ..., "seconds": ..., ...}`` of this point, or None if it is still to be done."""
        try:
            found = read_json(self.path)
        except RunError:  # missing or damaged
            return None
        return found if isinstance(found.get("result"), dict) and "seconds" in found else None

    def keep(self, found: dict[str, Any]) -> None:
        """Write what :func:`run_point` returned: nothing is left of a point that is stopped, all of one that has ended."""
        write_json(self.path, found)


def run_point(point: Point) -> dict[str, Any]:
    """Carry a point out, and return what is kept of it; nothing is written."""
    began = time.perf_counter()
    nowhere = RunFolder(point.folder / "none")
    session = Session(nowhere, terminal.console(stderr=True, quiet=True), result_only=True)
    result = carry_out(point.recipe, point.module, point.table, point.dataset, session)
    return {
        "setting": point.setting,
        "result": result,
        "seconds": time.perf_counter() - began,
        "recipe": point.table,
        "dataset": {"name": point.dataset.name, "sha256": point.dataset.sha256},
        "version": __version__,
    }
