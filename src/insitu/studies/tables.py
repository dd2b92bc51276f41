"""What a study of a recipe consists of: rungs of a ladder, factors of the requirements; from RECIPE.toml."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from itertools import accumulate
from operator import attrgetter, or_
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, Unpack

from insitu.datasets import Dataset, load_digits
from insitu.errors import InputError, require_bool
from insitu.recipes import registry
from insitu.recipes.about import When
from insitu.recipes.claims import unmet
from insitu.recipes.loading import BaseRecipe, Changes, as_overrides, flat, require_once, to_toml
from insitu.reports.study_figures import Panel
from insitu.runs.folder import require_no_run
from insitu.studies.axes import Setting
from insitu.studies.executors import Executor
from insitu.validation import Table, validate

_FOLDER = Path(__file__).parent


class Factor(Table):
    """One property of a device or of the chip, from good to bad.

    Parameters
    ----------
    name : for the command line and the table, such as ``LSP.c2c``. panel : of the figure, whose axis its factors share.
    legend : what it is called there.
    field, values : of the recipe; in multiples of the fields ``times``, and called so where ``relative``.
    same : fields that take the same value. also : fields that change with it. at_least : fields that are at least this part
        of the value, rounded.
    """

    name: str
    panel: str
    legend: str
    field: str
    values: tuple[int | float, ...]
    times: tuple[str, ...] = ()
    relative: bool = False
    same: tuple[str, ...] = ()
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
            changed = self.also | least | dict.fromkeys((self.field, *self.same), given)
            found.append((float(value if self.relative else given), changed))
        return found


def _number(recipe: Any, field: str) -> Any:
    found = attrgetter(field)(recipe)
    if found is None:
        raise InputError(f"{field}: is off; what is varied is in proportion to it, so give a number")
    return found


class Judged(NamedTuple):
    """What a study looks at: a key of the result, and what it is the share of, ``{how}`` named."""

    key: str
    what: str

    def named(self, how: str = "correctly") -> str:
        """Return it in words."""
        return self.what.format(how=how)


class Task(Table):
    """What a recipe learns ``when`` it has these fields.

    Parameters
    ----------
    passes : field that says how long it learns. tune : field -> range in which ``insitu tune`` looks for a better value.
    key, what : of :class:`Judged`; the accuracy on test images, or those held back, if empty. ``{value}`` in them is the
        middle one of the field ``middle``.
    """

    when: When = {}
    passes: str
    tune: dict[str, tuple[float, float]] = {}
    key: str = ""
    what: str = ""
    middle: str = ""

    def judged(self, recipe: Any) -> Judged:
        """Return what a study of a resolved recipe looks at."""
        if not self.key:
            held = bool(recipe.data.validation)
            images = "held-back training images" if held else "test images"
            return Judged("validation_" * held + "accuracy", f"{images} named {{how}}")
        values = attrgetter(self.middle)(recipe)
        value = values[len(values) // 2]
        return Judged(self.key.format(value=value), self.what.format(value=value, how="{how}"))


class Assessing(Table):
    """How a device is assessed in a recipe.

    Parameters
    ----------
    table : of the recipe, in which the device stands. also : fields that change with it. schemes : ways of writing to try.
    """

    table: str
    schemes: tuple[str, ...]
    also: Setting = {}


class Tables(Table):
    """What the file of a recipe holds.

    Parameters
    ----------
    reference : what the first rung is, in words. twin : fields that make the recipe so. always : fields of every run.
    quick : a network for seconds, to see that a study works.
    start : name of the rung at which all is ideal that a rung adds; without it, that is the reference.
    ideal : rung of the ladder -> what is still ideal below it, from the last to the first.
    beyond : rungs above the recipe as it stands -> what each adds. beside : rungs beside the ladder.
    alone : switches all imperfections of the devices and of the chip off.
    tasks : the first that fits counts. assess : see :class:`Assessing`.
    """

    reference: str
    start: str = ""
    tasks: tuple[Task, ...]
    factors: tuple[Factor, ...]
    panels: dict[str, Panel]
    quick: Setting
    twin: Setting
    always: Setting = {}
    ideal: dict[str, Setting]
    beyond: dict[str, Setting]
    beside: dict[str, Setting]
    alone: Setting
    assess: Assessing

    @property
    def rungs(self) -> dict[str, Setting]:
        """What each rung changes of the recipe, in order; at ``all`` nothing."""
        below: Setting = {}
        down: dict[str, Setting] = {}
        for name, ideal in self.ideal.items():
            down[name] = below
            below = below | ideal
        first = {self.reference: self.twin} | ({self.start: below} if self.start else {})
        added = accumulate(self.beyond.values(), or_)
        return first | dict(reversed(down.items())) | dict(zip(self.beyond, added, strict=True)) | self.beside

    def task(self, recipe: BaseRecipe) -> Task:
        """Return what a resolved recipe learns."""
        fields = flat(to_toml(recipe))
        return next(task for task in self.tasks if not unmet(task.when, fields.get))


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

    ``epochs`` is how long is learned, in the field that the tables name; None is what the recipe says. ``set`` changes the
    recipe. ``quick`` is a trial of minutes, not hours: a small network, images those of the embedded digits. All others are
    as in :func:`insitu.sweep`.
    """

    seeds: int
    epochs: int | None
    set: Changes | None
    quick: bool
    dataset: Dataset | None
    data: registry.Given
    data_dir: str | Path | None
    out: str | Path | None
    workers: int | None
    cluster: str | Executor | None
    quiet: bool


def planned(recipe: str, study: str, **wishes: Unpack[Wishes]) -> dict[str, Any]:
    """Return what a study hands on to its runs, as :func:`insitu.studies.sweep.run_cases` takes it."""
    plan: dict[str, Any] = {"seeds": 5, "out": None, **wishes}
    epochs, quick = plan.pop("epochs", None), plan.pop("quick", False)
    require_bool("quick", quick)
    given = next((option for option in ("data", "data_dir", "dataset") if plan.get(option) is not None), None)
    if quick and given:
        option = f"--{given.replace('_', '-')}"
        raise InputError(f"--quick: is on the embedded digits, so {option} cannot be given too")
    known = tables(recipe)
    overrides = [*(registry.about(recipe).data if plan.get("data") is not None else ())]
    changes = plan.pop("set", None)
    overrides += [*(as_overrides(known.quick) if quick else []), *as_overrides(changes)]
    if epochs is not None:
        passes = known.task(registry.resolved(recipe, overrides)).passes
        require_once([passes], "--epochs", changes)
        overrides.append(f"{passes}={epochs}")
    if quick:
        plan["dataset"] = load_digits()
    if plan["out"] is None:
        plan["out"] = Path("sweeps") / f"{recipe}-{study}{'-quick' * quick}"
    require_no_run(Path(plan["out"]))
    return plan | {"overrides": overrides, "trial": quick}
