"""The command ``insitu energy``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insitu.cli.study import study


@study(seeds=3, more=("costs",), without=("set", "data"), complete=False)
def energy(
    claim: Annotated[str, typer.Argument(help="shi2018, yi2022, cristiano2018, or across for all of them.")],
    **how: Any,
) -> Any:
    """Check a claim on energy: run what it needs, price it, say where it holds and where not."""
    from insitu.studies.energy import energy as carry_out

    return carry_out(claim, **how)
