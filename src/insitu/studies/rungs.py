"""Rungs: settings of a recipe one above the other, each against the first, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Unpack

from insitu.recipes import registry
from insitu.reports.captions import TITLES
from insitu.reports.study_figures import draw_ladder
from insitu.reports.study_tables import ladder_table
from insitu.studies.axes import Case, Setting
from insitu.studies.compared import by_seed, compare
from insitu.studies.study import Study, of_one_table
from insitu.studies.sweep import run_cases
from insitu.studies.tables import Wishes, planned, tables


def compare_rungs(study: str, recipe: str, rungs: Mapping[str, Setting], **wishes: Unpack[Wishes]) -> Study:
    """Carry out rungs, several seeds each; leave STUDY.csv, STUDY.json and STUDY.png in a folder.

    Parameters
    ----------
    rungs : what each changes of the recipe, by name; the first is the reference.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default five seeds.
    """
    known, first = tables(recipe), next(iter(rungs))
    plan = planned(recipe, study, **wishes)
    base = registry.resolved(recipe, plan["overrides"])
    judged = known.task(base).judged(base)
    cases = [Case({"rung": name}, known.always | changes) for name, changes in rungs.items()]
    sweep = run_cases(recipe, cases, record={"rungs": rungs}, **plan)
    judged = sweep.in_words(judged)
    groups = {name: [row for row in sweep.rows if row["rung"] == name] for name in rungs}
    reference = by_seed(groups[first], judged.key)
    compared = {name: one for name, rows in groups.items() if (one := compare(rows, reference, judged.key)) is not None}
    keys = ("mean", "sd", "difference", "difference_sd")
    rows = [
        {"rung": name, "seeds": len(rung.values)} | {key: getattr(rung, key) for key in keys}
        for name, rung in compared.items()
    ]
    draw = partial(
        draw_ladder,
        {name: rung.values for name, rung in compared.items()},
        title=TITLES[study].format(of=sweep.title, reference=first),
        xlabel=f"{judged.named('wrongly')} (%)",
    )
    table = ladder_table(f"{sweep.title}: {judged.named()}", rows)
    found = {"of": judged.key, "rungs": rows}
    return of_one_table(study, sweep, rows, found, table, draw, wishes.get("quick", False))
