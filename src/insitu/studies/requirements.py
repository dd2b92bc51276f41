"""Device requirements: how bad one property may be before training falls behind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from insitu.datasets import Dataset
from insitu.errors import InputError, require_between, suggest
from insitu.studies.axes import Case
from insitu.studies.compared import Compared, by_seed, compare, judged_by, recipe_of
from insitu.studies.sweep import Sweep, run_cases
from insitu.studies.tables import Factor, tables

if TYPE_CHECKING:
    from rich.console import Console

LIMIT = 0.003  #: accuracy that may be lost; 0.3 points is the acceptance that we chose

Against = Literal["float", "recipe"]


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


@dataclass(frozen=True)
class Requirements:
    """What the study of the requirements found.

    Parameters
    ----------
    sweep : all its runs. key : the result that is compared. against : the reference.
    base : the recipe as it stands against its floating-point twin; None if a seed of either is missing.
    found : one entry a factor.
    """

    sweep: Sweep
    key: str
    limit: float
    against: Against
    base: Compared | None
    found: tuple[Requirement, ...]


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
    dataset: Dataset,
    out: str | Path,
    only: Sequence[str] = (),
    seeds: int = 5,
    overrides: Sequence[str] = (),
    alone: bool = False,
    against: Against = "float",
    limit: float = LIMIT,
    workers: int | None = None,
    console: Console | None = None,
) -> Requirements:
    """Sweep one property of a device after the other, all else as the recipe has it.

    Parameters
    ----------
    only : names of factors, or their beginning (``LSP``); all if empty.
    alone : switch all other imperfections of the devices off.
    against : the reference: the floating-point twin, or the recipe as it stands.
    limit : accuracy that may be lost against the reference.

    All others are as in :func:`insitu.studies.sweep.sweep`.

    Raises
    ------
    InputError : the recipe has no list of factors, a factor is unknown, or a field is unusable.
    RunError : the folder cannot be written.
    """
    known = tables(recipe)
    require_between("limit", limit, 0, 1, optional=False)
    if against not in ("float", "recipe"):
        raise InputError(f"against: got {against!r}; allowed is 'float' or 'recipe'")
    base = recipe_of(recipe, overrides)
    key = judged_by(base)
    factors = choose(known.FACTORS, only)
    swept = {factor.name: factor.points(base) for factor in factors}
    always = {"training.twin": False} | (known.ALONE if alone else {})
    cases = [Case({"factor": "float", "value": 0.0}, always | known.FLOAT)]
    cases += [Case({"factor": "recipe", "value": 0.0}, always)]
    cases += [Case({"factor": n, "value": v}, always | changes) for n, points in swept.items() for v, changes in points]
    found = run_cases(
        recipe, cases, dataset=dataset, out=out, seeds=seeds, overrides=overrides, workers=workers, console=console,
        record={"alone": alone, "against": against, "limit": limit, "factors": [factor.name for factor in factors]},
    )  # fmt: skip
    groups = {name: [row for row in found.rows if row["factor"] == name] for name in ("float", "recipe", *swept)}
    twin, reference = by_seed(groups["float"], key), by_seed(groups[against], key)
    judged = []
    for factor in factors:
        pairs = [
            (value, compare([row for row in groups[factor.name] if row["value"] == value], reference, key))
            for value, _ in swept[factor.name]
        ]
        done = [(value, point) for value, point in pairs if point is not None]
        if done:
            judged.append(judge(factor, *zip(*done, strict=True), limit=limit, log=known.PANELS[factor.panel].log))
    return Requirements(found, key, limit, against, compare(groups["recipe"], twin, key), tuple(judged))


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
