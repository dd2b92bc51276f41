"""What the command line shows a person: results as a small table, one-line errors, the places of things."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.units import si

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from insitu.devices.library import ParameterSet
    from insitu.measure.diagnosing import Diagnosis


def error(message: object) -> None:
    """Print ``error: ...`` as one line on standard error."""
    print("error:", " ".join(str(message).split()), file=sys.stderr)


def emit_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    from insitu.runs.writing import plain

    print(json.dumps(plain(value), indent=2, allow_nan=False))


def say(console: Console, sentence: str) -> None:
    """Print a sentence as it stands, so that paths in it can be copied."""
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def text(show: Callable[[Console], object]) -> str:
    """Return what a function prints on a console as plain text."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=100)
    with console.capture() as shown:
        show(console)
    return "\n".join(line.rstrip() for line in shown.get().splitlines()).strip("\n")


def table(title: str, *columns: str) -> Table:
    """Return an empty table in the one style that insitu uses."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def show_run(console: Console, result: Mapping[str, Any], labels: Mapping[str, str] | None) -> None:
    """Print the result of one run: its numbers, one row each, what it costs, and where the pictures are."""
    shown = table(f"{result['recipe']} on {result['dataset']}, seed {result['seed']}", "what", "result")
    shown.columns[1].justify = "right"
    for key, label in _rows(result, labels):
        shown.add_row(label, number(key, result[key]))
    console.print(shown)
    _show_costs(console, [result])
    _show_places(console, str(result["run"]))


def show_seeds(console: Console, summary: Mapping[str, Any], labels: Mapping[str, str] | None) -> None:
    """Print mean and spread over several seeds, what they cost, then the folder of each."""
    runs, mean, sd = summary["runs"], summary["mean"], summary["sd"]
    data = ", ".join(sorted({run["dataset"] for run in runs}))
    columns = "what", "mean", "standard deviation"
    shown = table(f"{summary['recipe']} on {data}, {len(runs)} seed{'s' * (len(runs) != 1)}", *columns)
    for column in shown.columns[1:]:
        column.justify = "right"
    for key, label in _rows(mean, labels):
        shown.add_row(label, number(key, mean[key]), number(key, sd[key]))
    console.print(shown)
    _show_costs(console, runs)
    for run in runs:
        _show_places(console, str(run["run"]))


def show_recipes(console: Console, summaries: Mapping[str, str]) -> None:
    """Print the recipes, one line each."""
    shown = table("Recipes", "name", "what it does")
    for known, summary in summaries.items():
        shown.add_row(known, summary)
    console.print(shown)
    say(console, "insitu run NAME carries one out; insitu recipes NAME prints its fields, for --set.")


def show_devices(console: Console, groups: Mapping[str, Sequence[ParameterSet]]) -> None:
    """Print the library, one line a device, by kind of memory."""
    shown = table("Memory devices", "name", "what it is")
    for kind, sets in groups.items():
        shown.add_row(f"[italic]{kind}[/]")
        for known in sets:
            shown.add_row(f"  {known.name}", known.summary)
    console.print(shown)
    say(
        console,
        "insitu devices NAME shows one; insitu run RECIPE --device NAME trains on it; a .py file is a device too.",
    )


def show_device(console: Console, shown: ParameterSet) -> None:
    """Print every number of a device with its unit and origin, then source and validity."""
    from insitu.devices.library import numbers

    card = table(f"{shown.name}: {shown.summary}", "parameter", "value", "origin", "where it comes from")
    for field, value in numbers(shown.device).items():
        unit, origin = shown.device.units.get(field, ""), shown.provenance[field]
        values = value if isinstance(value, tuple) else (value,)
        ends = [si(v, unit) if unit else f"{v:g}" for v in (values[0], values[-1])]
        text = ends[0] if len(values) == 1 else f"{len(values)} values, {ends[0]} ... {ends[1]}"
        card.add_row(field, text, origin.tag, origin.note)
    console.print(card)
    for head, text in (("Source", shown.source), ("Valid", shown.validity)):
        console.print(f"{head}: {text}\n", markup=False, highlight=False)


def show_merit(console: Console, found: Diagnosis) -> None:
    """Print the figures of merit of a device."""
    shown = table("What a network will feel", "what", "value")
    shown.columns[1].justify = "right"
    for row in found.rows():
        shown.add_row(*row)
    console.print(shown)


def number(key: str, value: Any) -> str:
    """Return a result value for people; the name of its key says what kind of number it is."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if "accuracy" in key or key.endswith("fraction"):
        return f"{100 * value:.2f} %"
    if key.endswith("seconds"):
        return f"{value:.1f} s"
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _rows(values: Mapping[str, Any], labels: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return (key, words) of what a table shows: what the recipe labels, else every plain value."""
    if labels:
        return [(key, words) for key, words in labels.items() if key in values]
    hidden = {"recipe", "dataset", "seed", "run"}
    plain = [key for key, value in values.items() if key not in hidden and not isinstance(value, dict | list)]
    return [(key, key.replace("_", " ")) for key in plain]


def _show_costs(console: Console, results: Sequence[Mapping[str, Any]]) -> None:
    from insitu.ledger.statement import headline

    found = headline(results)
    if found:
        columns = ("what", "mean", "standard deviation") if len(results) > 1 else ("what", "result")
        shown = table("What it costs (insitu price RUN tells more)", *columns)
        for row in found:
            shown.add_row(*row[: len(columns)])
        console.print(shown)


def _show_places(console: Console, run: str) -> None:
    figures = Path(run) / "figures"
    pictures = len(list(figures.glob("*.png")))
    if pictures:
        say(console, f"Figures: {figures} ({pictures})")
    page = Path(run) / "report.html"
    if page.is_file():
        say(console, f"Page: {page}")
    say(console, f"Everything else: {run}" if pictures else f"Run folder: {run}")
