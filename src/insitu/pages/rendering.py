"""From blocks to one HTML file that loads nothing: styles, pictures and the script that sorts a table are inside, and its
policy forbids the rest."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu import __version__
from insitu.pages.blocks import Card, Page
from insitu.reports.numbers import typeset
from insitu.reports.tables import Table

_PART = r"""[^\s"'<>(),;:/\\]+"""
#: all but the last part of a path from the root or from home; what stands behind a word, a dot or a slash is none
_FOLDERS = re.compile(rf"(?<![\w:/.…-])(?:~[/\\](?:{_PART}[/\\])*|(?:[A-Za-z]:)?[/\\](?:{_PART}[/\\]+)+)(?={_PART})")

if TYPE_CHECKING:
    from jinja2 import Environment


def render(page: Page) -> str:
    """Return the page as HTML; every text in it is escaped."""
    style = _environment().get_template("page.css").render()
    script = _environment().get_template("sorting.js").render() if _sorts(page) else ""
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    made = _environment().get_template("page.html.j2")
    return made.render(page=page, style=style, script=script, script_hash=allowed, version=__version__)


def _sorts(page: Page) -> bool:
    """Return whether a table of the page can be sorted; nothing else wants a script."""
    return any(isinstance(one, Table) and one.sorts for section in page.sections for one in section.blocks)


def render_fragment(title: str, card: Card | None, table: Table) -> str:
    """Return headline and results as HTML for a notebook."""
    return _environment().get_template("fragment.html.j2").render(title=title, card=card, table=table)


def without_folders(value: Any) -> Any:
    """Return a text in which paths name no folders of the machine: a page is for others too."""
    if type(value) is not str or value.startswith("data:"):  # not what is rendered already, nor a picture
        return value
    return _FOLDERS.sub("…/", value.replace(str(Path.home()), "~"))


def pieces(text: str) -> list[str]:
    """Return the parts of a number between which a line may break: before the bracket of its range, and its high end."""
    return re.split(r" (?=\(|to )", text)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files("insitu.pages")
    loader = FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8"))
    made = Environment(
        loader=loader, autoescape=lambda name: name != "page.css", undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=without_folders,
    )  # fmt: skip
    made.filters |= {"typeset": typeset, "pieces": pieces, "kind": lambda block: type(block).__name__.lower()}
    return made
