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
from insitu.studies.study import Study, of_one_recipe
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
    rungs, first = known.rungs, next(iter(known.rungs))
    plan = planned(recipe, "ladder", **wishes)
    base = registry.resolved(recipe, plan["overrides"])
    cases = [Case({"rung": name}, known.always | changes) for name, changes in rungs.items()]
    sweep = run_cases(recipe, cases, record={"rungs": rungs}, **plan)
    judged = sweep.in_words(known.task(base).judged(base))
    reference = by_seed(sweep.only(rung=first).rows, judged.key)
    ran = {name: one for name in rungs if (one := compare(sweep.only(rung=name).rows, reference, judged.key))}
    rows = [{"rung": name} | one.row for name, one in ran.items()]
    values = {name: one.values for name, one in ran.items()}
    over = sweep.seeded("dots: one seed each; diamond: mean ± 1 standard deviation")
    title = TITLES["ladder"].format(of=sweep.title, reference=first, seeds=over)
    draw = partial(draw_ladder, values, title=title, xlabel=f"{judged.named('wrongly')} (%)")
    table = ladder_table(f"{sweep.title}: {judged.named()}", rows)
    return of_one_recipe("ladder", sweep, rows, {"of": judged.key, "rungs": rows}, [table], draw)
