"""The ablation ladder: one imperfection after the other, one technique after the other, up to the whole system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.datasets import Dataset
from insitu.recipes import registry
from insitu.recipes.loading import Changes
from insitu.reports.study_figures import draw_ladder
from insitu.reports.study_tables import ladder_table
from insitu.studies.axes import Case
from insitu.studies.compared import Compared, by_seed, compare, judged_by, named
from insitu.studies.rows import Row, write_rows
from insitu.studies.sweep import run_cases
from insitu.studies.swept import TRIAL, Sweep, show_table
from insitu.studies.tables import tables, wishes
from insitu.terminal import Shown

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, repr=False)
class Ladder(Shown):
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

    @property
    def rows(self) -> list[Row]:
        """One entry a rung; accuracies are fractions, a spread of one seed is None."""
        keys = ("mean", "sd", "difference", "difference_sd")
        return [
            {"rung": name, "seeds": len(rung.values)} | {key: getattr(rung, key) for key in keys}
            for name, rung in self.rungs.items()
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the study."""
        return self.sweep.head | {"of": self.key, "rungs": self.rows, "failed": self.sweep.failed}

    def show(self, console: Console) -> None:
        """Print the accuracy of each rung, and how far it is from floating point."""
        if self.rungs:
            title = f"{self.sweep.title}: {named(self.key)}" + TRIAL * self.trial
            show_table(console, ladder_table(title, self.rows), self.sweep.folder, "ladder")

    def write(self) -> None:
        """Write ladder.csv, ladder.json and ladder.png; RunError if that is not possible."""
        write_rows(self.sweep.folder, self.rows, "ladder")
        draw_ladder(
            {name: rung.values for name, rung in self.rungs.items()},
            self.sweep.folder / "ladder.png",
            title=f"{self.sweep.title}: from floating point to the whole system\n"
            "dots: one seed each; diamond: mean ± 1 standard deviation; dashed: floating point\n"
            "numbers: images named correctly (%), in brackets against floating point",
            xlabel=f"{named(self.key, 'wrongly')} (%)",
        )

    def __repr__(self) -> str:
        return f"<ladder of {self.sweep.title}: {len(self.rungs)} rungs, in {self.sweep.folder}>"


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
    rungs = tables(recipe).rungs
    asked = wishes(
        recipe, "ladder", changes=set, epochs=epochs, quick=quick, dataset=dataset, data_dir=data_dir, out=out
    )
    key = judged_by(registry.resolved(recipe, asked["overrides"]))
    cases = [Case({"rung": name}, {"training.twin": False} | changes) for name, changes in rungs.items()]
    record = {"rungs": rungs}
    found = run_cases(recipe, cases, seeds=seeds, workers=workers, quiet=quiet, record=record, **asked)
    groups = {name: [row for row in found.rows if row["rung"] == name] for name in rungs}
    twin = by_seed(groups[next(iter(rungs))], key)
    compared = {name: compare(rows, twin, key) for name, rows in groups.items()}
    result = Ladder(found, key, {name: one for name, one in compared.items() if one is not None}, quick)
    if result.rungs:
        result.write()
    return result
