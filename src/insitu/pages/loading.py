"""Finished runs as the page wants them: read, checked, and sorted into groups that differ in nothing but the seed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insitu.recipes import registry
from insitu.recipes.loading import flat, to_toml
from insitu.reports.examples import examples_behind, with_error
from insitu.reports.numbers import spread, value_text
from insitu.reports.results import labelled
from insitu.runs import RunFolder


@dataclass(frozen=True)
class Run:
    """One finished run: its folder, and what is in it."""

    folder: RunFolder
    manifest: dict[str, Any]
    settings: dict[str, Any]  #: every field of the recipe, tables within the table, as in recipe.toml
    result: dict[str, Any]  #: the numbers of the run; docs/json.md explains the keys

    @property
    def recipe(self) -> str:
        """Name of the recipe."""
        return str(self.manifest["recipe"])

    @property
    def seed(self) -> int:
        """Seed of the run."""
        return int(self.manifest["seed"])

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self.manifest["dataset"]["name"])


@dataclass(frozen=True)
class Group:
    """Runs of the same settings, data and version.

    Parameters
    ----------
    name : what tells it from the other groups; empty if there is one.
    changed : field -> (value in the recipe as published, value here).
    """

    name: str
    runs: tuple[Run, ...]
    changed: Mapping[str, tuple[Any, Any]]

    @property
    def first(self) -> Run:
        """The run whose figures are shown."""
        return self.runs[0]

    def values(self, key: str) -> list[Any]:
        """Return a number of each run: a key of the result or, dotted, a field of the recipe."""
        return [found for run in self.runs if (found := look_up(run, key)) is not None]

    def text(self, key: str) -> str:
        """Return mean and spread of a number over the runs; of a single run, what its test examples leave open."""
        values = self.values(key)
        if len(values) == 1 == len(self.runs):
            return with_error(key, values[0], examples_behind(self.first.result, key))
        return spread(key, values)


def load_run(path: str | Path | RunFolder) -> Run:
    """Return a finished run; RunError if the folder is none, is damaged, or its run has not ended."""
    folder = path if isinstance(path, RunFolder) else RunFolder.open(path)
    return Run(folder, folder.manifest, folder.read_toml("recipe.toml"), folder.finished())


def load_runs(paths: Sequence[str | Path | RunFolder]) -> list[Run]:
    """Return the runs of these folders, each folder once."""
    found: dict[Path, Run] = {}
    for run in map(load_run, paths):
        found.setdefault(run.folder.path.resolve(), run)
    return list(found.values())


def grouped(runs: Sequence[Run]) -> tuple[list[Group], list[str]]:
    """Return the groups in order, and a sentence for each run that is left out because it repeats a seed."""
    found: dict[str, dict[Any, Run]] = {}
    repeated = []
    for run in runs:
        group = found.setdefault(json.dumps(_settings(run), sort_keys=True), {})
        before = group.setdefault(json.dumps(run.seed), run)
        if before is not run:
            repeated.append(f"{run.folder.path.name} repeats {before.folder.path.name}, seed included; counted once.")
    members = [tuple(group.values()) for group in found.values()]
    names = _names([group[0] for group in members])
    return [Group(name, group, _changed(group[0])) for name, group in zip(names, members, strict=True)], repeated


def labels_of(*runs: Run) -> dict[str, str]:
    """Return result key -> words: what the recipes label and a run has, else every plain value."""
    found: dict[str, str] = {}
    for run in reversed(runs):
        found = labelled(registry.about(run.recipe).labels, [run.result]) | found
    return found


def look_up(run: Run, key: str) -> Any:
    """Return a value of the result or, dotted, of the recipe; None if there is none, or it is a table."""
    if key in run.result:
        found = run.result[key]
    elif key == "dataset":
        found = run.dataset
    else:
        found = flat(run.settings).get(key)
    return None if isinstance(found, dict | list) else found


def _settings(run: Run) -> list[Any]:
    table = {key: value for key, value in run.settings.items() if key != "seed"}
    return [run.recipe, table, run.manifest["dataset"]["sha256"], _version(run), run.manifest["random_stream"]]


def _version(run: Run) -> str:
    versions = run.manifest.get("versions")
    return str(versions.get("insitu", "?")) if isinstance(versions, dict) else "?"


def _names(firsts: Sequence[Run]) -> list[str]:
    """Return for each group what tells it from the others: recipe, data and the fields in which they differ."""
    if len(firsts) == 1:
        return [""]
    tables = [flat(run.settings) | {"data": run.dataset, "insitu": _version(run)} for run in firsts]
    names = []
    for run, table in zip(firsts, tables, strict=True):
        alike = [other for one, other in zip(firsts, tables, strict=True) if one.recipe == run.recipe]
        fields = dict.fromkeys(key for other in alike for key in other)
        differ = [key for key in fields if key != "seed" and len({str(other.get(key)) for other in alike}) > 1]
        own = [f"{key.rpartition('.')[2]} {value_text(table.get(key, '–'))}" for key in differ]
        more = [f"and {len(own) - 3} more"] if len(own) > 3 else []
        one_recipe = len({one.recipe for one in firsts}) == 1
        names.append(", ".join([*([] if one_recipe else [run.recipe]), *own[:3], *more]))
    return [name if names.count(name) == 1 else f"{chr(65 + i % 26)}: {name}" for i, name in enumerate(names)]


def _changed(run: Run) -> dict[str, tuple[Any, Any]]:
    published = flat(to_toml(registry.resolved(run.recipe)))
    here = flat(run.settings)
    keys = [key for key in dict.fromkeys([*published, *here]) if key != "seed"]
    return {key: (published.get(key), here.get(key)) for key in keys if published.get(key) != here.get(key)}
