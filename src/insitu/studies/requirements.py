"""Device requirements: how bad one property may be before training falls behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from insitu.datasets import Dataset
from insitu.errors import InputError, require_between, suggest
from insitu.recipes import registry
from insitu.recipes.loading import Changes
from insitu.reports.captions import REFERENCES
from insitu.reports.study_figures import Axis, Curve, draw_requirements
from insitu.reports.study_tables import points, requirements_table
from insitu.studies.axes import Case, Setting
from insitu.studies.compared import Compared, by_seed, compare, judged_by
from insitu.studies.judging import Requirement, judge, verdict
from insitu.studies.rows import Row, write_rows
from insitu.studies.sweep import run_cases
from insitu.studies.swept import TRIAL, Sweep, show_table
from insitu.studies.tables import Factor, Tables, tables, wishes
from insitu.terminal import Shown

if TYPE_CHECKING:
    from rich.console import Console

LIMIT = 0.003  #: accuracy that may be lost; 0.3 points is the acceptance that we chose

Against = Literal["float", "recipe"]


@dataclass(frozen=True, repr=False)
class Requirements(Shown):
    """What the study of the requirements found.

    Parameters
    ----------
    sweep : all its runs. key : the result that is compared. against : the reference.
    base : the recipe as it stands against its floating-point twin; None if a seed of either is missing.
    found : one entry a factor.
    trial : whether its network and data say nothing about the paper.
    """

    sweep: Sweep
    key: str
    limit: float
    against: Against
    base: Compared | None
    found: tuple[Requirement, ...]
    trial: bool = False

    @property
    def rows(self) -> list[Row]:
        """One entry a factor."""
        panels = tables(self.sweep.recipe).panels
        keys = ("tolerance", "early", "late", "failing", "unsteady")
        return [
            {"factor": one.factor.name, "property": panel.title, "unit": panel.xlabel}
            | {key: getattr(one, key) for key in keys}
            | {"says": verdict(one)}
            for one in self.found
            for panel in [panels[one.factor.panel]]
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the study."""
        factors = [
            row
            | {
                "values": list(one.values),
                "difference": [point.difference for point in one.points],
                "standard_error": [point.error for point in one.points],
                "seeds": [len(point.values) for point in one.points],
            }
            for row, one in zip(self.rows, self.found, strict=True)
        ]
        base = None if self.base is None else self.base.difference
        against = {"of": self.key, "against": self.against, "recipe_to_float": base}
        return self.sweep.head | against | {"factors": factors, "failed": self.sweep.failed}

    def show(self, console: Console) -> None:
        """Print what each factor tolerates."""
        if not self.found:
            return
        lost = f"where {100 * self.limit:g} points are lost against {REFERENCES[self.against]}"
        table = requirements_table(f"{self.sweep.title}: {lost}" + TRIAL * self.trial, self.rows)
        beneath = ""
        if self.base is not None:
            gap = points(self.base.difference, self.base.difference_sd)
            beneath = f"The recipe as it stands against floating point: {gap} points"
        show_table(console, table, self.sweep.folder, "requirements", beneath)

    def write(self) -> None:
        """Write requirements.csv, requirements.json and requirements.png; RunError if that is not possible."""
        write_rows(self.sweep.folder, self.rows, "requirements")
        panels = [
            Axis(panel.title, panel.xlabel, panel.log, curves)
            for number, panel in tables(self.sweep.recipe).panels.items()
            if (curves := [_curve(one) for one in self.found if one.factor.panel == number])
        ]
        reference = REFERENCES[self.against]
        draw_requirements(
            panels,
            self.limit,
            self.sweep.folder / "requirements.png",
            title=f"{self.sweep.title}: how bad one property may be\n"
            f"mean ± standard error over the seeds; grey: within {100 * self.limit:g} points of {reference};\n"
            "triangle: the tolerance, where that is left first",
            ylabel=f"to {reference} (points)",
        )

    def __repr__(self) -> str:
        return f"<requirements of {self.sweep.title}: {len(self.found)} factors, in {self.sweep.folder}>"


