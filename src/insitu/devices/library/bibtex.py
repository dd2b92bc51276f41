"""Citations as BibTeX, from no more than is known of a paper."""

from __future__ import annotations


def bibtex(key: str, author: str, year: int, kind: str = "article", **known: str | int) -> str:
    """Return a BibTeX entry with whatever else is known of the paper, by its BibTeX field."""
    facts = {"author": author, **known, "year": year}
    return "\n".join([f"@{kind}{{{key},", *(f"  {name} = {{{value}}}," for name, value in facts.items()), "}"])
