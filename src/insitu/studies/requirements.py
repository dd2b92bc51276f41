"""Requirements of devices and chip: how bad one property may be before training falls behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any, Literal, Unpack, get_args

from insitu import terminal
from insitu.errors import InputError, require_between, require_bool, suggest
from insitu.recipes import registry
from insitu.recipes.claims import require_effect
from insitu.recipes.loading import as_overrides, put, to_toml
from insitu.reports.captions import TITLES
from insitu.reports.numbers import counted
from insitu.reports.study_figures import Panel, draw_requirements
from insitu.reports.study_tables import points, requirements_table
from insitu.studies.axes import Case
from insitu.studies.compared import Compared, by_seed, compare
from insitu.studies.study import Study, of_one_recipe
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Row, Sweep
from insitu.studies.tables import Factor, Tables, Wishes, planned, tables
from insitu.studies.tolerance import Requirement, judge, variance_of, verdict
from insitu.validation import validate

LIMIT = 0.003  #: accuracy that may be lost; 0.3 points is the acceptance that we chose
_FIRST = 2  #: seeds of every value; those that decide have all

Against = Literal["ideal", "recipe"]
_RECIPE = "the recipe as it stands"


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
    against: Against = "ideal",
    limit: float = LIMIT,
    **wishes: Unpack[Wishes],
) -> Study:
    """Sweep one property of devices and chip after the other, all else as the recipe has it; leave table and figure.

    Parameters
    ----------
    only : names of factors, or their beginning (``LSP``); all that have an effect if empty.
    alone : switch all other imperfections of devices and chip off.
    against : the reference: the ideal one of the recipe (a floating-point twin, ideal devices), or the recipe as it stands.
    limit : accuracy that may be lost against the reference, above 0.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default five seeds, of values far from the limit two.

    Raises
    ------
    InputError : the recipe has no list of factors, a factor is unknown or has no effect, or a field is unusable.
    RunError : the folder cannot be written.
    """
    known = tables(recipe)
    require_between("limit", limit, 1e-6, 1, optional=False)
    if against not in get_args(Against):
        raise InputError(f"against: got {against!r}; allowed is 'ideal' or 'recipe'")
    plan = planned(recipe, "requirements", **wishes)
    base = registry.resolved(recipe, plan["overrides"])
    factors, idle = _with_effect(recipe, base, choose(known.factors, only), bool(only))
    cases = _cases(known, factors, base, alone)
    reference = known.reference if against == "ideal" else _RECIPE
    record: dict[str, Any] = {"alone": alone, "against": against, "reference": reference, "limit": limit}
    record["factors"] = [factor.name for factor in factors]
    asked = known.task(base).judged(base)
    look = partial(_judged, factors=factors, known=known, key=asked.key, limit=limit, against=against)
    sweep, judged = _carry_out(recipe, cases, look, plan | {"record": record})
    ideal = _seeds_of("ideal", sweep, asked.key)
    of, stands = sweep.in_words(asked), compare(sweep.only(factor="recipe").rows, ideal, asked.key)
    told = [_row(one, known.panels[one.factor.panel]) for one in judged]
    found = {
        "of": of.key,
        "against": against,
        "recipe_to_ideal": None if stands is None else stands.difference,
        "no_effect": idle,
        "factors": [row | _curve(one) for row, one in zip(told, judged, strict=True)],
    }
    lost, looked = counted(100 * limit, "point"), f"{sweep.title}, {of.named()}"
    table = requirements_table(f"{looked}: where {lost} are lost against {reference}", told)
    table = replace(table, note=" ".join(filter(None, (table.note, *_notes(stands, known.reference, idle)))))
    by_panel = [(panel, [one for one in judged if one.factor.panel == key]) for key, panel in known.panels.items()]
    panels = [(panel, some) for panel, some in by_panel if some]
    over = sweep.seeded("mean ± standard error over the seeds")
    title = TITLES["requirements"].format(of=looked, lost=lost, reference=reference, seeds=over)
    draw = partial(draw_requirements, panels, limit, title=title, ylabel=f"to {reference} (points)")
    return of_one_recipe("requirements", sweep, told, found, [table], draw)


def _notes(stands: Compared | None, reference: str, idle: Sequence[str]) -> list[str]:
    """Return in words how far the recipe as it stands is from its reference, and which factors do nothing."""
    notes = []
    if stands is not None:
        apart = points(stands.difference, stands.difference_sd)
        notes.append(f"The recipe as it stands against {reference}: {apart} points.")
    if idle:
        notes.append(f"Left out, for they have no effect here: {', '.join(idle)}.")
    return notes


def _with_effect(recipe: str, base: Any, factors: Sequence[Factor], asked: bool) -> tuple[list[Factor], list[str]]:
    """Return the factors that change something here, and the names of the others; InputError if one was asked for."""
    kept, idle, plain = [], [], to_toml(base)
    for factor in factors:
        table = deepcopy(plain)
        for key, value in factor.points(base)[-1][1].items():
            put(table, key, value)
        changed = to_toml(validate(type(base), table))
        try:
            require_effect(recipe, changed, as_overrides({factor.field: factor.values[-1]}))
        except InputError as error:
            if asked:
                raise InputError(f"--only: {factor.name}: {error}") from None
            idle.append(factor.name)
        else:
            kept.append(factor)
    return kept, idle


def _cases(known: Tables, factors: Sequence[Factor], base: Any, alone: bool) -> list[Case]:
    """Return the settings of the study: the reference, the recipe as it stands, every value of every factor."""
    require_bool("alone", alone)
    always = known.always | (known.alone if alone else {})
    cases = [Case({"factor": "ideal", "value": 0.0}, always | known.twin)]
    cases += [Case({"factor": "recipe", "value": 0.0}, always)]
    for factor in factors:
        cases += [Case({"factor": factor.name, "value": v}, always | changes) for v, changes in factor.points(base)]
    return cases


def _carry_out(
    recipe: str, cases: Sequence[Case], look: Callable[[Sweep], Sequence[Requirement]], plan: dict[str, Any]
) -> tuple[Sweep, Sequence[Requirement]]:
    """Run two seeds of every value, then all seeds of those that decide, until none is new; of references all at once."""
    few = min(_FIRST, plan["seeds"])
    if plan["seeds"] > few:
        words = f"{few} seeds of every value first, then all {plan['seeds']} of those near the limit"
        terminal.note(words, quiet=plan.get("quiet", False))
    cases = [case if case.labels["factor"] in ("ideal", "recipe") else replace(case, seeds=few) for case in cases]
    while True:
        sweep = run_cases(recipe, cases, **plan)
        judged = look(sweep)
        near = {(one.factor.name, value) for one in judged for value in one.deciding}
        known = {(one.factor.name, value) for one in judged for value in one.values}  # all runs of the others failed
        more = [
            replace(case, seeds=None) if (label := tuple(case.labels.values())) in near or label not in known else case
            for case in cases
        ]
        if plan["seeds"] == few or more == cases:
            return sweep, judged
        cases = more


def _seeds_of(name: str, sweep: Sweep, key: str) -> dict[int, float]:
    """Return the result of each seed of a reference."""
    return by_seed(sweep.only(factor=name).rows, key)


def _judged(
    sweep: Sweep, *, factors: Sequence[Factor], known: Tables, key: str, limit: float, against: Against
) -> list[Requirement]:
    """Return what each factor of which a run succeeded tolerates."""
    reference = _seeds_of(against, sweep, key)
    found = [(factor, _points(sweep.only(factor=factor.name), reference, key)) for factor in factors]
    variance = variance_of([point for _, some in found for point in some.values()], limit)
    return [
        judge(factor, [*some], [*some.values()], limit=limit, log=known.panels[factor.panel].log, variance=variance)
        for factor, some in found
        if some
    ]


def _points(swept: Sweep, reference: Mapping[int, float], key: str) -> dict[float, Compared]:
    """Return the values of a factor of which a run succeeded, in order, each against the reference."""
    values = dict.fromkeys(row["value"] for row in swept.rows)
    compared = {value: compare(swept.only(value=value).rows, reference, key) for value in values}
    return {value: point for value, point in compared.items() if point is not None}


def _row(one: Requirement, panel: Panel) -> Row:
    """Return what a factor tolerates, for the table."""
    keys = ("tolerance", "early", "late", "failing", "uneven")
    named = {"factor": one.factor.name, "property": panel.title, "unit": panel.xlabel}
    return named | {key: getattr(one, key) for key in keys} | {"says": verdict(one)}


def _curve(one: Requirement) -> Row:
    """Return the points of a factor."""
    return {
        "values": list(one.values),
        "difference": [point.difference for point in one.points],
        "standard_error": [*one.errors],
        "seeds": [len(point.values) for point in one.points],
    }
