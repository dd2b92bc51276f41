"""The command ``insitu requirements``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from insitu.cli.options import (
    Changes,
    Data,
    DataDir,
    Epochs,
    Json,
    Recipe,
    Seeds,
    Study,
    Trial,
    Workers,
    conclude,
    lost,
    quiet_output,
)

if TYPE_CHECKING:
    from insitu.studies.requirements import Against


def requirements(
    recipe: Recipe,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="This factor, or all of MSP, LSP or chip; may be repeated.")
    ] = None,
    seeds: Seeds = 5,
    loss: Annotated[float, typer.Option(help="Points of accuracy that may be lost.")] = 0.3,
    against: Annotated[
        str, typer.Option(metavar="ideal|recipe", help="Lost against the ideal network, or the recipe as it stands.")
    ] = "ideal",
    alone: Annotated[bool, typer.Option("--alone", help="All other imperfections of devices and chip off.")] = False,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Sweep one property of devices and chip after the other; say how bad it may be."""
    from insitu.studies.requirements import requirements as carry_out

    with quiet_output():
        found = carry_out(
            recipe, only=only or (), alone=alone, against=cast("Against", against), limit=lost(loss), seeds=seeds,
            epochs=epochs, set=changes, quick=quick, data=data, data_dir=data_dir, out=out, workers=workers,
        )  # fmt: skip
    conclude(found, as_json)
