"""What a study found, whatever it was about: tables and sentences for people, one JSON object for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.reports.tables import Table
from insitu.runs.writing import write_json
from insitu.studies.swept import Row, Sweep, write_rows
from insitu.terminal import Shown, say, show

if TYPE_CHECKING:
    from rich.console import Console

_TRIAL = "; a trial that says nothing about the paper"


@dataclass(frozen=True, repr=False)
class Study(Shown):
    """What a study found.

    Parameters
    ----------
    title : which study, of what. folder : where its files are.
    sweeps : all its runs.
    found : the JSON object of the study, but for the points that failed.
    tables, beneath : what is shown: tables, then sentences.
    """

    title: str
    folder: Path
    sweeps: Sequence[Sweep]
    found: Mapping[str, Any]
    tables: Sequence[Table]
    beneath: Sequence[str]

    @property
    def errors(self) -> list[Exception]:
        """What ended the points that could not be carried out."""
        return [error for sweep in self.sweeps for error in sweep.errors]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the study."""
        return {**self.found, "failed": [failed for sweep in self.sweeps for failed in sweep.failed]}

    def write(self, name: str) -> None:
        """Write the JSON object into the folder."""
        write_json(self.folder / f"{name}.json", self.as_dict())

    def show(self, console: Console) -> None:
        """Print tables and sentences."""
        trial = any(sweep.trial for sweep in self.sweeps)
        show(console, *(replace(table, title=table.title + _TRIAL * trial) for table in self.tables))
        for sentence in self.beneath:
            say(console, sentence)

    def __repr__(self) -> str:
        return f"<{self.title}, in {self.folder}>"


def of_one_recipe(
    name: str,
    sweep: Sweep,
    rows: Sequence[Row],
    found: Mapping[str, Any],
    tables: Sequence[Table],
    draw: Callable[[Path], Path],
    *,
    says: Sequence[str] = (),
    called: str = "this table",
) -> Study:
    """Return a study of one recipe; leave NAME.csv, NAME.json and NAME.png in its folder, if a run succeeded.

    Parameters
    ----------
    rows : of NAME.csv, which is ``called`` so. says : sentences between the tables and the places of the files.
    """
    figure = sweep.folder / f"{name}.png"
    if rows:
        write_rows(sweep.folder, rows, name)
        draw(figure)
    places = [f"Figure: {figure}; {called}: {name}.csv; one row a run: rows.csv"] if rows else []
    facts = sweep.head | dict(found)
    return Study(f"{name} of {sweep.title}", sweep.folder, [sweep], facts, tables if rows else [], [*says, *places])


def for_file(table: Table) -> dict[str, Any]:
    """Return a table as a page reads it from a JSON file."""
    return {
        "title": table.title,
        "note": table.note,
        "columns": [column.head for column in table.columns],
        "words": [column.head for column in table.columns if column.words],
        "text": table.texts,
        "rows": table.records(),
    }
