"""What a study of a recipe consists of: rungs of a ladder, factors of the device requirements; from RECIPE.toml."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypedDict, Unpack

from insitu.datasets import Dataset, load_digits
from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.loading import Changes, as_overrides
from insitu.reports.study_figures import Panel
from insitu.studies.axes import Setting
from insitu.validation import Table, validate

_FOLDER = Path(__file__).parent


class Factor(Table):
    """One property of a device, from good to bad.

    Parameters
    ----------
    name : for the command line and the table, such as ``LSP.c2c``. panel : of the figure, whose axis its factors share.
    legend : what it is called there.
    field, values : of the recipe; in multiples of the fields ``times``, and called so where ``relative``.
    also : fields that change with it. at_least : fields that are at least this part of the value, rounded.
    """

    name: str
    panel: str
    legend: str
    field: str
    values: tuple[float, ...]
    times: tuple[str, ...] = ()
    relative: bool = False
    also: Setting = {}
    at_least: dict[str, float] = {}

    def points(self, recipe: Any) -> list[tuple[float, Setting]]:
        """Return (value, fields of the recipe), from good to bad, of a resolved recipe."""
        unit = math.prod(_number(recipe, field) for field in self.times)
        found = []
        for value in self.values:
            whole = bool(self.times) and isinstance(unit, int)
            given = max(1, round(value * unit)) if whole else value * unit
            least = {key: max(_number(recipe, key), round(part * value)) for key, part in self.at_least.items()}
            found.append((value if self.relative else float(given), self.also | least | {self.field: given}))
        return found


def _number(recipe: Any, field: str) -> Any:
    found = attrgetter(field)(recipe)
    if found is None:
        raise InputError(f"{field}: is off; what is varied is in proportion to it, so give a number")
    return found


class Tables(Table):
    """What the file of a recipe holds.

    Parameters
    ----------
    quick : a network for seconds, to see that a study works. twin : makes the recipe its own floating-point twin.
    ideal : rung of the ladder -> what is still ideal below it, from the last to the first. beside : rungs beside the ladder.
    alone : switches all imperfections of the devices off.
    """

    factors: tuple[Factor, ...]
    panels: dict[str, Panel]
    quick: Setting
    twin: Setting
    ideal: dict[str, Setting]
    beside: dict[str, Setting]
    alone: Setting

    @property
    def rungs(self) -> dict[str, Setting]:
        """What each rung changes of the recipe, in order: the first is the reference, at the last it changes nothing."""
        rungs: dict[str, Setting] = {}
        below: Setting = {}
        for name, ideal in self.ideal.items():
            rungs[name] = below
            below = below | ideal
        return {"float": self.twin, "pulses": below} | dict(reversed(rungs.items())) | self.beside


@cache
def tables(recipe: str) -> Tables:
    """Return the tables of a recipe; InputError if there are none."""
    registry.module_name(recipe)  # a wrong name is told first
    known = [name for name in registry.names() if (_FOLDER / f"{name}.toml").is_file()]
    if recipe not in known:
        raise InputError(f"recipe: {recipe} has no ladder and no list of requirements; allowed: {', '.join(known)}")
    return validate(Tables, tomllib.loads((_FOLDER / f"{recipe}.toml").read_text(encoding="utf-8")))


class Wishes(TypedDict, total=False):
    """How a study is carried out.

    ``epochs`` are passes over the data; None is what the recipe says. ``set`` changes the recipe. ``quick`` is a trial of
    minutes, not hours: a small network on the embedded digits. All others are as in :func:`insitu.sweep`.
    """

    seeds: int
    epochs: int | None
    set: Changes | None
    quick: bool
    dataset: Dataset | None
    data_dir: str | Path | None
    out: str | Path | None
    workers: int | None
    quiet: bool


def planned(recipe: str, study: str, **wishes: Unpack[Wishes]) -> dict[str, Any]:
    """Return what a study hands on to its runs, as :func:`insitu.studies.sweep.run_cases` takes it."""
    plan: dict[str, Any] = {"seeds": 5, "out": None, **wishes}
    epochs, quick = plan.pop("epochs", None), plan.pop("quick", False)
    if quick and (plan.get("dataset") is not None or plan.get("data_dir") is not None):
        raise InputError("--quick: is on the embedded digits, so --data-dir cannot be given too")
    overrides = as_overrides(tables(recipe).quick) if quick else []
    overrides += [*as_overrides(plan.pop("set", None)), *([] if epochs is None else [f"training.epochs={epochs}"])]
    if quick:
        plan["dataset"] = load_digits()
    if plan["out"] is None:
        plan["out"] = Path("sweeps") / f"{recipe}-{study}{'-quick' * quick}"
    return plan | {"overrides": overrides}
