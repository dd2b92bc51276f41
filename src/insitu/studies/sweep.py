"""A recipe at many settings and seeds: several processes, every finished point kept at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from insitu import datasets, terminal
from insitu.datasets import Dataset
from insitu.devices.base import Device
from insitu.errors import require_whole
from insitu.kernels.cache import nothing_compiled
from insitu.parsing import parse_toml
from insitu.progress import duration, progress
from insitu.recipes import registry
from insitu.recipes.loading import BaseRecipe, Changes, apply_overrides, put, require_once, to_toml
from insitu.recipes.pace import keep_pace, pace
from insitu.recipes.running import overrides_of, quick_note
from insitu.recipes.workers import Outcome
from insitu.reports.numbers import counted
from insitu.runs.folder import require_no_run
from insitu.runs.manifest import versions
from insitu.runs.writing import make_folder, write_json
from insitu.studies.axes import MOST_POINTS, Case, Vary, fields_of, settings
from insitu.studies.executors import Executor, Processes, opened
from insitu.studies.point import Point
from insitu.studies.swept import Sweep, new_row, write_rows
from insitu.validation import validate

_COMPILING = 10  #: seconds, of the kernels of one system on an idle core (docs/performance.md)


def sweep(
    recipe: str,
    vary: Vary,
    *,
    seeds: int = 1,
    set: Changes | None = None,
    device: str | PathLike[str] | Device | None = None,
    quick: bool = False,
    dataset: Dataset | None = None,
    data: registry.Given = None,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    cluster: str | Executor | None = None,
    quiet: bool = False,
) -> Sweep:
    """Carry out a recipe at every combination of field values, several seeds each; points of earlier calls are kept.

    A point is known by everything that its result depends on. So the same call again does only what is missing, and so
    does one with more seeds or more values, in the same folder. A point stopped half-way is done anew. Delete the folder
    after you have changed the code of insitu itself.

    Parameters
    ----------
    recipe : its name.
    vary : field -> values, for example ``{"pruning.fraction": [0, 0.5, 0.9]}``; fields that change together are joined,
        ``{"network.neurons+array.bits": [(500, 2), (165, 8)]}``.
    seeds : how many, counted from the seed of the recipe.
    set, device, quick : of all points; see :func:`insitu.run`.
    dataset : the data; or ``data`` or ``data_dir``, as in :func:`insitu.run`.
    out : folder of the sweep, made if need be; None is ``sweeps/RECIPE``.
    workers : number of processes; None is one a core. With one, the points follow each other in this process.
    cluster : address of a Dask scheduler, or ``local`` for one of this machine, in place of processes (docs/clusters.md).
    quiet : whether to say nothing on standard error: neither estimate nor progress.

    Raises
    ------
    InputError : a field or a value is unusable; nothing is started then.
    RunError : the folder cannot be written.
    """
    cases = [Case(setting, setting) for setting in settings(vary)]
    of_device = {"--device": None if device is None else registry.about(recipe).device}
    require_once(fields_of(vary), "--vary", set, of_device)
    overrides = overrides_of(recipe, set, device=device, quick=quick, data=data)
    if quick:
        terminal.note(quick_note(recipe), quiet=quiet)
    record = {"vary": {key: list(values) for key, values in vary.items()}}
    out = Path("sweeps") / recipe if out is None else out
    return run_cases(
        recipe, cases, dataset=dataset, data=data, data_dir=data_dir, out=out, seeds=seeds, overrides=overrides,
        workers=workers, cluster=cluster, quiet=quiet, record=record, trial=quick,
    )  # fmt: skip


def run_cases(
    recipe: str,
    cases: Sequence[Case],
    *,
    dataset: Dataset | None = None,
    data: registry.Given = None,
    data_dir: str | Path | None = None,
    out: str | Path,
    seeds: int = 1,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    cluster: str | Executor | None = None,
    quiet: bool = False,
    record: Mapping[str, Any] | None = None,
    trial: bool = False,
) -> Sweep:
    """Carry out a recipe at the given settings; all else is as in :func:`sweep`. Equal points are carried out once.

    Parameters
    ----------
    record : what sweep.json says of the settings. trial : whether network and data say nothing about the paper.
    """
    console = terminal.console(stderr=True, quiet=quiet)
    require_no_run(Path(out))
    where = opened(cluster, workers)
    datasets.require_one(data, data_dir)
    if dataset is None:
        base = registry.resolved(recipe, overrides)  # a wrong name or field is told before data is looked for
        dataset = data_for(recipe, base, data, data_dir, console)
    points = _points(recipe, cases, dataset, Path(out), seeds, overrides)
    make_folder(Path(out) / "points", told=Path(out))
    found: dict[Path, Outcome] = {p.path: kept for p in points if (kept := p.finished()) is not None}
    left = {p.path: p for p in points if p.path not in found}
    try:
        found |= _carry_out(list(left.values()), found, where, console)
    except KeyboardInterrupt:
        terminal.say(console, f"Stopped; the points that are finished are in {out}, the same command goes on")
        raise
    result = _result(recipe, [(point, found[point.path]) for point in points], Path(out), trial)
    write_rows(result.folder, result.rows)
    about = {
        "recipe": recipe,
        "overrides": list(overrides),
        **(record or {}),
        "seeds": list(dict.fromkeys(point.table["seed"] for point in points)),
        "dataset": {"name": points[0].dataset.name, "sha256": points[0].dataset.sha256},
        "versions": versions(),
        "failed": result.failed,
        "trial": trial,
    }
    write_json(result.folder / "sweep.json", about)
    return result


def data_for(
    recipe: str, base: BaseRecipe, data: registry.Given, data_dir: str | Path | None, console: Console
) -> Dataset:
    """Return the data that a resolved recipe learns from, found or loaded, and say which it is."""
    found = registry.data_of(recipe, base, lambda: datasets.find(data_dir), data)
    terminal.say(console, found.note)
    return found


def _result(recipe: str, pairs: Sequence[tuple[Point, Outcome]], out: Path, trial: bool) -> Sweep:
    """Return the sweep of these points and of what came of each."""
    bad = [(point, outcome) for point, outcome in pairs if isinstance(outcome, Exception)]
    return Sweep(
        recipe=recipe,
        dataset=pairs[0][0].dataset.name,
        fields=tuple(pairs[0][0].setting),
        rows=[new_row(point.setting, kept["result"]) for point, kept in pairs if isinstance(kept, dict)],
        results=[kept["result"] for _, kept in pairs if isinstance(kept, dict)],
        failed=[{**point.setting, "seed": point.table["seed"], "error": str(error)} for point, error in bad],
        errors=[error for _, error in bad],
        folder=out,
        trial=trial,
    )


def _points(
    recipe: str, cases: Sequence[Case], dataset: Dataset, out: Path, seeds: int, overrides: Sequence[str]
) -> list[Point]:
    """Return all points, every field of each checked."""
    require_whole("seeds", seeds, 1, MOST_POINTS // max(1, len(cases)))
    model, module = registry.carrier(recipe).Recipe, registry.module_name(recipe)
    text, first = registry.toml_text(recipe), registry.resolved(recipe, overrides).seed
    points = []
    for case in cases:
        for i in range(case.seeds or seeds):
            table = apply_overrides(parse_toml(text), overrides)  # no fields of a scheme that a case replaces
            for key, value in (*case.changes.items(), ("seed", first + i)):
                put(table, key, value)
            checked = validate(model, table)
            data = registry.data_of(recipe, checked, lambda: dataset)
            points.append(Point(recipe, module, to_toml(checked), data, case.labels, out / "points"))
    return points


def _carry_out(
    left: Sequence[Point], kept: dict[Path, Outcome], where: AbstractContextManager[Executor], console: Console
) -> dict[Path, Outcome]:
    """Carry out the points that are left, the longest first, keep each that ends, and return what became of them."""
    total = counted(len(left) + len(kept), "point")
    before = f", {len(kept)} of them finished before" if kept else ""
    if not left:
        console.print(f"{total}{before}; nothing is left to do")
        return {}
    costs, known = _costs(left, [o["seconds"] for o in kept.values() if isinstance(o, dict)])
    timed, slower = list[tuple[float, float]](), pace(left[0].recipe)
    with where as executor:
        count = executor.at_once(len(left))
        estimate = sum(costs.values()) * (slower or 1.0) / count if known else None
        told = _told(estimate, timed=slower is not None)
        console.print(f"{total}{before}; {len(left)} to do, {count} at a time, {told}", soft_wrap=True)
        ordered = sorted(left, key=lambda point: -costs[point.path])
        with progress(console, sum(costs.values()), len(left), estimate) as advance:

            def done(point: Point, outcome: Outcome) -> None:
                if isinstance(outcome, Exception):
                    console.print(" ".join(f"{point.name} failed: {outcome}".split()), soft_wrap=True)
                else:
                    point.keep(outcome)
                    timed.append((costs[point.path], outcome["seconds"]))
                advance(costs[point.path])

            outcomes = executor.run(ordered, done)
        if known and isinstance(executor, Processes):
            keep_pace(left[0].recipe, timed[count:])  # the first of each process compiles
    return {point.path: outcome for point, outcome in zip(ordered, outcomes, strict=True)}


def _told(estimate: float | None, *, timed: bool) -> str:
    """Return how long points will take, s; a law of a device that was not used before compiles in some seconds more.

    ``timed`` tells whether points of this recipe were timed on this machine.
    """
    if estimate is None:
        return "the time is known after the first"
    first = f"and some {_COMPILING} s or more of compiling, this first time" if nothing_compiled() else "once compiled"
    where = "as earlier ones took here" if timed else "on idle cores of a fast machine"
    return f"about {duration(estimate)} {where}, {first}"


def _costs(points: Sequence[Point], seconds: Sequence[float]) -> tuple[dict[Path, float], bool]:
    """Return the seconds that each point may take on one core, and whether anything is known about that.

    The recipe says so if it can (``estimate_seconds``); else they take what finished ones took on average.
    """
    kind = registry.load_module(points[0].module).Recipe
    told = {p.path: registry.estimate_seconds(p.module, validate(kind, p.table), p.dataset) for p in points}
    if None not in told.values():
        return cast("dict[Path, float]", told), True
    mean = sum(seconds) / len(seconds) if seconds else 1.0
    return {point.path: mean for point in points}, bool(seconds)
