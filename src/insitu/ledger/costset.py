"""A cost set: the sourced coefficients of one memory, one periphery or one computer, from a TOML file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import tomli_w
from pydantic import Field, StringConstraints, model_validator

from insitu.errors import InputError, suggest
from insitu.ledger.coefficients import Coefficient, Kind, Tag, known, scale_of
from insitu.validation import Table, read_table, validate

_FOLDER = Path(__file__).parent / "costs"
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Entry(Table):
    value: float = Field(ge=0)
    low: float | None = Field(None, ge=0)
    high: float | None = Field(None, ge=0)
    unit: str
    node: _Text
    tag: Tag
    source: _Text

    @model_validator(mode="after")
    def _ordered(self) -> _Entry:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high: give both or none")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"low, value, high: got {self.low:g}, {self.value:g}, {self.high:g}; they must rise")
        return self


class _File(Table):
    summary: _Text
    kind: Kind
    covers: _Text
    base: str | None = None
    devices: tuple[str, ...] = ()
    gated: bool = False
    coefficients: dict[str, _Entry]


@dataclass(frozen=True, kw_only=True)
class CostSet:
    """What one kind of hardware costs.

    Parameters
    ----------
    name : of the file. summary : one line. covers : a sentence on what the numbers include.
    kind : memory, periphery or digital.
    devices : of the device library, priced by this set unless another one is asked for.
    gated : whether each cell has a gate of its own, so that none draws current while others on its lines are written.
    coefficients : by name; one that is missing is *not modelled*.
    """

    name: str
    summary: str
    kind: Kind
    covers: str
    devices: tuple[str, ...]
    coefficients: Mapping[str, Coefficient]
    gated: bool = False

    def get(self, name: str) -> Coefficient | None:
        """Return a coefficient, None if it is not modelled."""
        return self.coefficients.get(name)


def names() -> list[str]:
    """Return the names of the cost sets that come with insitu."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@cache
def load(name_or_path: str) -> CostSet:
    """Return a cost set: one of :func:`names`, or a ``.toml`` file.

    Raises
    ------
    InputError : there is none of this name, or the file cannot be read, names an unknown coefficient, has a wrong unit or
        leaves a source out.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        if name_or_path not in names():
            raise InputError(
                f"--costs: unknown set '{name_or_path}'; {suggest(name_or_path, names())}; a file ends in .toml"
            )
        path = _FOLDER / f"{name_or_path}.toml"
    table = read_table(path)
    try:
        return parse(path.stem, table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def require_known(costs: Iterable[str]) -> None:
    """Raise InputError about a set among ``SET`` and ``DEVICE=SET`` that is unknown or unusable, before hours of work."""
    for item in costs:
        load(item.rpartition("=")[2])


def parse(name: str, data: Mapping[str, object]) -> CostSet:
    """Return the cost set that a table describes, all its numbers in SI units; what it leaves out is that of its ``base``."""
    file = validate(_File, data)
    found = {} if file.base is None else dict(_base(file.base, file.kind).coefficients)
    for key, entry in file.coefficients.items():
        where = f"coefficients.{key}"
        unit = known(key, file.kind, where)
        factor = scale_of(entry.unit, unit, where)
        low, high = (entry.value if bound is None else bound for bound in (entry.low, entry.high))
        found[key] = Coefficient(
            name=key,
            value=entry.value * factor,
            low=low * factor,
            high=high * factor,
            unit=unit,
            written=f"{entry.value:g} {'' if unit == '1' else entry.unit}".strip()
            + ("" if entry.low is None else f" ({low:g} to {high:g})"),
            **entry.model_dump(include={"node", "tag", "source"}),
        )
    _check_conversions(found)
    return CostSet(name=name, coefficients=found, **file.model_dump(exclude={"base", "coefficients"}))


def _check_conversions(found: Mapping[str, Coefficient]) -> None:
    """Raise InputError unless the bits of a conversion, and its growth with bits, are both there and above 0, or neither."""
    for names in (("conversion_bits", "conversion_growth"), ("input_bits", "input_growth")):
        if len(given := [name for name in names if name in found]) == 1:
            raise InputError(f"coefficients.{given[0]}: got it alone; give {' and '.join(names)} both or none")
        for name in given:
            if found[name].low <= 0:
                raise InputError(f"coefficients.{name}: got {found[name].written}; it has to be above 0")


def _base(name: str, kind: Kind) -> CostSet:
    """Return the set that gives what a file leaves out; one that comes with insitu, so that no two wait for each other."""
    if name not in names():
        raise InputError(f"base: unknown set '{name}'; {suggest(name, names())}")
    if (found := load(name)).kind != kind:
        raise InputError(f"base: {name} is a {found.kind} set; expected is a {kind} one")
    return found


def beside(device: str | Path) -> Path:
    """Return where the cost set of a device file stands, if it has one: ``mine.costs.toml`` beside ``mine.py``."""
    return Path(device).with_suffix(".costs.toml")


def own_of(device: str) -> CostSet | None:
    """Return the set beside a device file; None if there is none."""
    is_file = device.endswith((".py", ".toml")) and beside(device).is_file()
    return load(str(beside(device))) if is_file else None


def memory_of(device: str) -> CostSet | None:
    """Return the set that prices a device: its own, or that of the library that names it; None if there is none."""
    if (own := own_of(device)) is not None:
        return own
    sets = (load(name) for name in names())
    return next((one for one in sets if one.kind == "memory" and device in one.devices), None)


def written_for(device: str) -> str | None:
    """Return the text of a cost set that prices a device like this one, to stand beside its file; None if there is none."""
    if own_of(device) is not None:
        return beside(device).read_text(encoding="utf-8")
    if (found := memory_of(device)) is None:
        return None
    head = {
        "summary": found.summary,
        "kind": "memory",
        "covers": found.covers,
        "base": found.name,
        "gated": found.gated,
    }
    return tomli_w.dumps(head | {"coefficients": {}})
