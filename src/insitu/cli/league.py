"""The command ``insitu league``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insitu.cli.options import Systems
from insitu.cli.study import study


@study(seeds=3, more=("costs", "examples", "cluster"), page=True, complete=False)
def league(
    devices: Annotated[
        list[str] | None, typer.Argument(metavar="NAME|FILE...", help="Memory devices; a .py file is executed.")
    ] = None,
    system: Systems = None,
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE.py:NAME", help="A way of writing; may be repeated.", show_default="all of the library"
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=0, help="Settings to try of each entry; 0: none is tuned.")] = 12,
    **how: Any,
) -> Any:
    """Compare ways of writing on devices in all systems: tuned with equal budgets, by accuracy, energy, time and wear."""
    from insitu.studies.league import league as carry_out

    return carry_out(devices or (), systems=system or (), schemes=scheme or (), trials=trials, **how)
