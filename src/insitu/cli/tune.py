"""The command ``insitu tune``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from insitu.cli.options import Device, Recipe
from insitu.cli.study import study


@study(seeds=1)
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
    **how: Any,
) -> Any:
    """Look for the fields with which a recipe does best on images held back from training."""
    from insitu.studies.tune import tune as carry_out

    return carry_out(recipe, over or (), trials=trials, keep=keep, device=device, **how)
