"""What a study of a recipe consists of: rungs of a ladder, factors of the device requirements. One module a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

from insitu.datasets import Dataset, load_digits
from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.loading import Changes, as_overrides
from insitu.studies.axes import Setting

#: recipe -> module with its tables
_TABLES = {"cristiano2018": "insitu.studies.cristiano2018"}


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One property of a device, from good to bad.

    Parameters
    ----------
    name : for the command line and the table, such as ``LSP.c2c``.
    panel : of the figure; the factors of a panel share its axis.
    points : from the resolved recipe to (value, fields of the recipe), the values from good to bad.
    """

    name: str
    panel: str
    points: Callable[[Any], Sequence[tuple[float, Setting]]]


@dataclass(frozen=True)
class Panel:
    """Title and axis of the factors that are drawn together; on a logarithmic axis, tolerances are interpolated so too."""

    title: str
    xlabel: str
    log: bool = False


class Tables(Protocol):
    """What the module of a recipe offers."""

    FLOAT: Setting  #: makes the recipe its own floating-point twin
    RUNGS: Mapping[str, Setting]  #: of the ladder, in order; the first is the reference
    ALONE: Setting  #: switches all imperfections of the devices off
    PANELS: Mapping[str, Panel]
    FACTORS: Sequence[Factor]
    QUICK: Setting  #: a network for seconds, to see that a study works


def tables(recipe: str) -> Tables:
    """Return the tables of a recipe; InputError if there are none."""
    registry.module_name(recipe)  # a wrong name is told first
    if recipe not in _TABLES:
        raise InputError(f"recipe: {recipe} has no ladder and no list of requirements; allowed: {', '.join(_TABLES)}")
    return cast("Tables", import_module(_TABLES[recipe]))


class Wishes(NamedTuple):
    """What the studies of a recipe hand on: overrides, of which the last counts, data if it is known, and the folder."""

    overrides: list[str]
    dataset: Dataset | None
    out: Path


def wishes(
    recipe: str,
    study: str,
    *,
    changes: Changes | None,
    epochs: int | None,
    quick: bool,
    dataset: Dataset | None,
    data_dir: str | Path | None,
    out: str | Path | None,
) -> Wishes:
    """Return the wishes for a study: a trial (``quick``) has a small network and the embedded digits."""
    if quick and (dataset is not None or data_dir is not None):
        raise InputError("--quick: is on the embedded digits, so --data-dir cannot be given too")
    overrides = as_overrides(tables(recipe).QUICK) if quick else []
    overrides += [*as_overrides(changes), *([] if epochs is None else [f"training.epochs={epochs}"])]
    folder = Path("sweeps") / f"{recipe}-{study}{'-quick' * quick}" if out is None else Path(out)
    return Wishes(overrides, load_digits() if quick else dataset, folder)
