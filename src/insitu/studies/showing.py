"""Studies on the terminal: one line a setting, a rung or a factor, and where everything is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from insitu import terminal
from insitu.recipes import registry
from insitu.units import si

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.studies.energy import Energy
    from insitu.studies.ladder import Ladder
    from insitu.studies.requirements import Requirements
    from insitu.studies.swept import Sweep

_SHOWN = 4  #: results of a sweep that are shown; rows.csv has them all
_TRIAL = "; a trial that says nothing about the paper"


def headline(found: Sweep) -> list[str]:
    """Return the first results that the recipe labels, of those that all settings have."""
    entries = found.summary()
    keys = registry.labels(found.recipe) or (entries[0]["mean"] if entries else ())
    return [key for key in keys if all(key in entry["mean"] for entry in entries)][:_SHOWN]


def show_sweep(console: Console, found: Sweep) -> None:
    """Print mean and standard deviation of the headline numbers, one line a setting."""
    keys = headline(found)
    title = f"{found.recipe} on {found.dataset}: mean +- standard deviation over the seeds"
    short = [field.rpartition(".")[2] for field in found.fields]
    names = short if len(set(short)) == len(short) else found.fields
    shown = terminal.table(title, *names, "seeds", *(key.replace("_", " ") for key in keys))
    for column in shown.columns:
        column.justify = "right"
    for entry in found.summary():
        cells = [_cell(key, entry["mean"][key], entry["sd"][key]) for key in keys]
        shown.add_row(*(str(entry[field]) for field in found.fields), str(entry["seeds"]), *cells)
    console.print(shown)
    terminal.say(console, f"All numbers, one row a point: {found.folder / 'rows.csv'}")


def show_ladder(console: Console, found: Ladder) -> None:
    """Print the accuracy of each rung, and how far it is from floating point."""
    from insitu.studies import verdicts

    heading = verdicts.title(found, verdicts.named(found.key)) + _TRIAL * found.trial
    shown = terminal.table(heading, "rung", "seeds", "%", "sd", "to float", "sd of that")
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in verdicts.ladder_rows(found):
        numbers = [f"{100 * row['mean']:.2f}", _points(row["sd"]), f"{100 * row['difference']:+.2f}"]
        shown.add_row(row["rung"], str(row["seeds"]), *numbers, _points(row["difference_sd"]))
    console.print(shown)
    _show_places(console, found.sweep.folder, "ladder")


def show_requirements(console: Console, found: Requirements) -> None:
    """Print what each factor tolerates."""
    from insitu.studies import verdicts

    lost = f"where {100 * found.limit:g} points are lost against {verdicts.REFERENCES[found.against]}"
    heading = verdicts.title(found, lost) + _TRIAL * found.trial
    shown = terminal.table(heading, "factor", "what", "tolerance (of one standard error)")
    shown.columns[0].no_wrap = True
    for row in verdicts.requirement_rows(found):
        shown.add_row(row["factor"], row["property"], row["says"])
    console.print(shown)
    if found.base is not None:
        spread = "" if found.base.difference_sd is None else f" +- {_points(found.base.difference_sd)}"
        gap = f"{100 * found.base.difference:+.2f}{spread} points"
        terminal.say(console, f"The recipe as it stands against floating point: {gap}")
    _show_places(console, found.sweep.folder, "requirements")


def show_energy(console: Console, found: Energy) -> None:
    """Print the tables and sentences of a claim on energy, and what could not be carried out."""
    for table in found.told.tables:
        made = terminal.table(table.title + _TRIAL * found.trial, *table.columns)
        for row in table.rows:
            made.add_row(*row)
        console.print(made)
    for sentence in found.told.sentences:
        terminal.say(console, f"{sentence}\n")
    for failed in found.failed:
        terminal.say(console, f"Cannot be carried out: {failed['case']}, seed {failed['seed']}: {failed['error']}")
    terminal.say(console, f"Figure: {found.folder / 'energy.png'}; all numbers: {found.folder / 'energy.json'}")


def _cell(key: str, mean: float, sd: float | None) -> str:
    """Return ``94.12 +- 0.20 %``, ``2.1 M +- 3.5 k``, or the mean alone if there is one seed only."""
    numbers = [mean] if sd is None else [mean, sd]
    texts = [si(n) if abs(mean) >= 1000 else terminal.number(key, n) for n in numbers]
    units = {text.partition(" ")[2] for text in texts}
    if len(units) == 1 and (unit := units.pop()):  # said once, at the end
        return " +- ".join(text.partition(" ")[0] for text in texts) + f" {unit}"
    return " +- ".join(texts)


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"


def _show_places(console: Console, folder: Path, study: str) -> None:
    terminal.say(console, f"Figure: {folder / study}.png; this table: {study}.csv; one row a run: rows.csv")
