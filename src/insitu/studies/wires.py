"""Learning around wires: what is lost where a network learns behind ideal wires, and what learning behind them wins back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from insitu.errors import require_between, require_whole
from insitu.studies.axes import Setting, require_each_once
from insitu.studies.ladder import compare_rungs
from insitu.studies.study import Study
from insitu.studies.tables import Wishes

OHMS, TILE = (1.0, 2.0, 5.0), 64
_WIRES = ("chip.row_ohm", "chip.column_ohm", "chip.source_ohm", "chip.sense_ohm")


def wires(recipe: str, *, ohms: Sequence[float] = OHMS, tile: int = TILE, **wishes: Unpack[Wishes]) -> Study:
    """Train a recipe behind ideal wires and read it through others, and train it behind them; with gains of columns too.

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
    laid = {"chip.tile_rows": tile, "chip.tile_columns": tile}
    rungs: dict[str, Setting] = {"ideal wires": laid | dict.fromkeys(_WIRES, "off")}
    for ohm in ohms:
        behind = laid | dict.fromkeys(_WIRES, ohm)
        after = behind | {"chip.wires_act": "after learning"}
        for name, how in ((f"{ohm:g} ohm, read through", after), (f"{ohm:g} ohm, trained through", behind)):
            rungs |= {name: how, f"{name}, column gains": how | {"chip.column_gain": True}}
    return compare_rungs("wires", recipe, rungs, **wishes)
