"""The command ``insitu tiles``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insitu.cli.options import Recipe, listed, lost
from insitu.cli.study import study


@study(seeds=5, more=("costs",))
def tiles(
    recipe: Recipe,
    sizes: Annotated[str, typer.Option(help="Cells along the side of a tile.")] = "16,32,64,128,256",
    ohms: Annotated[str, typer.Option(help="Wire between neighbouring cells, ohm.")] = "0.5,1,2,5",
    bits: Annotated[str, typer.Option(help="Of the ADC.")] = "4,5,6,7,8",
    with_ohm: Annotated[float, typer.Option(help="Wires behind those converters, ohm.")] = 1.0,
    loss: Annotated[float, typer.Option(help="Points of accuracy that may be lost.")] = 1.0,
    **how: Any,
) -> Any:
    """Train on tiles of several sizes; say how large they may be for the wires, and which converters are the cheapest."""
    from insitu.studies.tiles import tiles as carry_out

    return carry_out(
        recipe, sizes=listed("--sizes", sizes, int), ohms=listed("--ohms", ohms, float), bits=listed("--bits", bits, int),
        with_ohm=with_ohm, limit=lost(loss), **how,
    )  # fmt: skip
