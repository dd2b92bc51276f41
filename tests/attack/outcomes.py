"""What comes of an input of any content: a value, or one sentence; all else is a fault."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mutations import mutated
from systems import ROUNDS, limited

from insitu.errors import InsituError

TIMES = 12 + 100 * ROUNDS  #: changes of each input


def outcome(do: Callable[[], Any]) -> str:
    """Return the sentence that refuses an input, nothing if it is taken; whatever else is raised is a fault."""
    with limited():
        try:
            do()
        except InsituError as error:
            sentence = str(error)
            assert sentence.strip()
            assert len(sentence) <= 1000
            return sentence
    return ""


def attacked(
    name: str, content: bytes, do: Callable[[], Any], path: Path, table: Any = None, kind: str = "", times: int = TIMES
) -> int:
    """Change a file many times, each time have it read; return how often it was refused."""
    chance, refused = random.Random(name), 0
    for _ in range(times):
        path.write_bytes(changed := mutated(chance, content, table, kind))
        try:
            refused += bool(outcome(do))
        except BaseException as error:
            raise AssertionError(f"{name}: {changed[:2000]!r}") from error
    print(f"{name}: {times} changed files, {refused} refused")
    return refused
