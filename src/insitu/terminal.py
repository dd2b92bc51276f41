"""What the command line shows a person: tables, one-line errors, the places of things."""

from __future__ import annotations

import io
import json
import re
import sys
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.errors import require_bool, shortened

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.ledger.statement import Statement
    from insitu.reports.tables import Table

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NAME, _FEW = 32, 5  #: characters of a name that is rather not wrapped, and the columns of a table with such names


def console(**options: Any) -> Console:
    """Return where a person reads, with the options of rich's Console: no text is taken for markup or for a command."""
    require_bool("quiet", options.get("quiet", False))
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


def note(sentence: str, *, quiet: bool = False) -> None:
    """Say a sentence on standard error, beside the result."""
    say(console(stderr=True, quiet=quiet), sentence)


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
    """Print tables, each with its note; where the columns of one have no room beside each other, a line a cell."""
    from rich.cells import cell_len

    from insitu.reports.columns import turned, widths

    for one in tables:
        heads, texts = [column.head for column in one.columns], [list(map(printable, row)) for row in one.texts]
        whole = [not column.words for column in one.columns]
        names = max((cell_len(row[0]) for row in texts), default=0)
        whole[0] = whole[0] or (len(heads) <= _FEW and names <= _NAME)
        # between two columns three characters, and one at either edge
        found = widths(heads, texts, whole, console.width - 3 * len(heads) + 1, cell_len)
        if one.title:
            _wrapped(console, one.title, style="bold")
        if found is None:
            console.print(_grid(("", ""), (True, True), turned(heads, texts), None))
        else:
            console.print(_grid(heads, [column.words for column in one.columns], texts, found))
        if one.note:
            _wrapped(console, one.note)


def _grid(
    heads: Sequence[str], left: Sequence[bool], rows: Sequence[Sequence[str]], widths: Sequence[int] | None
) -> Any:
    """Return a table of rich; without widths the first of two columns is as wide as it needs to be."""
    from rich import box, table

    made = table.Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=any(heads))
    for place, head in enumerate(heads):
        look: dict[str, Any] = {"no_wrap": place == 0} if widths is None else {"width": widths[place]}
        made.add_column(head, justify="left" if left[place] else "right", overflow="fold", **look)
    for row in rows:
        made.add_row(*row)
    return made


def _wrapped(console: Console, text: str, **look: Any) -> None:
    """Print a text, on a screen wrapped at spaces alone, so that names and paths stay whole; in a file as it stands."""
    if console.is_terminal:
        fill = partial(textwrap.fill, width=console.width, break_long_words=False, break_on_hyphens=False)
        text = "\n".join(map(fill, text.split("\n")))
    console.print(text, soft_wrap=True, **look)


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
