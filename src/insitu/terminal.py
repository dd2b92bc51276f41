"""What the command line shows a person: tables, one-line errors, the places of things."""

from __future__ import annotations

import io
import json
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.errors import shortened

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.ledger.statement import Statement
    from insitu.reports.tables import Table

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NAME = 32  #: characters of a name that is not broken, in a table of few columns


def console(**options: Any) -> Console:
    """Return where a person reads, with the options of rich's Console: no text is taken for markup or for a command."""
    from rich.console import Console

    class Plain(Console):
        def render_str(self, text: str, **options: Any) -> Any:
            return super().render_str(printable(text), **options)

    return Plain(markup=False, emoji=False, highlight=False, **options)


def printable(text: str) -> str:
    """Return a text in which escape sequences, and what is no Unicode, are written out."""
    return _COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def error(message: object) -> None:
    """Print ``error: ...`` as one line on standard error."""
    print("error:", printable(shortened(" ".join(str(message).split()))), file=sys.stderr)


def emit_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    from insitu.runs.writing import plain

    print(json.dumps(plain(value), indent=2, allow_nan=False))


def say(console: Console, sentence: str) -> None:
    """Print a sentence as it stands, so that paths in it can be copied."""
    console.print(sentence, soft_wrap=True)


class Shown(ABC):
    """What a command tells: a JSON object, or what shows itself on a console and reads the same as text."""

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """Return its JSON object."""

    @abstractmethod
    def show(self, console: Console) -> None:
        """Print it for a person."""

    def __str__(self) -> str:
        to = console(file=io.StringIO(), width=100)
        with to.capture() as shown:
            self.show(to)
        return "\n".join(line.rstrip() for line in shown.get().splitlines()).strip("\n")


def show(console: Console, *tables: Table) -> None:
    """Print tables, each with its note."""
    from rich import box, table

    for one in tables:
        made = table.Table(
            title=one.title, title_style="bold", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
        )
        texts = one.texts
        for place, column in enumerate(one.columns):
            whole = place == 0 and len(one.columns) <= 5 and max((len(row[0]) for row in texts), default=0) <= _NAME
            made.add_column(column.head, justify="left" if column.words else "right", overflow="fold", no_wrap=whole)
        for row in texts:
            made.add_row(*row)
        console.print(made)
        if one.note:
            say(console, one.note)


def show_result(console: Console, runs: Sequence[Mapping[str, Any]], labels: Mapping[str, str] | None) -> None:
    """Print the results of the seeds of a run, what they cost, and where everything is."""
    from insitu.reports.cost_tables import headline
    from insitu.reports.results import labelled, results_table
    from insitu.reports.storage import storage_table

    data = ", ".join(sorted({run["dataset"] for run in runs}))
    seeds = f"seed {runs[0]['seed']}" if len(runs) == 1 else f"{len(runs)} seeds"
    title = f"{runs[0]['recipe']} on {data}, {seeds}"
    stored = storage_table(runs, labels or {})
    results = results_table(title, {"Result": runs}, labelled(labels, runs))
    show(console, results, *([] if stored is None else [stored]), *headline(runs))
    for run in runs:
        _show_places(console, str(run["run"]))


def show_statement(console: Console, one: Statement, lines: bool = False) -> None:
    """Print the account of one run; ``lines`` is every line of the bill."""
    from insitu.reports import cost_tables

    energy, *others = cost_tables.account(one, f"{one.run}: ")
    bill = [cost_tables.lines(one)] if lines else []
    show(console, energy, *bill, *others, *cost_tables.software(one))
    say(console, cost_tables.aside(one))


def _show_places(console: Console, run: str) -> None:
    figures = Path(run) / "figures"
    pictures = len(list(figures.glob("*.png")))
    if pictures:
        say(console, f"Figures: {figures} ({pictures})")
    page = Path(run) / "report.html"
    if page.is_file():
        say(console, f"Page: {page}")
    say(console, f"Everything else: {run}" if pictures else f"Run folder: {run}")
