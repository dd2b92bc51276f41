"""The command ``insitu tune``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli.options import (
    Changes,
    Data,
    DataDir,
    Device,
    Epochs,
    Json,
    Recipe,
    Seeds,
    Study,
    Trial,
    Workers,
    conclude,
    quiet_output,
)


def tune(
    recipe: Recipe,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=LOW..HIGH|A,B",
            help="A field to tune; may be repeated.",
            show_default="what recipe and scheme say",
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Settings to try.")] = 30,
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Keep what was found in this file, for `insitu run --tuned FILE` on the same device and scheme."
        ),
    ] = None,
    device: Device = None,
    seeds: Seeds = 1,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Look for the fields with which a recipe does best on images held back from training."""
    from insitu.studies.tune import tune as carry_out

    with quiet_output():
        found = carry_out(
            recipe, over or (), trials=trials, keep=keep, device=device, seeds=seeds, epochs=epochs, set=changes, quick=quick,
            data=data, data_dir=data_dir, out=out, workers=workers,
        )  # fmt: skip
    conclude(found, as_json)
