"""What things are called for people, from captions.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

_WORDS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
DATASETS, CAPTIONS = _WORDS["datasets"], _WORDS["figures"]  #: name -> for people; name of a figure -> sentence
METHODS = _WORDS["methods"]  #: to rebuild words
MERITS = _WORDS["merits"]  #: figures of merit of a device
QUALITIES = _WORDS["qualities"]  #: what may be improved of a device
ABBREVIATIONS = _WORDS["abbreviations"]  #: of the field -> what they stand for
STUDIES = _WORDS["studies"]  #: what was done
TITLES = _WORDS["titles"]  #: of figures, to be filled in


def caption(name: str) -> str:
    """Return the sentence for a figure, its name in words if there is none."""
    return CAPTIONS.get(name, name.replace("_", " ").capitalize() + ".")


def expanded(texts: Iterable[str]) -> str:
    """Return a line that says what the abbreviations in these texts stand for, as a legend; empty without any."""
    found = {word for text in texts for word in re.findall(r"[A-Za-z0-9]+", text)}
    said = [f"{short}: {full}" for short, full in ABBREVIATIONS.items() if short in found]
    return f"{'; '.join(said)}." if said else ""
