"""The command ``insitu requirements``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insitu.cli.options import Recipe, lost
from insitu.cli.study import study


@study(seeds=5)
def requirements(
    recipe: Recipe,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="This factor, or all of MSP, LSP or chip; may be repeated.")
    ] = None,
    loss: Annotated[float, typer.Option(help="Points of accuracy that may be lost.")] = 0.3,
    against: Annotated[
        str, typer.Option(metavar="ideal|recipe", help="Lost against the ideal network, or the recipe as it stands.")
    ] = "ideal",
    alone: Annotated[bool, typer.Option("--alone", help="All other imperfections of devices and chip off.")] = False,
    **how: Any,
) -> Any:
    """Sweep one property of devices and chip after the other; say how bad it may be."""
    from insitu.studies.requirements import requirements as carry_out

    how |= {"against": against, "alone": alone}
    return carry_out(recipe, only=only or (), limit=lost(loss), **how)
