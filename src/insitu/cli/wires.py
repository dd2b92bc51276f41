"""The command ``insitu wires``."""

from __future__ import annotations

from typing import Annotated

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
    listed,
    quiet_output,
)


def wires(
    recipe: Recipe,
    ohms: Annotated[str, typer.Option(help="Wire between neighbouring cells and at the ends, ohm.")] = "1,2,5",
    tile: Annotated[int, typer.Option(min=1, help="Cells along the side of a tile.")] = 64,
    seeds: Seeds = 5,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Read through wires what has learned without them, and what has learned behind them; say what each loses."""
    from insitu.studies.wires import wires as carry_out

    with quiet_output():
        found = carry_out(
            recipe, ohms=listed("--ohms", ohms, float), tile=tile, seeds=seeds, epochs=epochs, set=changes,
            quick=quick, data=data, data_dir=data_dir, out=out, workers=workers,
        )  # fmt: skip
    conclude(found, as_json)
