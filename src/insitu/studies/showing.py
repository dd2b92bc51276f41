"""Studies on the terminal: one line a setting, a rung or a factor, and where everything is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from insitu import terminal
from insitu.recipes import registry
from insitu.reports.study_tables import (
    REFERENCES,
    ladder_table,
    numbers_of,
    points,
    requirements_table,
    sweep_table,
)

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.studies.energy import Energy
    from insitu.studies.ladder import Ladder
    from insitu.studies.requirements import Requirements
    from insitu.studies.swept import Sweep

_SHOWN = 4  #: results of a sweep that are shown; rows.csv has them all
_TRIAL = "; a trial that says nothing about the paper"


def headline(found: Sweep) -> list[str]:
    """Return the first results that the recipe labels, of those that all points have."""
    known = numbers_of(found.rows, registry.labels(found.recipe))
    return [key for key in known if key not in found.fields][:_SHOWN]


def show_sweep(console: Console, found: Sweep) -> None:
    """Print mean and standard deviation of the headline numbers, one line a setting."""
    title = f"{found.recipe} on {found.dataset}: mean ± sample standard deviation over the seeds"
    labels = registry.labels(found.recipe)
    terminal.show(console, sweep_table(title, found.rows, found.fields, labels, _SHOWN))
    terminal.say(console, f"All numbers, one row a point: {found.folder / 'rows.csv'}")


def show_ladder(console: Console, found: Ladder) -> None:
    """Print the accuracy of each rung, and how far it is from floating point."""
    from insitu.studies import verdicts

    heading = verdicts.title(found, verdicts.named(found.key)) + _TRIAL * found.trial
    terminal.show(console, ladder_table(heading, verdicts.ladder_rows(found)))
    _show_places(console, found.sweep.folder, "ladder")


def show_requirements(console: Console, found: Requirements) -> None:
    """Print what each factor tolerates."""
    from insitu.studies import verdicts

    lost = f"where {100 * found.limit:g} points are lost against {REFERENCES[found.against]}"
    heading = verdicts.title(found, lost) + _TRIAL * found.trial
    terminal.show(console, requirements_table(heading, verdicts.requirement_rows(found)))
    if found.base is not None:
        gap = points(found.base.difference, found.base.difference_sd)
        terminal.say(console, f"The recipe as it stands against floating point: {gap} points")
    _show_places(console, found.sweep.folder, "requirements")


def show_energy(console: Console, found: Energy) -> None:
    """Print the tables and sentences of a claim on energy, and what could not be carried out."""
    terminal.show(console, *(replace(table, title=table.title + _TRIAL * found.trial) for table in found.told.tables))
    for sentence in found.told.sentences:
        terminal.say(console, f"{sentence}\n")
    for failed in found.failed:
        terminal.say(console, f"Cannot be carried out: {failed['case']}, seed {failed['seed']}: {failed['error']}")
    terminal.say(console, f"Figure: {found.folder / 'energy.png'}; all numbers: {found.folder / 'energy.json'}")


def _show_places(console: Console, folder: Path, study: str) -> None:
    terminal.say(console, f"Figure: {folder / study}.png; this table: {study}.csv; one row a run: rows.csv")
