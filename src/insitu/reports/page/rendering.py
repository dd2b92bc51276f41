"""From blocks to one HTML file that loads nothing: styles and pictures are inside, and its policy forbids the rest."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from insitu import __version__
from insitu.reports.numbers import typeset
from insitu.reports.page.blocks import Card, Page
from insitu.reports.tables import Table

if TYPE_CHECKING:
    from jinja2 import Environment


def render(page: Page) -> str:
    """Return the page as HTML; every text in it is escaped."""
    style = _environment().get_template("page.css").render()
    return _environment().get_template("page.html.j2").render(page=page, style=style, version=__version__)


def render_fragment(title: str, card: Card | None, table: Table) -> str:
    """Return headline and results as HTML for a notebook."""
    return _environment().get_template("fragment.html.j2").render(title=title, card=card, table=table)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files("insitu.reports.page")
    loader = FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8"))
    made = Environment(
        loader=loader, autoescape=lambda name: name != "page.css", undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["typeset"] = typeset
    return made
