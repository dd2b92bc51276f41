"""Docstrings for the site: what an editor shows as plain text becomes Markdown, so that no page says it a second time."""

from __future__ import annotations

import re
from typing import Any

import griffe

_LISTED = ("Parameters", "Attributes", "Raises")
_ENTRY = r"(\*{0,2}\w+(?:, \*{0,2}\w+)*) : "


def as_markdown(text: str) -> str:
    """Return a docstring with its sections as bold words and lists, and references as code."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`")
    first, *sections = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.MULTILINE)
    parts = [first.strip()]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        parts.append(f"**{title}**\n\n{_list(body) if title in _LISTED else body.strip()}")
    return "\n\n".join(parts)


def _list(body: str) -> str:
    """Return ``name : text`` entries as a list; several may share a line, and a line that is indented goes on."""
    joined = re.sub(r"\n\s+(?=\S)", " ", body.strip())
    entries = re.sub(rf"(?<=[.;)]) +(?={_ENTRY})", "\n", joined).splitlines()
    return "\n".join(re.sub(rf"^{_ENTRY}", r"- `\1`: ", entry) for entry in entries if entry)


class Docstrings(griffe.Extension):
    """Gives mkdocstrings every docstring as Markdown."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Translate the docstring of a module, class or function."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)
