"""How wide the columns of a table are in a terminal, so that no word of it is broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_WORD = re.compile(r"^\s*\S+|\S+")  # the first one with what indents it

Texts = Sequence[Sequence[str]]


def widths(
    heads: Sequence[str], rows: Texts, whole: Sequence[bool], most: int, length: Callable[[str], int] = len
) -> list[int] | None:
    """Return how many characters each column gets; None if they do not fit beside each other without breaking a word.

    What is too wide is wrapped at spaces, the widest column first; cells of columns that are to be ``whole`` only where
    nothing else helps.

    Parameters
    ----------
    heads : of the columns. rows : texts of the cells. whole : of each column, whether its cells are rather not wrapped.
    most : characters that all columns may have together. length : in characters of a terminal.
    """
    columns = [[row[place] for row in rows] for place in range(len(heads))]
    words = [max(map(length, _words([head, *cells])), default=0) for head, cells in zip(heads, columns, strict=True)]
    lines = [max(map(length, _lines([head, *cells])), default=0) for head, cells in zip(heads, columns, strict=True)]
    cells = [
        max(word, max(map(length, _lines(column)), default=0)) if keep else word
        for word, column, keep in zip(words, columns, whole, strict=True)
    ]
    for least in (cells, words):
        for level in range(max([1, *lines]), 0, -1):
            found = [min(line, max(few, level)) for line, few in zip(lines, least, strict=True)]
            if sum(found) <= most:
                return found
    return None


def turned(heads: Sequence[str], rows: Texts) -> list[tuple[str, str]]:
    """Return a line a cell, its head and itself, a blank line between two rows; cells that say nothing are left out."""
    found: list[tuple[str, str]] = []
    for row in rows:
        found += [("", "")] if found else []
        found += [(head, cell) for head, cell in zip(heads, row, strict=True) if cell.strip()]
    return found


def _words(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for line in text.split("\n") for word in _WORD.findall(line)]


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in text.split("\n")]
