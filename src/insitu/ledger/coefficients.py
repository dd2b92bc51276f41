"""One number of a cost model: what it prices, its unit, its spread and where it comes from."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from insitu.errors import InputError, suggest

#: stated: read in the named source. inferred: follows by calculation from what is stated. recalled: general knowledge
#: that we could not verify. ours: our choice.
Tag = Literal["stated", "inferred", "recalled", "ours"]
Kind = Literal["memory", "periphery", "digital"]

#: kind -> coefficient -> (unit, what it prices)
KNOWN: dict[Kind, dict[str, tuple[str, str]]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)  # type: ignore[assignment]

_PREFIX = {prefix: float(f"1e{3 * n - 18}") for n, prefix in enumerate((*"afpnum", "", *"kMGT"))}


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A sourced number.

    Parameters
    ----------
    name : of :data:`KNOWN`. value, low, high : in SI units. unit : the SI unit.
    written : value and unit as the file has them. node : technology node. tag, source : where it comes from.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    written: str
    node: str
    tag: Tag
    source: str


def scale_of(unit: str, wanted: str, where: str) -> float:
    """Return by what a number in ``unit`` is multiplied to be in ``wanted``, an SI unit that ``unit`` may prefix.

    Raises
    ------
    InputError : it is another unit; the sentence names the one that was expected.
    """
    found = re.fullmatch(rf"([afpnumkMGT]?){re.escape(wanted)}", unit.strip().replace("µ", "u").replace("μ", "u"))
    if found is None or (found[1] and wanted in ("1", "F2", "1/s")):
        prefixed = "" if wanted in ("1", "F2", "1/s") else f", with or without a prefix, such as p{wanted} or n{wanted}"
        raise InputError(f"{where}.unit: got '{unit}'; expected is {wanted}{prefixed}")
    return _PREFIX[found[1]]


def known(name: str, kind: Kind, where: str) -> str:
    """Return the SI unit of a coefficient; InputError, with the nearest name, if there is none of this name."""
    if name in KNOWN[kind]:
        return KNOWN[kind][name][0]
    raise InputError(f"{where}: unknown coefficient '{name}' of a {kind} set; {suggest(name, KNOWN[kind])}")
