"""Numbers as text for people: plain in a terminal, and typeset for the page."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from insitu.units import micro

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def is_number(value: Any) -> bool:
    """Return whether a result value is a number, to be averaged; True and False are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(key: str, value: Any) -> str:
    """Return a result value for people; the name of its key says what kind of number it is."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not is_number(value):
        return str(value)
    if "accuracy" in key or key.endswith("fraction"):
        return f"{100 * value:.2f} %"
    if key.endswith("seconds"):
        return f"{value:.1f} s"
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def large(value: float) -> str:
    """Return three digits of a number, written out below a million, else with an exponent."""
    rounded = float(f"{value:.3g}")
    if abs(rounded) < 1e6:
        return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.3g}"
    return f"{rounded:.3g}".replace("e+0", "e").replace("e+", "e")


def parts(key: str, values: Sequence[Any]) -> tuple[str, str]:
    """Return mean and sample standard deviation of a result as text; the latter is empty for a single run.

    What is no number is shown as it is.
    """
    numbers = [value for value in values if is_number(value)]
    if not numbers:
        return number(key, values[0] if values else None), ""
    if len(set(numbers)) == 1:
        return number(key, numbers[0]), number(key, 0) if len(numbers) > 1 else ""
    mean, sd = statistics.fmean(numbers), statistics.stdev(numbers)
    text = number(key, mean)
    if not text[-1:].isdigit():
        return text, number(key, sd)
    digits = max(0, 1 - math.floor(math.log10(sd)))  # no unit: both to the second digit of the spread
    return f"{mean:,.{digits}f}", f"{sd:,.{digits}f}"


def spread(key: str, values: Sequence[Any]) -> str:
    """Return ``98.43 ± 0.05 %``, or the mean alone if there is one run only, or all runs are equal."""
    mean, sd = parts(key, values)
    if not sd or len(set(map(str, values))) == 1:
        return mean
    digits, _, unit = mean.partition(" ")
    return f"{digits} ± {sd.partition(' ')[0]} {unit}".strip()


def mean_and_sd(
    rows: Sequence[Mapping[str, Any]], without: Sequence[str] = ()
) -> tuple[dict[str, float], dict[str, float | None]]:
    """Return mean and sample standard deviation (None for a single row) of every number that all rows have."""
    import pandas as pd

    kept = [{key: value for key, value in row.items() if is_number(value) and key not in without} for row in rows]
    frame = pd.DataFrame(kept).dropna(axis="columns")
    return frame.mean().to_dict(), frame.std().to_dict() if len(rows) > 1 else dict.fromkeys(frame.columns)


def value_text(value: Any) -> str:
    """Return a recipe field for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(value_text, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def upper(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def counted(count: float, what: str) -> str:
    """Return a number of things, such as ``1 seed``, ``3 seeds`` or ``0.3 points``."""
    return f"{f'{count:g}' if isinstance(count, float) else count} {what}{'s' * (count != 1)}"


def typeset(text: str) -> str:
    """Return the text of a number as a page sets it: a dash for none, minus, powers of ten, the Greek letter of a unit."""
    text = re.sub(r"(?<=\d)e(\d+)\b", lambda found: " × 10" + found[1].translate(_RAISED), micro(text))
    text = re.sub(r"(?<![\w.])-(?=\d)", "−", text)
    return "–" if text == "-" else text.replace("^2", "²")
