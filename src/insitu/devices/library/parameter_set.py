"""A parameter set: a device with the origin of every one of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from insitu.devices.base import GROUPS, Device
from insitu.errors import InputError

#: stated: read in the named source. inferred: follows by calculation from what is stated. ours: our choice, or a number
#: that we could not verify. user: from the file of a user.
Tag = Literal["stated", "inferred", "ours", "user"]


@dataclass(frozen=True)
class Value:
    """Where one number comes from."""

    tag: Tag
    note: str


@dataclass(frozen=True, kw_only=True)
class ParameterSet:
    """A named device with its provenance.

    Parameters
    ----------
    name : for ``--device`` and :func:`insitu.devices.library.load`.
    device : the device.
    summary : one line for a list.
    source : a sentence on which paper and figure, and what was available of it.
    validity : a sentence on the conditions under which the numbers hold, and what they leave out.
    provenance : the origin of every number of the device, by field name (``spread.step_cv`` for nested ones).
    kind : of memory, for a list.
    paper : its key in papers.bib, empty if there is none.

    Raises
    ------
    InputError
        If a number has no origin, or an origin no number.
    """

    name: str
    device: Device
    summary: str
    source: str
    validity: str
    provenance: Mapping[str, Value]
    kind: str = ""
    paper: str = ""

    def __post_init__(self) -> None:
        wanted, given = set(numbers(self.device)), set(self.provenance)
        if wanted - given:
            raise InputError(f"{self.name}: provenance is missing for {', '.join(sorted(wanted - given))}")
        if given - wanted:
            raise InputError(f"{self.name}: provenance for {', '.join(sorted(given - wanted))}: no such numbers")
        for field, value in self.provenance.items():
            if value.tag not in get_args(Tag) or not value.note.strip():
                raise InputError(f"{self.name}: provenance of {field} needs a note and a tag of {get_args(Tag)}")


def numbers(device: Device) -> dict[str, float | tuple[float, ...]]:
    """Return every given number of a device that is not off, by field name, nested ones as ``spread.step_cv``."""
    found: dict[str, float | tuple[float, ...]] = {}
    for f in fields(device):
        value = getattr(device, f.name)
        if f.name in GROUPS:
            found |= {f"{f.name}.{key}": number for key, number in vars(value).items() if number is not None}
        elif f.init and value is not None:
            found[f.name] = value
    return found
