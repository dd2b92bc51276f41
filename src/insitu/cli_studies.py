"""The commands ``insitu ladder`` and ``insitu requirements``. What is heavy is imported when needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from insitu import terminal
from insitu.cli_sweep import Changes, DataDir, Json, Recipe, Workers, carried_out, print_bugs, refuse_failures
from insitu.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.datasets import Dataset
    from insitu.studies.ladder import Ladder
    from insitu.studies.requirements import Requirements

Study = TypeVar("Study", bound="Ladder | Requirements")
Out = Annotated[
    Path | None,
    typer.Option(help="Folder of the study; the same command again goes on in it.", show_default="sweeps/RECIPE-..."),
]
Seeds = Annotated[int, typer.Option(min=1, help="Seeds a setting.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over the data.", show_default="the recipe's")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Minutes, not hours: small network, embedded digits. A trial only.")
]


def ladder(
    recipe: Recipe,
    seeds: Seeds = 5,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Out = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Add one imperfection and one technique after the other, from floating point to the whole system."""
    from insitu.studies import verdicts
    from insitu.studies.ladder import ladder as carry_out

    folder, overrides, data = _prepared(recipe, "ladder", out, changes, epochs, quick, data_dir)

    def call(dataset: Dataset, console: Console) -> Ladder:
        wishes: dict[str, Any] = {"out": folder, "seeds": seeds, "overrides": overrides, "workers": workers}
        return carry_out(recipe, dataset=dataset, console=console, **wishes)

    found = carried_out(recipe, overrides, data_dir, folder, call, data)
    _tell(found, bool(found.rungs), verdicts.write_ladder, None if as_json else partial(_show_ladder, quick=quick))


def requirements(
    recipe: Recipe,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="This factor, or all of MSP or LSP; may be repeated.")
    ] = None,
    seeds: Seeds = 5,
    loss: Annotated[float, typer.Option(help="Points of accuracy that may be lost.")] = 0.3,
    against: Annotated[
        str, typer.Option(metavar="float|recipe", help="Lost against floating point, or the recipe as it stands.")
    ] = "float",
    alone: Annotated[bool, typer.Option("--alone", help="All other imperfections of the devices off.")] = False,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Out = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Sweep one property of the devices after the other; say how bad it may be."""
    from insitu.studies import verdicts
    from insitu.studies.requirements import requirements as carry_out

    folder, overrides, data = _prepared(recipe, "requirements", out, changes, epochs, quick, data_dir)

    def call(dataset: Dataset, console: Console) -> Requirements:
        wishes: dict[str, Any] = {"out": folder, "seeds": seeds, "overrides": overrides, "workers": workers}
        wishes |= {"only": only or [], "alone": alone, "against": against, "limit": loss / 100}
        return carry_out(recipe, dataset=dataset, console=console, **wishes)

    found = carried_out(recipe, overrides, data_dir, folder, call, data)
    show = None if as_json else partial(_show_requirements, quick=quick)
    _tell(found, bool(found.found), verdicts.write_requirements, show)


def _tell(found: Study, any_result: bool, write: Callable[[Study], Any], show: Callable[[Study], None] | None) -> None:
    """Leave the verdicts of a study in its folder and show them, as JSON if ``show`` is None; refuse if points failed."""
    from insitu.studies import verdicts

    print_bugs(found.sweep)
    if any_result:
        write(found)
    if show is None:
        terminal.emit_json(verdicts.as_json(found))
    elif any_result:
        show(found)
    refuse_failures(found.sweep)


def _prepared(
    recipe: str,
    study: str,
    out: Path | None,
    changes: list[str] | None,
    epochs: int | None,
    quick: bool,
    data_dir: str | None,
) -> tuple[Path, list[str], Callable[[], Dataset] | None]:
    """Return the folder, the overrides (what was given last counts) and, for a trial, where its data is from."""
    from insitu import datasets
    from insitu.studies.tables import tables

    known = tables(recipe)
    if quick and data_dir is not None:
        raise InputError("--quick: is on the embedded digits, so --data-dir cannot be given too")
    overrides = [f"{key}={json.dumps(value)}" for key, value in known.QUICK.items()] if quick else []
    overrides += [*(changes or []), *([] if epochs is None else [f"training.epochs={epochs}"])]
    folder = out or Path("sweeps") / f"{recipe}-{study}{'-quick' * quick}"
    return folder, overrides, datasets.load_digits if quick else None


def _show_ladder(found: Ladder, quick: bool) -> None:
    from rich.console import Console

    from insitu.reports.study_tables import ladder_table
    from insitu.studies import verdicts

    heading = _heading(verdicts.title(found, verdicts.named(found.key)), quick)
    terminal.show(Console(), ladder_table(heading, verdicts.ladder_rows(found)))
    _show_places(found.sweep.folder, "ladder")


def _show_requirements(found: Requirements, quick: bool) -> None:
    from rich.console import Console

    from insitu.reports.study_tables import REFERENCES, points, requirements_table
    from insitu.studies import verdicts

    lost = f"where {100 * found.limit:g} points are lost against {REFERENCES[found.against]}"
    heading = _heading(verdicts.title(found, lost), quick)
    terminal.show(Console(), requirements_table(heading, verdicts.requirement_rows(found)))
    if found.base is not None:
        gap = points(found.base.difference, found.base.difference_sd)
        terminal.say(Console(), f"The recipe as it stands against floating point: {gap} points")
    _show_places(found.sweep.folder, "requirements")


def _heading(title: str, quick: bool) -> str:
    return title + ("; a trial that says nothing about the paper" if quick else "")


def _show_places(folder: Path, study: str) -> None:
    from rich.console import Console

    terminal.say(Console(), f"Figure: {folder / study}.png; this table: {study}.csv; one row a run: rows.csv")
