"""The command ``insitu costs``."""

from __future__ import annotations

from typing import Annotated

import typer


def costs(
    name: Annotated[str | None, typer.Argument(help="Show this set: a name or a .toml file.")] = None,
) -> None:
    """List the cost sets, or show one: every number with its spread, node, origin and source."""
    from rich.console import Console

    from insitu.ledger import costset
    from insitu.terminal.costs import show_cost_set, show_cost_sets

    if name is None:
        show_cost_sets(Console())
    else:
        show_cost_set(Console(), costset.load(name))
