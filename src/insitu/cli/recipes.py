"""The command ``insitu recipes``."""

from __future__ import annotations

from typing import Annotated

import typer


def recipes(name: Annotated[str | None, typer.Argument(help="Print the file of this recipe.")] = None) -> None:
    """List the recipes, or print one with its comments."""
    from rich.console import Console

    from insitu import terminal
    from insitu.recipes import registry

    if name is None:
        terminal.show_recipes(Console(), registry.summaries())
    else:
        print(registry.toml_text(name), end="")
