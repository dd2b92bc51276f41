"""The ablation ladder: one imperfection after the other, one technique after the other, up to the whole system."""

from __future__ import annotations

from functools import partial
from typing import Unpack

from insitu.recipes import registry
from insitu.reports.captions import TITLES
from insitu.reports.study_figures import draw_ladder
from insitu.reports.study_tables import ladder_table
from insitu.studies.axes import Case
from insitu.studies.compared import by_seed, compare
from insitu.studies.study import Study, of_one_table
from insitu.studies.sweep import run_cases
from insitu.studies.tables import Wishes, planned, tables


def ladder(recipe: str, **wishes: Unpack[Wishes]) -> Study:
    """Carry out the rungs of a recipe, several seeds each; leave ladder.csv, ladder.json and ladder.png in a folder.

    Parameters
    ----------
    recipe : its name; rung ``all`` carries it out as it stands, a lower one takes from it what it has not reached yet.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default five seeds.

    Raises
    ------
    InputError : the recipe has no ladder, or a field is unusable.
    RunError : the folder cannot be written.
    """
    known = tables(recipe)
    rungs = known.rungs
    plan = planned(recipe, "ladder", **wishes)
    base = registry.resolved(recipe, plan["overrides"])
    judged = known.task(base).judged(base)
    cases = [Case({"rung": name}, known.always | changes) for name, changes in rungs.items()]
    sweep = run_cases(recipe, cases, record={"rungs": rungs}, **plan)
    groups = {name: [row for row in sweep.rows if row["rung"] == name] for name in rungs}
    reference = by_seed(groups[known.reference], judged.key)
    compared = {name: one for name, rows in groups.items() if (one := compare(rows, reference, judged.key)) is not None}
    keys = ("mean", "sd", "difference", "difference_sd")
    rows = [
        {"rung": name, "seeds": len(rung.values)} | {key: getattr(rung, key) for key in keys}
        for name, rung in compared.items()
    ]
    draw = partial(
        draw_ladder,
        {name: rung.values for name, rung in compared.items()},
        title=TITLES["ladder"].format(of=sweep.title, reference=known.reference),
        xlabel=f"{judged.named('wrongly')} (%)",
    )
    table = ladder_table(f"{sweep.title}: {judged.named()}", rows)
    found = {"of": judged.key, "rungs": rows}
    return of_one_table("ladder", sweep, rows, found, table, draw, wishes.get("quick", False))
