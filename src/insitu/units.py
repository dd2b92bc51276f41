"""SI numbers for people: ``si(2.3e-6, 'S') == '2.3 uS'``."""

from __future__ import annotations

import math
import re

CONDUCTANCE_QUANTUM = 7.748091729e-5  #: G0 = 2 e^2 / h, in siemens (CODATA 2018)

_PREFIX = {-15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}


def si(value: float | None, unit: str = "", digits: int = 3) -> str:
    """Return ``value`` with an SI prefix and unit; None reads ``off``."""
    if value is None:
        return "off"
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}".strip()
    power = min(max(3 * math.floor(math.log10(abs(value)) / 3 + 1e-12), -15), 12)
    text = f"{value / 10**power:.{digits}g}"
    if abs(float(text)) >= 1000 and power < 12:  # 999.9 u is 1 m
        power += 3
        text = f"{value / 10**power:.{digits}g}"
    return f"{text} {_PREFIX[power]}{unit}".strip()


def micro(text: str) -> str:
    """Return a text with the ``u`` of its units as the Greek letter, for pages and figures."""
    return re.sub(r"(?:(?<=\d )|(?<=\())u(?=[AJSVWms]\b)", "µ", text)
