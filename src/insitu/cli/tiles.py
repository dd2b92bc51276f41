"""The command ``insitu tiles``."""

from __future__ import annotations

from typing import Annotated

import typer

from insitu.cli.options import (
    Changes,
    Costs,
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
    lost,
    quiet_output,
)


def tiles(
    recipe: Recipe,
    sizes: Annotated[str, typer.Option(help="Cells along the side of a tile.")] = "16,32,64,128,256",
    ohms: Annotated[str, typer.Option(help="Wire between neighbouring cells, ohm.")] = "0.5,1,2,5",
    bits: Annotated[str, typer.Option(help="Of the ADC.")] = "4,5,6,7,8",
    with_ohm: Annotated[float, typer.Option(help="Wires behind those converters, ohm.")] = 1.0,
    loss: Annotated[float, typer.Option(help="Points of accuracy that may be lost.")] = 1.0,
    seeds: Seeds = 5,
    epochs: Epochs = None,
    changes: Changes = None,
    costs: Costs = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Train on tiles of several sizes; say how large they may be for the wires, and which converters are the cheapest."""
    from insitu.studies.tiles import tiles as carry_out

    with quiet_output():
        found = carry_out(
            recipe, sizes=listed("--sizes", sizes, int), ohms=listed("--ohms", ohms, float),
            bits=listed("--bits", bits, int), with_ohm=with_ohm, limit=lost(loss), costs=costs or (), seeds=seeds,
            epochs=epochs, set=changes, quick=quick, data=data, data_dir=data_dir, out=out, workers=workers,
        )  # fmt: skip
    conclude(found, as_json)
