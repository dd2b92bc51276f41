"""The ablation ladder: one imperfection after the other, one technique after the other, up to the whole system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu import terminal
from insitu.datasets import Dataset
from insitu.recipes.loading import Changes
from insitu.studies.axes import Case
from insitu.studies.compared import Compared, by_seed, compare, judged_by, recipe_of
from insitu.studies.showing import show_ladder
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Sweep
from insitu.studies.tables import tables, wishes

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, repr=False)
class Ladder:
    """What a ladder found.

    Parameters
    ----------
    sweep : all its runs.
    key : the result that is compared: ``accuracy``, or ``validation_accuracy`` if the recipe holds images back.
    rungs : by name, in order; the first is the reference. A rung of which no run succeeded is missing.
    trial : whether its network and data say nothing about the paper.
    """

    sweep: Sweep
    key: str
    rungs: Mapping[str, Compared]
    trial: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the study."""
        from insitu.studies.verdicts import as_json

        return as_json(self)

    def show(self, console: Console) -> None:
        """Print the table of the rungs."""
        if self.rungs:
            show_ladder(console, self)

    def __repr__(self) -> str:
        return (
            f"<ladder of {self.sweep.recipe} on {self.sweep.dataset}: {len(self.rungs)} rungs, in {self.sweep.folder}>"
        )

    def __str__(self) -> str:
        return terminal.text(self.show)


def ladder(
    recipe: str,
    *,
    seeds: int = 5,
    epochs: int | None = None,
    set: Changes | None = None,
    quick: bool = False,
    dataset: Dataset | None = None,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    quiet: bool = False,
) -> Ladder:
    """Carry out the rungs of a recipe, several seeds each; leave ladder.csv, ladder.json and ladder.png in a folder.

    Parameters
    ----------
    epochs : passes over the data; None is what the recipe says.
    set : changes the recipe that the last rung carries out as it stands; a lower rung takes from it what it has not
        reached yet.
    quick : minutes, not hours: a small network on the embedded digits; a trial only.

    All others are as in :func:`insitu.sweep`.

    Raises
    ------
    InputError : the recipe has no ladder, or a field is unusable.
    RunError : the folder cannot be written.
    """
    from insitu.studies import verdicts

    rungs = tables(recipe).RUNGS
    overrides, data, folder = wishes(
        recipe, "ladder", changes=set, epochs=epochs, quick=quick, dataset=dataset, data_dir=data_dir, out=out
    )
    key = judged_by(recipe_of(recipe, overrides))
    cases = [Case({"rung": name}, {"training.twin": False} | changes) for name, changes in rungs.items()]
    found = run_cases(
        recipe, cases, dataset=data, data_dir=data_dir, out=folder, seeds=seeds, overrides=overrides, workers=workers,
        quiet=quiet, record={"rungs": dict(rungs)},
    )  # fmt: skip
    groups = {name: [row for row in found.rows if row["rung"] == name] for name in rungs}
    twin = by_seed(groups[next(iter(rungs))], key)
    compared = {name: compare(rows, twin, key) for name, rows in groups.items()}
    result = Ladder(found, key, {name: one for name, one in compared.items() if one is not None}, quick)
    if result.rungs:
        verdicts.write_ladder(result)
    return result
