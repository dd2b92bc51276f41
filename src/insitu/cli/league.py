"""The command ``insitu league``."""

from __future__ import annotations

from typing import Annotated

import typer

from insitu.cli.options import (
    Changes,
    Cluster,
    Costs,
    Data,
    DataDir,
    Epochs,
    Json,
    Seeds,
    Study,
    Trial,
    Workers,
    quiet_output,
    tell,
)


def league(
    devices: Annotated[
        list[str] | None, typer.Argument(metavar="NAME|FILE...", help="Memory devices; a .py file is executed.")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option(help="shi2018, yi2022 or cristiano2018 alone; may be repeated.")
    ] = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE.py:NAME", help="A way of writing; may be repeated.", show_default="all of the library"
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=0, help="Settings to try of each entry; 0: none is tuned.")] = 12,
    seeds: Seeds = 3,
    epochs: Epochs = None,
    changes: Changes = None,
    costs: Costs = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    examples: Annotated[
        int | None, typer.Option(min=1, help="Training images to learn from.", show_default="all")
    ] = None,
    workers: Workers = None,
    cluster: Cluster = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Compare ways of writing on devices in all systems: tuned with equal budgets, by accuracy, energy, time and wear."""
    from insitu import pages, terminal
    from insitu.studies.league import league as carry_out

    with quiet_output():
        found = carry_out(
            devices or (), systems=system or (), schemes=scheme or (), trials=trials, examples=examples, costs=costs or (),
            seeds=seeds, epochs=epochs, set=changes, quick=quick, data=data, data_dir=data_dir, out=out, workers=workers,
            cluster=cluster,
        )  # fmt: skip
        written = pages.report([found.folder])
    tell(found, as_json, found.errors)
    terminal.say(terminal.console(stderr=as_json), f"Page: {written}")
