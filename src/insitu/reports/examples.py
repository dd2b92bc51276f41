"""What the examples of a run are called, and what so many of them tell of an accuracy."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from insitu.reports.numbers import number, spread

IMAGE = "image"


def worded(text: str, example: str | None) -> str:
    """Return a text that speaks of images in the words of the data.

    Parameters
    ----------
    example : what one example is called, ``image``, ``word`` or ``example`` (a row of a table); None where it is not known,
        and images are what they were.
    """
    if example in (None, IMAGE):
        return text
    one = "an" if str(example)[0] in "aeiou" else "a"
    text = re.sub(r"\b([Aa])n image\b", lambda found: found[1] + one[1:] + f" {example}", text)
    text = re.sub(r"\bimage", str(example), text)
    return re.sub(r"\bImage", str(example).capitalize(), text)


def example_of(results: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what an example of these runs is called; ``example`` if they differ, None if an older insitu did not say."""
    called = {one.get("example") for one in results}
    return called.pop() if len(called) == 1 else "example"


def error_of(share: float, examples: int) -> float:
    """Return the standard error of the fraction of examples that were right, as half of Wilson's interval at z = 1.

    sqrt(p (1 - p) / n + 1 / (4 n^2)) / (1 + 1 / n): for many examples the binomial sqrt(p (1 - p) / n), and not 0 where all
    were right. It knows nothing of other seeds. Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

    Parameters
    ----------
    share : p, from 0 to 1. examples : n.
    """
    return math.sqrt(share * (1 - share) / examples + 0.25 / examples**2) / (1 + 1 / examples)


def examples_behind(result: Mapping[str, Any], key: str) -> int | None:
    """Return of how many examples a number of a run is the fraction; None if it is none, or an older insitu did not say."""
    tested = result.get("tested")
    found = tested.get(key) if isinstance(tested, Mapping) else None
    return found if isinstance(found, int) and found > 0 else None


def with_error(key: str, value: Any, examples: int | None) -> str:
    """Return ``94.20 ± 0.23 %`` for the accuracy of one run, and any other value alone."""
    if examples is None or not isinstance(value, float):
        return spread(key, [value])
    digits, _, unit = number(key, value).partition(" ")
    return f"{digits} ± {number(key, error_of(value, examples)).partition(' ')[0]} {unit}"


def error_note(behind: Sequence[int], example: str | None) -> str:
    """Return the sentence on the errors of single runs, of so many examples each; empty without any."""
    if not behind:
        return ""
    low, high = min(behind), max(behind)
    many = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return worded(f"± is the standard error of the {many} images tested, and knows nothing of other seeds.", example)
