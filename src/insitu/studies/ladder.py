"""The ablation ladder: one imperfection after the other, one technique after the other, up to the whole system."""

from __future__ import annotations

from typing import Unpack

from insitu.studies.rungs import compare_rungs
from insitu.studies.study import Study
from insitu.studies.tables import Wishes, tables


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
    return compare_rungs("ladder", recipe, tables(recipe).rungs, **wishes)
