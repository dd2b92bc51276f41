"""The command ``insitu recipes``."""

from __future__ import annotations

from typing import Annotated

import typer


def recipes(name: Annotated[str | None, typer.Argument(help="Print the file of this recipe.")] = None) -> None:
    """List the recipes, or print one with its comments."""

    from insitu import terminal
    from insitu.recipes import registry
    from insitu.reports.tables import Table, words

    if name is None:
        note = "insitu run NAME carries one out; insitu recipes NAME prints its fields, for --set."
        rows = [(name, registry.about(name).summary) for name in registry.names()]
        terminal.show(terminal.console(), Table("Recipes", words("Name", "What it does"), rows, note))
    else:
        print(registry.toml_text(name), end="")
