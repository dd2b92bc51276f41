"""The command ``insitu costs``."""

from __future__ import annotations

from typing import Annotated

import typer


def costs(
    name: Annotated[str | None, typer.Argument(help="Show this set: a name or a .toml file.")] = None,
) -> None:
    """List the cost sets, or show one: every number with its spread, node, origin and source."""

    from insitu import terminal
    from insitu.ledger import costset
    from insitu.reports import cost_tables

    shown = cost_tables.cost_sets() if name is None else cost_tables.cost_set(costset.load(name))
    terminal.show(terminal.console(), shown)