def _curve(one: Requirement) -> Curve:
    means, errors = zip(*((100 * point.difference, 100 * point.error) for point in one.points), strict=True)
    return Curve(one.factor.name, one.values, means, errors, one.tolerance)


def choose(factors: Sequence[Factor], only: Sequence[str]) -> list[Factor]:
    """Return the factors of these names (all if none), or whose names begin with one and a dot, such as ``LSP``."""

    def fits(factor: Factor, name: str) -> bool:
        return f"{factor.name}.".startswith(f"{name}.")

    for name in only:
        if not any(fits(factor, name) for factor in factors):
            raise InputError(f"--only: unknown factor '{name}'; {suggest(name, [factor.name for factor in factors])}")
    return [factor for factor in factors if not only or any(fits(factor, name) for name in only)]


def requirements(
    recipe: str,
    *,
    only: Sequence[str] = (),
    alone: bool = False,
    against: Against = "float",
    limit: float = LIMIT,
    seeds: int = 5,
    epochs: int | None = None,
    set: Changes | None = None,
    quick: bool = False,
    dataset: Dataset | None = None,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    quiet: bool = False,
) -> Requirements:
    """Sweep one property of a device after the other, all else as the recipe has it; leave table and figure in a folder.

    Parameters
    ----------
    only : names of factors, or their beginning (``LSP``); all if empty.
    alone : switch all other imperfections of the devices off.
    against : the reference: the floating-point twin, or the recipe as it stands.
    limit : accuracy that may be lost against the reference.

    All others are as in :func:`insitu.studies.ladder.ladder`.

    Raises
    ------
    InputError : the recipe has no list of factors, a factor is unknown, or a field is unusable.
    RunError : the folder cannot be written.
    """
    known = tables(recipe)
    require_between("limit", limit, 0, 1, optional=False)
    if against not in REFERENCES:
        raise InputError(f"against: got {against!r}; allowed is 'float' or 'recipe'")
    asked = wishes(
        recipe, "requirements", changes=set, epochs=epochs, quick=quick, dataset=dataset, data_dir=data_dir, out=out
    )
    base = registry.resolved(recipe, asked["overrides"])
    key = judged_by(base)
    swept = [(factor, factor.points(base)) for factor in choose(known.factors, only)]
    cases = _cases(known, swept, alone)
    record = {"alone": alone, "against": against, "limit": limit, "factors": [factor.name for factor, _ in swept]}
    found = run_cases(recipe, cases, seeds=seeds, workers=workers, quiet=quiet, record=record, **asked)
    twin, recipe_rows = (_rows_of(name, found.rows) for name in ("float", "recipe"))
    compared = compare(recipe_rows, by_seed(twin, key), key)
    reference = by_seed(twin if against == "float" else recipe_rows, key)
    judged = tuple(
        judge(factor, [*points], [*points.values()], limit=limit, log=known.panels[factor.panel].log)
        for factor, _ in swept
        if (points := _points(_rows_of(factor.name, found.rows), reference, key))
    )
    result = Requirements(found, key, limit, against, compared, judged, quick)
    if result.found:
        result.write()
    return result


def _cases(known: Tables, swept: Sequence[tuple[Factor, Sequence[tuple[float, Setting]]]], alone: bool) -> list[Case]:
    """Return the settings of the study: the floating-point twin, the recipe as it stands, every value of every factor."""
    always = {"training.twin": False} | (known.alone if alone else {})
    cases = [Case({"factor": "float", "value": 0.0}, always | known.twin)]
    cases += [Case({"factor": "recipe", "value": 0.0}, always)]
    return cases + [
        Case({"factor": factor.name, "value": value}, always | changes)
        for factor, points in swept
        for value, changes in points
    ]


def _rows_of(factor: str, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["factor"] == factor]


def _points(rows: Sequence[Row], reference: Mapping[int, float], key: str) -> dict[float, Compared]:
    """Return the values of a factor of which a run succeeded, in order, each against the reference."""
    compared = {
        value: compare([row for row in rows if row["value"] == value], reference, key)
        for value in dict.fromkeys(row["value"] for row in rows)
    }
    return {value: point for value, point in compared.items() if point is not None}
