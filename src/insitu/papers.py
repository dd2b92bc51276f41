"""The papers behind systems, rules, devices and data, as BibTeX; papers.bib holds them, with no more than is known."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path


@cache
def papers() -> dict[str, str]:
    """Return the BibTeX entry of every paper by its key."""
    text = (Path(__file__).parent / "papers.bib").read_text(encoding="utf-8")
    return {entry[1]: entry[0] for entry in re.finditer(r"^@\w+\{([^,]+),.*?^\}$", text, re.DOTALL | re.MULTILINE)}
