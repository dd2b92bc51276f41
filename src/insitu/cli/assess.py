"""The command ``insitu assess``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insitu.cli.options import Systems
from insitu.cli.study import study


@study(seeds=3, more=("costs",), without=("epochs",), page=True, complete=False)
def assess(
    device: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Memory device; a .py file is executed.")],
    system: Systems = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="A,B|default",
            help="Map what is lost over two properties: steps,asymmetry. default: the three usual pairs. May be repeated.",
        ),
    ] = None,
    **how: Any,
) -> Any:
    """Say what a device is good for: which systems learn on it, written how, at what price, what to improve first."""
    from insitu.studies.assess import assess as carry_out

    return carry_out(device, systems=system or (), maps=maps or (), **how)
