"""Learning around wires: what is lost where a network learns behind ideal wires, and what learning behind them wins back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Unpack

from insitu.errors import require_between, require_whole
from insitu.recipes import registry
from insitu.reports.captions import TITLES
from insitu.reports.wires import WAYS, draw_wires, wires_table, wires_verdicts
from insitu.studies.axes import Case, Setting, require_each_once
from insitu.studies.compared import by_seed, compare
from insitu.studies.study import Study, of_one_recipe
from insitu.studies.sweep import run_cases
from insitu.studies.tables import Wishes, planned, tables

OHMS, TILE = (1.0, 2.0, 5.0), 64
_WIRES = ("chip.row_ohm", "chip.column_ohm", "chip.source_ohm", "chip.sense_ohm")
_IDEAL: dict[str, Any] = {"ohm": None, "behind": False, "gains": False}


def wires(recipe: str, *, ohms: Sequence[float] = OHMS, tile: int = TILE, **wishes: Unpack[Wishes]) -> Study:
    """Train a recipe behind ideal wires and read it through others, and train it behind them; with gains of columns too.

    Leaves wires.csv, wires.json and wires.png in a folder. What is lost is against ideal wires, seed by seed.

    Parameters
    ----------
    ohms : of each piece of wire, between neighbouring cells and at the ends. tile : cells along the sides of a tile.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default five seeds.

    Raises
    ------
    InputError : a resistance or a field is unusable. RunError : the folder cannot be written.
    """
    require_each_once("ohms", ohms)
    for ohm in ohms:
        require_between("ohms", ohm, 1e-9, 1e9, unit="ohm", optional=False)
    require_whole("tile", tile, 1)
    plan = planned(recipe, "wires", **wishes)
    base, known = registry.resolved(recipe, plan["overrides"]), tables(recipe)
    laid = known.always | {"chip.tile_rows": tile, "chip.tile_columns": tile}
    settings = [_IDEAL, *({"ohm": ohm, "behind": behind, "gains": gains} for ohm in ohms for behind, gains in WAYS)]
    cases = [Case(labels, laid | _fields(**labels)) for labels in settings]
    sweep = run_cases(recipe, cases, record={"ohms": list(ohms), "tile": tile}, **plan)
    judged = sweep.in_words(known.task(base).judged(base))
    reference = by_seed(sweep.only(**_IDEAL).rows, judged.key)
    found = ((labels, compare(sweep.only(**labels).rows, reference, judged.key)) for labels in settings)
    rows = [labels | one.row for labels, one in found if one is not None]
    over = sweep.seeded("mean ± standard deviation over the seeds")
    title = TITLES["wires"].format(of=sweep.title, what=judged.named("wrongly"), tile=tile, seeds=over)
    draw = partial(draw_wires, rows, title=title)
    table = wires_table(f"{sweep.title}: {judged.named()}, tiles of {tile} x {tile}", rows)
    facts = {"of": judged.key, "tile": tile, "wires": rows}
    return of_one_recipe("wires", sweep, rows, facts, [table], draw, says=wires_verdicts(rows), called="all numbers")


def _fields(ohm: float | None, behind: bool, gains: bool) -> Setting:
    """Return the fields of a recipe for wires of this resistance; None is ideal."""
    if ohm is None:
        return dict.fromkeys(_WIRES, "off")
    after = {} if behind else {"chip.wires_act": "after learning"}
    return dict.fromkeys(_WIRES, ohm) | after | ({"chip.column_gain": True} if gains else {})
