"""What a page consists of: plain values that the template turns into HTML. Text is text; the template escapes it."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.reports.captions import caption
from insitu.reports.examples import worded
from insitu.reports.tables import Table


@dataclass(frozen=True)
class Picture:
    """A figure: ``source`` is a data URI, ``of`` says which run if there are several, ``example`` what its data hold."""

    name: str
    source: str
    of: str = ""
    example: str | None = None

    @property
    def caption(self) -> str:
        """What to look at."""
        return worded(caption(self.name), self.example)

    @property
    def alt(self) -> str:
        """The words for who cannot see it name the plot; the caption says the rest."""
        return f"Figure: {self.name.replace('_', ' ')}" + (f", {self.of}" if self.of else "")


@dataclass(frozen=True)
class Pictures:
    """Figures below each other, or beside each other where they belong together."""

    shown: tuple[Picture, ...]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text to be copied as it stands; ``label`` names it for screen readers."""

    label: str
    text: str


@dataclass(frozen=True)
class Fold:
    """What is open only when asked for, and in print."""

    summary: str
    blocks: tuple[Block, ...]


Block = Table | Pictures | Text | Code | Fold


@dataclass(frozen=True)
class Section:
    """A part of the page; ``key`` is its anchor."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """A headline: the number, what it is, how sure, our numbers to compare, and what the paper says of which claim."""

    title: str
    value: str
    what: str
    note: str
    beside: tuple[str, ...] = ()
    paper: str = ""
    claim: str = ""
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole page; ``facts`` are (term, description)."""

    title: str
    lead: str
    cards: tuple[Card, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
