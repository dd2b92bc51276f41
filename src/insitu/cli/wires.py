"""The command ``insitu wires``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insitu.cli.options import Recipe, listed
from insitu.cli.study import study


@study(seeds=5)
def wires(
    recipe: Recipe,
    ohms: Annotated[str, typer.Option(help="Wire between neighbouring cells and at the ends, ohm.")] = "1,2,5",
    tile: Annotated[int, typer.Option(min=1, help="Cells along the side of a tile.")] = 64,
    **how: Any,
) -> Any:
    """Read through wires what has learned without them, and what has learned behind them; say what each loses."""
    from insitu.studies.wires import wires as carry_out

    return carry_out(recipe, ohms=listed("--ohms", ohms, float), tile=tile, **how)
