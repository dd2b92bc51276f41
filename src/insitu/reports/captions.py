"""What things are called for people, from captions.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

_WORDS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
DATASETS, CAPTIONS = _WORDS["datasets"], _WORDS["figures"]  #: name -> for people; name of a figure -> sentence
METHODS, MERITS = _WORDS["methods"], _WORDS["merits"]  #: to rebuild words; figures of merit of a device
STUDIES = _WORDS["studies"]  #: what was done
TITLES = _WORDS["titles"]  #: of figures, to be filled in


def caption(name: str) -> str:
    """Return the sentence for a figure, its name in words if there is none."""
    return CAPTIONS.get(name, name.replace("_", " ").capitalize() + ".")
