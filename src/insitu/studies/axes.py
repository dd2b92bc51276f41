"""What a sweep varies: fields of a recipe and their values, and every combination of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insitu.errors import InputError
from insitu.parsing import parse_toml
from insitu.recipes.loading import parse_value

#: field, or fields joined by "+" that change together -> its values; of joined fields a value is a tuple
Vary = Mapping[str, Sequence[Any]]
#: dotted field -> value
Setting = dict[str, Any]


MOST_POINTS = 100_000  #: of a sweep


@dataclass(frozen=True)
class Case:
    """One setting of a study.

    Parameters
    ----------
    labels : what its rows are known by, such as ``{"rung": "float"}``; in a sweep the changes themselves.
    changes : fields of the recipe.
    seeds : how many; None is as many as the study has.
    """

    labels: Setting
    changes: Setting
    seeds: int | None = None


_FORM = "write it as key=value1,value2 or, for fields that change together, as key1+key2=a+b,c+d"


def parse_vary(items: Sequence[str]) -> dict[str, list[Any]]:
    """Return what the command line means by ``--vary``.

    Parameters
    ----------
    items : such as ``pruning.fraction=0,0.5`` or, two fields together, ``network.neurons+array.bits=500+2,165+8``.

    Raises
    ------
    InputError : an item is not of this form, or two of them are of the same fields.
    """
    vary: dict[str, list[Any]] = {}
    for item in items:
        key, equals, text = (part.strip() for part in item.partition("="))
        fields = _fields(key)
        if not equals or not text or not all(fields):
            raise InputError(f"--vary: got '{item}'; {_FORM}")
        if key in vary:
            raise InputError(f"--vary: '{key}' is given twice; list all of its values in one --vary")
        vary[key] = _values(text) if len(fields) == 1 else [_together(value, len(fields)) for value in text.split(",")]
    return vary


def settings(vary: Vary) -> list[Setting]:
    """Return every combination (full factorial), the last field changing fastest; one empty setting of no field.

    Raises
    ------
    InputError : a field is named twice or is ``seed``, has no values or one of them twice, or joined fields get a value
        that is not one for each.
    """
    named = fields_of(vary)
    for field in named:
        if named.count(field) > 1:
            raise InputError(f"vary: '{field}' is named twice; a field varies along one axis")
        if field == "seed":
            raise InputError("vary: seeds are not varied but counted; use --seeds, and --set seed=... for the first")
    axes = [_axis(key, list(values)) for key, values in vary.items()]
    if (count := math.prod(map(len, axes))) > MOST_POINTS:
        raise InputError(
            f"vary: gives {count:,} combinations; allowed are {MOST_POINTS:,}, so vary fewer fields at once"
        )
    return [dict(itertools.chain(*(step.items() for step in steps))) for steps in itertools.product(*axes)]


def fields_of(vary: Vary) -> list[str]:
    """Return the fields that are varied, those that change together one by one."""
    return [field for key in vary for field in _fields(key)]


def _axis(key: str, values: list[Any]) -> list[Setting]:
    """Return the settings of one field, or of fields that change together."""
    if not values:
        raise InputError(f"vary: '{key}' has no values")
    for at, value in enumerate(values):
        if any(type(value) is type(other) and value == other for other in values[:at]):
            raise InputError(f"vary: '{key}' has the value {value!r} twice")
    fields = _fields(key)
    if len(fields) == 1:
        return [{key: value} for value in values]
    for value in values:
        if not isinstance(value, tuple | list) or len(value) != len(fields):
            raise InputError(f"vary: '{key}' got {value!r}; each value needs {len(fields)} parts, one a field")
    return [dict(zip(fields, value, strict=True)) for value in values]


def require_each_once(name: str, values: Sequence[Any]) -> None:
    """Raise InputError unless there are values, no two of them alike."""
    if not values or len(set(values)) < len(values):
        raise InputError(f"{name}: got {', '.join(map(str, values)) or 'none'}; allowed is each value once")


def _fields(key: str) -> list[str]:
    return [field.strip() for field in key.split("+")]


def _values(text: str) -> list[Any]:
    """Return the values of a list such as ``0.5,0.75``; where it is no list of TOML values, bare words are strings."""
    try:
        found = parse_toml(f"values = [{text}]")
    except ValueError:
        found = {}
    if found.keys() == {"values"} and all(isinstance(v, bool | int | float | str | list) for v in found["values"]):
        return list(found["values"])
    return [parse_value(part.strip()) for part in text.split(",")]


def _together(text: str, count: int) -> tuple[Any, ...]:
    parts = [parse_value(part.strip()) for part in text.split("+")]
    if len(parts) != count:
        raise InputError(f"--vary: got '{text}' for {count} fields that change together; {_FORM}")
    return tuple(parts)
