"""Parameter sets from a TOML file: every number with its unit, its origin and where it comes from."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from pydantic import StringConstraints

from insitu.devices.base import GROUPS, Device
from insitu.devices.library.parameter_set import ParameterSet, Tag, Value
from insitu.errors import InputError, suggest
from insitu.papers import papers
from insitu.validation import Table, read_table, validate

#: law -> its module in insitu.devices
LAWS = {
    "ConstantStep": "constant",
    "ExponentialPhaseChange": "pcm",
    "ExponentialStep": "exponential",
    "GeometricStep": "geometric",
    "JumpTable": "jumptable",
    "LinearStep": "linear",
    "OneSidedSaturating": "saturating",
    "PhaseChange": "pcm",
    "PowerStep": "power",
    "PulsePower": "pulsepower",
    "Saturating": "saturating",
    "SigmoidStep": "sigmoid",
    "SoftBounds": "softbounds",
    "StochasticSwitch": "switch",
    "TableStep": "table",
}
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Number(Table):
    value: int | float | tuple[float, ...]
    unit: str = ""
    tag: Tag
    note: _Text


class _Set(Table):
    law: str
    kind: str = ""
    paper: str = ""
    summary: _Text
    source: _Text
    validity: _Text
    numbers: dict[str, _Number]


def load_sets(path: Path) -> list[ParameterSet]:
    """Return the parameter sets of a file; what stands above the first of them holds for all.

    Raises
    ------
    InputError
        If there is no such file, it is not TOML, or a set is unusable; one sentence.
    """
    table = read_table(path, "; give a library name or a .py or .toml file")
    sets = {name: one for name, one in table.items() if isinstance(one, dict)}
    shared = {key: value for key, value in table.items() if key not in sets}
    try:
        return [_parsed(name, shared | one) for name, one in sets.items()]
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from error


def _parsed(name: str, table: dict[str, Any]) -> ParameterSet:
    found = validate(_Set, table)
    if found.law not in LAWS:
        raise InputError(f"{name}.law: unknown law '{found.law}'; {suggest(found.law, LAWS)}")
    if found.paper and found.paper not in papers():
        raise InputError(f"{name}.paper: '{found.paper}' is not in papers.bib; {suggest(found.paper, papers())}")
    law: type[Device] = getattr(import_module(f"insitu.devices.{LAWS[found.law]}"), found.law)
    given: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
    known = [f.name for f in fields(law) if f.init and f.name not in groups]
    known += [f"{group}.{f.name}" for group, kind in GROUPS.items() for f in fields(kind)]
    for field, number in found.numbers.items():
        if field not in known:
            raise InputError(f"{name}.numbers: {found.law} has no '{field}'; {suggest(field, known)}")
        if number.unit != law.units.get(field, ""):
            wanted = law.units.get(field) or "no unit"
            raise InputError(f"{name}.numbers.{field}.unit: got '{number.unit}'; allowed is {wanted}")
        group, _, inner = field.rpartition(".")
        (groups[group] if group else given)[inner] = number.value
    try:
        device = law(**given, **{group: GROUPS[group](**inner) for group, inner in groups.items() if inner})
    except TypeError as error:  # it names the numbers that are missing
        raise InputError(f"{name}.numbers: {found.law} is {str(error).partition(' ')[2]}") from error
    provenance = {field: Value(number.tag, number.note) for field, number in found.numbers.items()}
    texts = found.model_dump(exclude={"law", "numbers"})
    return ParameterSet(name=name, device=device, provenance=provenance, **texts)
