"""Options that several commands share, and how all of them tell a result."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from insitu import terminal
from insitu.errors import InputError, InsituError, require_between

T = TypeVar("T", int, float)

Recipe = Annotated[str, typer.Argument(help="Which recipe; `insitu recipes` lists them.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change any other field of the recipe; may be repeated."),
]
Quick = Annotated[bool, typer.Option("--quick", help="The recipe's short form, to see that all works.")]
Trial = Annotated[
    bool, typer.Option("--quick", help="Minutes, not hours: small network, embedded digits. A trial only.")
]
Seeds = Annotated[int, typer.Option(min=1, help="Seeds a setting.")]
Device = Annotated[
    str | None, typer.Option(metavar="NAME|FILE", help="Memory device to train on; a .py file is executed.")
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FOLDER|FILE",
        help="Learn from mnist, fashion-mnist, kmnist, emnist-letters, mnist-backrand, cifar10, cifar100 or digits; a folder "
        "of images, a folder a class; an .npz; a .csv, FILE.csv#COLUMN for its label column.",
    ),
]
DataDir = Annotated[str | None, typer.Option(help="Folder with the four MNIST files.")]
ThenAge = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SECONDS",
        help="Test once more after so long in storage, without learning: 1e6, or 1,1e3,1e6. May be repeated.",
    ),
]
Tuned = Annotated[
    str | None,
    typer.Option(
        metavar="library|FILE",
        help="Take the constants that were tuned for this device and scheme: those that come with insitu, or what "
        "`insitu tune --keep FILE` has kept.",
    ),
]
Workers = Annotated[int | None, typer.Option("--workers", "--jobs", min=1, help="Processes.", show_default="all cores")]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="local|ADDRESS",
        help="Run on Dask: local, with as many --workers; or at the address of a scheduler, which has its own.",
        show_default="processes",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on standard error.")]
Epochs = Annotated[
    int | None, typer.Option(min=1, help="Passes over the data, or batches of words.", show_default="the recipe's")
]
Costs = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SET|FILE",
        help="Cost set to price with, by name or .toml file; `insitu costs` lists them. DEVICE=SET for one device. "
        "May be repeated.",
    ),
]
Examples = Annotated[int | None, typer.Option(min=1, help="Training images to learn from.", show_default="all")]
Systems = Annotated[
    list[str] | None, typer.Option("--system", help="shi2018, yi2022 or cristiano2018 alone; may be repeated.")
]
Runs = Annotated[Path, typer.Option(help="Folder of all runs.")]
Study = Annotated[
    Path | None,
    typer.Option(help="Folder of the study; the same command again goes on in it.", show_default="sweeps/..."),
]


def listed(option: str, text: str, kind: type[T]) -> list[T]:
    """Return the numbers that an option lists, commas between them; InputError if it does not."""
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise InputError(f"{option}: got '{text}'; allowed are {what} with commas between them") from None


def lost(points: float) -> float:
    """Return what --loss gives in points of accuracy as a part of 1; InputError if it is none."""
    require_between("--loss", points, 0, 100, unit="points")
    return points / 100


def quiet_output() -> contextlib.AbstractContextManager[Any]:
    """Return a context in which what is printed goes to standard error: standard output is for the result alone."""
    return contextlib.redirect_stdout(sys.stderr)


def tell(result: terminal.Shown, as_json: bool, errors: Sequence[Exception] = ()) -> None:
    """Print a result, after the tracebacks of those errors that are not the user's."""
    for error in errors:
        if not isinstance(error, InsituError):
            traceback.print_exception(error)
    if as_json:
        terminal.emit_json(result.as_dict())
    else:
        result.show(terminal.console())
