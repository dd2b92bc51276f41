"""Device requirements: how bad one property may be before training falls behind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from insitu import terminal
from insitu.datasets import Dataset
from insitu.errors import InputError, require_between, suggest
from insitu.recipes.loading import Changes
from insitu.studies.axes import Case, Setting
from insitu.studies.compared import Compared, by_seed, compare, judged_by, recipe_of
from insitu.studies.rows import Row
from insitu.studies.showing import show_requirements
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Sweep
from insitu.studies.tables import Factor, Tables, tables, wishes

if TYPE_CHECKING:
    from rich.console import Console

LIMIT = 0.003  #: accuracy that may be lost; 0.3 points is the acceptance that we chose

Against = Literal["float", "recipe"]
#: factor -> (value, fields of the recipe) from good to bad
Swept = Mapping[str, Sequence[tuple[float, Setting]]]


@dataclass(frozen=True)
class Requirement:
    """What a factor tolerates.

    Parameters
    ----------
    factor : what was swept.
    values : swept, from good to bad. points : against the reference, one a value.
    tolerance : value at which the mean loss reaches the limit, between two swept values; None where it never does.
        Equal to the first value where even that one is beyond the limit (``failing``).
    early, late : the same for the mean loss one standard error worse, and better; None if it never does.
    unsteady : whether the loss is within the limit again at a worse value, so that chance may have had its say.
    """

    factor: Factor
    values: tuple[float, ...]
    points: tuple[Compared, ...]
    tolerance: float | None
    early: float | None
    late: float | None
    failing: bool
    unsteady: bool


@dataclass(frozen=True, repr=False)
class Requirements:
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

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the study."""
        from insitu.studies.verdicts import as_json

        return as_json(self)

    def show(self, console: Console) -> None:
        """Print what each factor tolerates."""
        if self.found:
            show_requirements(console, self)

    def __repr__(self) -> str:
        where = f"on {self.sweep.dataset}: {len(self.found)} factors, in {self.sweep.folder}"
        return f"<requirements of {self.sweep.recipe} {where}>"

    def __str__(self) -> str:
        return terminal.text(self.show)


def crossing(values: Sequence[float], losses: Sequence[float], limit: float, *, log: bool = False) -> float | None:
    """Return where a loss first exceeds a limit, in the order given, by linear interpolation; None if nowhere.

    Parameters
    ----------
    values, losses : (n,) of a factor, from good to bad; rising or falling.
    log : interpolate in the logarithm of the value.
    """
    for i, loss in enumerate(losses):
        if loss > limit:
            if i == 0:
                return values[0]
            part = (limit - losses[i - 1]) / (loss - losses[i - 1])
            a, b = values[i - 1], values[i]
            return float(math.exp((1 - part) * math.log(a) + part * math.log(b)) if log else (1 - part) * a + part * b)
    return None


def choose(factors: Sequence[Factor], only: Sequence[str]) -> list[Factor]:
    """Return the factors of these names (all if none), or whose names begin with one and a dot, such as ``LSP``."""
    for name in only:
        if not any(name == factor.name or factor.name.startswith(f"{name}.") for factor in factors):
            raise InputError(f"--only: unknown factor '{name}'; {suggest(name, [factor.name for factor in factors])}")
    chosen = [f for f in factors if not only or any(f.name == name or f.name.startswith(f"{name}.") for name in only)]
    return chosen


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
    from insitu.studies import verdicts

    known = tables(recipe)
    require_between("limit", limit, 0, 1, optional=False)
    if against not in ("float", "recipe"):
        raise InputError(f"against: got {against!r}; allowed is 'float' or 'recipe'")
    overrides, data, folder = wishes(
        recipe, "requirements", changes=set, epochs=epochs, quick=quick, dataset=dataset, data_dir=data_dir, out=out
    )
    base = recipe_of(recipe, overrides)
    key = judged_by(base)
    factors = choose(known.FACTORS, only)
    swept = {factor.name: factor.points(base) for factor in factors}
    found = run_cases(
        recipe, _cases(known, swept, alone), dataset=data, data_dir=data_dir, out=folder, seeds=seeds,
        overrides=overrides, workers=workers, quiet=quiet,
        record={"alone": alone, "against": against, "limit": limit, "factors": list(swept)},
    )  # fmt: skip
    groups = {name: [row for row in found.rows if row["factor"] == name] for name in ("float", "recipe", *swept)}
    compared = compare(groups["recipe"], by_seed(groups["float"], key), key)
    reference = by_seed(groups[against], key)
    judged = (_judged(factor, known, groups[factor.name], reference, key, limit) for factor in factors)
    known_ones = tuple(one for one in judged if one is not None)
    result = Requirements(found, key, limit, against, compared, known_ones, quick)
    if result.found:
        verdicts.write_requirements(result)
    return result


def _cases(known: Tables, swept: Swept, alone: bool) -> list[Case]:
    """Return the settings of the study: the floating-point twin, the recipe as it stands, every value of every factor."""
    always = {"training.twin": False} | (known.ALONE if alone else {})
    cases = [Case({"factor": "float", "value": 0.0}, always | known.FLOAT)]
    cases += [Case({"factor": "recipe", "value": 0.0}, always)]
    return cases + [
        Case({"factor": name, "value": value}, always | changes)
        for name, points in swept.items()
        for value, changes in points
    ]


def _judged(
    factor: Factor, known: Tables, rows: Sequence[Row], reference: dict[int, float], key: str, limit: float
) -> Requirement | None:
    """Return what a factor tolerates; None if no run of it succeeded."""
    values = dict.fromkeys(row["value"] for row in rows)  # rows come in the order of the values
    compared = {value: compare([row for row in rows if row["value"] == value], reference, key) for value in values}
    points = {value: point for value, point in compared.items() if point is not None}
    log = known.PANELS[factor.panel].log
    return judge(factor, [*points], [*points.values()], limit=limit, log=log) if points else None


def judge(
    factor: Factor, values: Sequence[float], points: Sequence[Compared], *, limit: float, log: bool
) -> Requirement:
    """Return what a factor tolerates, from its points."""
    at, early, late = (
        crossing(values, [k * p.error - p.difference for p in points], limit, log=log) for k in (0, 1, -1)
    )
    beyond = [-point.difference > limit for point in points]
    unsteady = beyond != sorted(beyond)
    return Requirement(factor, tuple(values), tuple(points), at, early, late, beyond[0], unsteady)
