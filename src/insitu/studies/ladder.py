"""The ablation ladder: one imperfection after the other, one technique after the other, up to the whole system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.datasets import Dataset
from insitu.studies.axes import Case
from insitu.studies.compared import Compared, by_seed, compare, judged_by, recipe_of
from insitu.studies.sweep import Sweep, run_cases
from insitu.studies.tables import tables

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Ladder:
    """What a ladder found.

    Parameters
    ----------
    sweep : all its runs.
    key : the result that is compared: ``accuracy``, or ``validation_accuracy`` if the recipe holds images back.
    rungs : by name, in order; the first is the reference. A rung of which no run succeeded is missing.
    """

    sweep: Sweep
    key: str
    rungs: Mapping[str, Compared]


def ladder(
    recipe: str,
    *,
    dataset: Dataset,
    out: str | Path,
    seeds: int = 5,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    console: Console | None = None,
) -> Ladder:
    """Carry out the rungs of a recipe, several seeds each; see :func:`insitu.studies.sweep.sweep` for the parameters.

    ``overrides`` change the recipe that the last rung carries out as it stands; a lower rung takes from it what it has
    not reached yet.

    Raises
    ------
    InputError : the recipe has no ladder, or a field is unusable.
    RunError : the folder cannot be written.
    """
    rungs = tables(recipe).RUNGS
    key = judged_by(recipe_of(recipe, overrides))
    cases = [Case({"rung": name}, {"training.twin": False} | changes) for name, changes in rungs.items()]
    record: dict[str, Any] = {"rungs": dict(rungs)}
    found = run_cases(
        recipe, cases, dataset=dataset, out=out, seeds=seeds, overrides=overrides, workers=workers, console=console,
        record=record,
    )  # fmt: skip
    groups = {name: [row for row in found.rows if row["rung"] == name] for name in rungs}
    twin = by_seed(groups[next(iter(rungs))], key)
    compared = {name: compare(rows, twin, key) for name, rows in groups.items()}
    return Ladder(found, key, {name: one for name, one in compared.items() if one is not None})
