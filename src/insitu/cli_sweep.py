"""The command ``insitu sweep``. What is heavy is imported when needed."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from insitu import terminal
from insitu.errors import InsituError, RunError

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.datasets import Dataset
    from insitu.studies import Sweep

Recipe = Annotated[str, typer.Argument(help="Which recipe; `insitu recipes` lists them.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change any other field of the recipe; may be repeated."),
]
DataDir = Annotated[str | None, typer.Option(help="Folder with the four MNIST files.")]
Workers = Annotated[int | None, typer.Option("--workers", "--jobs", min=1, help="Processes.", show_default="all cores")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on standard error.")]

_SHOWN = 4  #: result columns of the table; rows.csv has them all

F = TypeVar("F")


def sweep(
    recipe: Recipe,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="KEY=V1,V2,...",
            help="Vary a field of the recipe; may be repeated, for all combinations. Fields that change together: "
            "KEY1+KEY2=A+B,C+D.",
        ),
    ],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds a combination.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the sweep; the same command again goes on in it.", show_default="sweeps/RECIPE"),
    ] = None,
    changes: Changes = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Carry a recipe out at many settings and seeds; leave one table, rows.csv, in a folder."""
    from rich.console import Console

    from insitu.studies import parse_vary
    from insitu.studies import sweep as carry_out

    axes = parse_vary(vary)
    folder = out or Path("sweeps") / recipe

    def call(dataset: Dataset, console: Console) -> Sweep:
        wishes: dict[str, Any] = {"out": folder, "seeds": seeds, "overrides": changes or [], "workers": workers}
        return carry_out(recipe, axes, dataset=dataset, console=console, **wishes)

    found = carried_out(recipe, changes, data_dir, folder, call)
    print_bugs(found)
    if as_json:
        terminal.emit_json(_as_json(found))
    elif found.rows:
        from insitu.recipes import registry
        from insitu.reports.study_tables import sweep_table

        title = f"{found.recipe} on {found.dataset}: mean ± sample standard deviation over the seeds"
        shown = sweep_table(title, found.rows, found.fields, registry.labels(recipe), _SHOWN)
        terminal.show(Console(), shown)
        terminal.say(Console(), f"All numbers, one row a point: {found.folder / 'rows.csv'}")
    refuse_failures(found)


def carried_out(
    recipe: str,
    changes: list[str] | None,
    data_dir: str | None,
    folder: Path,
    call: Callable[[Dataset, Console], F],
    data: Callable[[], Dataset] | None = None,
) -> F:
    """Check the recipe, find its data, and return what ``call`` makes of it; on Ctrl-C say how to go on.

    Parameters
    ----------
    data : where to take the data from, if not from where the recipe or ``data_dir`` says.
    """
    from rich.console import Console

    from insitu import datasets
    from insitu.recipes import registry
    from insitu.recipes.loading import resolve

    console = Console(stderr=True)
    carrier = registry.load_module(registry.module_name(recipe))  # a wrong name is told before data is looked for
    base = resolve(carrier.Recipe, registry.toml_text(recipe), changes or [])
    with contextlib.redirect_stdout(sys.stderr):  # standard output is for the result alone
        dataset = registry.data_of(carrier, base, data or (lambda: datasets.find(data_dir)))
        terminal.say(console, dataset.note)
        try:
            return call(dataset, console)
        except KeyboardInterrupt:
            terminal.say(console, f"Stopped; the points that are finished are in {folder}, the same command goes on")
            raise typer.Exit(130) from None


def print_bugs(found: Sweep) -> None:
    """Print the traceback of every point that ended in what is not the user's fault."""
    for error in found.errors:
        if not isinstance(error, InsituError):
            traceback.print_exception(error)


def refuse_failures(found: Sweep) -> None:
    """Raise RunError, with the first sentence, if points failed."""
    if found.failed:
        first = {key: value for key, value in found.failed[0].items() if key != "error"}
        where = ", ".join(f"{key}={value}" for key, value in first.items())
        points = len(found.rows) + len(found.failed)
        raise RunError(f"{len(found.failed)} of {points} points failed; {where}: {found.failed[0]['error']}")


def _as_json(found: Sweep) -> dict[str, Any]:
    kept = {"recipe": found.recipe, "dataset": found.dataset, "folder": found.folder, "rows": found.rows}
    return kept | {"summary": found.summary(), "failed": found.failed}
