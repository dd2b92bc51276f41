"""Tune fields of a recipe on what is held back from training, so that schemes are compared at their best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from os import PathLike, fspath
from shlex import join, quote
from typing import Any, Unpack

from insitu import terminal
from insitu.errors import require_whole
from insitu.recipes import kept, registry
from insitu.recipes.loading import BaseRecipe, as_overrides, field_of, require_once
from insitu.recipes.running import device_override
from insitu.reports.captions import TITLES
from insitu.reports.tune import draw_trials, trials_table, verdict
from insitu.studies.axes import Case, Setting
from insitu.studies.over import Over, ranges
from insitu.studies.search import Search, best_of
from insitu.studies.study import Study, of_one_recipe
from insitu.studies.sweep import data_for, run_cases
from insitu.studies.swept import Row, Sweep
from insitu.studies.tables import Wishes, planned, tables

_OTHER_SEED = 1000  #: from which seeds begin where nothing can be held back, so that tests see other noise


def tune(
    recipe: str,
    over: Sequence[str] | Mapping[str, Sequence[Any]] = (),
    *,
    trials: int = 30,
    keep: str | PathLike[str] | None = None,
    device: str | PathLike[str] | None = None,
    **wishes: Unpack[Wishes],
) -> Study:
    """Look for the values of some fields with which a recipe does best; leave tune.csv, tune.json and tune.png in a folder.

    The first trial is the recipe as it stands. Images are held back from training, a sixth unless the recipe says how many,
    and decide; of words, which have no such part, other seeds decide than those that a run begins with. The same call goes on
    where it was stopped, see :class:`insitu.studies.search.Search`.

    Parameters
    ----------
    over : such as ``training.rate=0.001..0.1`` or ``scheme.burst=1,5,31``; or field -> tuple (low, high), or list of values.
        Where there is none, what the recipe, and its scheme, say can be tuned.
    trials : settings that are tried. device : as ``--device``. keep : a file for ``insitu.run(tuned=...)``.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default one seed.

    Raises
    ------
    InputError : optuna is not installed, a field, range or ``keep`` is unusable. RunError : a file cannot be written.
    """
    require_whole("trials", trials, 1, 100_000)
    if keep is not None:
        kept.require_place(keep)
    plan = planned(recipe, "tune", **{"seeds": 1} | wishes)
    plan["overrides"] += [] if device is None else [device_override(recipe, device)]
    known, base = tables(recipe), registry.resolved(recipe, plan["overrides"])
    if plan.get("dataset") is None:
        console = terminal.console(stderr=True, quiet=wishes.get("quiet", False))
        plan["dataset"] = data_for(recipe, base, plan.pop("data", None), plan.pop("data_dir", None), console)
    asked = plan["overrides"]
    plan["overrides"] = [*plan["overrides"], *held_back(known.task(base).key, base, len(plan["dataset"].train_images))]
    base = registry.resolved(recipe, plan["overrides"])
    judged = known.task(base).judged(base)
    axes = ranges(over, known.task(base).tune, base)
    if over:  # what is set is where trials start
        of_epochs = None if wishes.get("epochs") is None else known.task(base).passes
        once = {"--device": None if device is None else registry.about(recipe).device, "--epochs": of_epochs}
        require_once([axis.field for axis in axes], "--over", None, once)
    _require_possible(recipe, axes, plan["overrides"])
    rows, sweep = _search(recipe, axes, trials, judged.key, known.always, base, plan)
    judged, best, fields = sweep.in_words(judged), best_of(rows), [axis.field for axis in axes]
    told = {"of": judged.key, "fields": fields, "trials": rows, "best": best}
    title = TITLES["tune"].format(of=sweep.title, what=judged.named())
    draw = partial(draw_trials, rows, [(axis.field, axis.log) for axis in axes], title=title)
    on = _on(wishes, known.task(base).key)
    again = ["run", recipe, *_set(item for item in asked if field_of(item) not in fields), *on]
    says = [verdict(again, judged.named(), rows[0], best, fields) if best else "No trial succeeded."]
    if best and keep is not None:
        kept.keep(keep, _kept(recipe, base, plan, fields, rows, best, [*_set(asked), *on]))
        says.append(f"Kept: add --tuned {quote(fspath(keep))} to the same run in place of the fields")
    table = trials_table(sweep.title, judged.named(), rows, fields)
    return of_one_recipe("tune", sweep, rows if best else [], told, [table], draw, says=says)


def _set(overrides: Iterable[str]) -> list[str]:
    """Return the options of a command that change these fields."""
    return [part for item in overrides for part in ("--set", item)]


def _require_possible(recipe: str, axes: Sequence[Over], overrides: Sequence[str]) -> None:
    """Raise InputError about what the recipe cannot take, before anything runs."""
    for axis in axes:
        for value in axis.values:
            registry.resolved(recipe, [*overrides, *as_overrides({axis.field: value})])


def _kept(
    recipe: str,
    base: BaseRecipe,
    plan: Mapping[str, Any],
    fields: list[str],
    rows: Sequence[Row],
    best: Row,
    options: list[str],
) -> kept.Kept:
    return kept.Kept(
        recipe=recipe,
        where=kept.place_of(recipe, base, plan["overrides"], [*fields, tables(recipe).task(base).passes]),
        fields={field: _rounded(best[field]) for field in fields} if best["trial"] else {},
        stands=rows[0]["mean"],
        best=best["mean"],
        trials=len(rows),
        command=join(["insitu", "tune", recipe, *options, "--trials", str(len(rows))]),
    )


def _rounded(value: Any) -> Any:
    """Return a number to the four digits that are told of it."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _on(wishes: Wishes, key: str) -> list[str]:
    """Return the options with which a run has the data of the trials; a task with a ``key`` of its own brings them."""
    if wishes.get("quick", False) and not key:
        return ["--data", "digits"]
    given = {"--data": wishes.get("data"), "--data-dir": wishes.get("data_dir")}
    return [
        part for option, value in given.items() if isinstance(value, str | PathLike) for part in (option, f"{value}")
    ]


def held_back(key: str, base: BaseRecipe, images: int) -> list[str]:
    """Return overrides for what decides: images held back, or other seeds where the task has a key of its own."""
    if key:
        return as_overrides({"seed": base.seed + _OTHER_SEED})
    if attrgetter("data.validation")(base):
        return []
    return as_overrides({"data.validation": max(1, images // 6)})


def _search(
    recipe: str,
    axes: Sequence[Over],
    trials: int,
    key: str,
    always: Setting,
    base: BaseRecipe,
    plan: dict[str, Any],
) -> tuple[list[Row], Sweep]:
    """Try settings, some at once, each lot where the results so far say it may be better."""
    search = Search(axes, trials, base)
    cases: list[Case] = []
    while lot := search.ask():
        cases += [Case({"trial": number}, always | changes) for number, changes in lot.items()]
        sweep = run_cases(recipe, cases, record={"over": {axis.field: list(axis.values) for axis in axes}}, **plan)
        search.tell({number: [row[key] for row in sweep.only(trial=number).rows] for number in lot})
    return search.rows, sweep
