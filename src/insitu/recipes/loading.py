"""From a TOML file and ``key=value`` overrides to a checked, frozen recipe; whatever is wrong becomes one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainSerializer, model_validator

from insitu.chip import Chip
from insitu.errors import InputError
from insitu.parsing import parse_toml
from insitu.schemes import Scheme
from insitu.schemes.base import Form, check_numbers
from insitu.validation import Model, Table, plain_value, validate

T = TypeVar("T")


def _none_as(word: str) -> tuple[BeforeValidator, PlainSerializer]:
    return (
        BeforeValidator(lambda value: None if value == word else value),
        PlainSerializer(lambda value: word if value is None else value),
    )


#: ``OrOff[float]`` is a float, or None, which TOML files and overrides write as "off"; ``OrAuto`` writes it as "auto"
OrOff = Annotated[T | None, *_none_as("off")]
OrAuto = Annotated[T | None, *_none_as("auto")]


def full_path(name: str) -> str:
    """Return the full path of a ``.py`` or ``.toml`` file; any other name as it is."""
    return os.path.realpath(name) if name.endswith((".py", ".toml")) and os.path.isfile(name) else name


#: a device of the library, or a file: by its full path, to be found again on resume
DeviceName = Annotated[str, AfterValidator(full_path)]

#: fields of a recipe and their new values, by dotted name; or the same as ``key=value``, as the command line takes it
Changes = Mapping[str, Any] | Sequence[str]


class RecipePart(Table):
    """A table of a recipe."""


class BaseRecipe(RecipePart):
    """A whole recipe; every recipe has a seed, which the command line sets with --seed."""

    form: ClassVar[Form | None] = None  #: in which its network asks for changes, where that is always the same

    seed: int = Field(0, ge=0, lt=2**64)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse a chip that does to weights what cannot be done to numbers, before anything is run."""
        scheme, chip = getattr(self, "scheme", None), getattr(self, "chip", None)
        if isinstance(scheme, Scheme) and isinstance(chip, Chip):
            check_numbers(scheme, chip)
        return self


def resolve(model: type[Model], text: str, overrides: Sequence[str] = ()) -> Model:
    """Return the recipe in a TOML text with overrides such as ``pruning.fraction=0.75`` put in.

    Raises
    ------
    InputError : an override is not key=value, or a field is unknown, missing or has an unusable value.
    """
    return validate(model, apply_overrides(parse_toml(text), overrides))


def apply_overrides(data: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a copy of ``data`` with dotted keys set; values are TOML, and a bare word is a string."""
    result: dict[str, Any] = json.loads(json.dumps(data))
    for item in overrides:
        key, equals, text = item.partition("=")
        parts = key.split(".")
        if not equals or len(parts) > 9 or not all(map(str.strip, parts)):
            raise InputError(f"--set: got '{item}'; write it as key=value, for example pruning.fraction=0.75")
        put(result, key, parse_value(text.strip()))
    return result


def as_overrides(changes: Changes | None) -> list[str]:
    """Return changes as ``key=value``; a table within a mapping stands for its fields, and None for "off"."""
    if isinstance(changes, str):
        return [changes]
    if not isinstance(changes, Mapping):
        return list(changes or ())
    return [f"{key}={_toml(value)}" for key, value in flat(changes).items()]


def field_of(override: str) -> str:
    """Return the dotted field that ``key=value`` sets."""
    return ".".join(map(str.strip, override.partition("=")[0].split(".")))


def require_once(
    fields: Iterable[str], option: str, changes: Changes | None = None, others: Mapping[str, str | None] = {}
) -> None:
    """Raise InputError if one of the fields that an option gives is given once more, for only one of the two could count.

    Parameters
    ----------
    changes : of a person; a change of a field within one of the fields counts too. others : option -> field, or None.
    """
    for field in fields:
        for item in as_overrides(changes):
            if f"{field_of(item)}.".startswith(f"{field}."):
                raise InputError(f"{field}: is given by {option}, and by --set {item} too; leave one of them out")
        for other, given in others.items():
            if given == field:
                raise InputError(f"{field}: is given by {option}, and by {other} too; leave one of them out")


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a table of tables as one, under dotted keys such as :func:`put` takes."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return found


def put(data: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key in place, making the tables on the way to it; InputError if one of them is a single value."""
    *above, last = (part.strip() for part in key.split("."))
    table = data
    for depth, part in enumerate(above, 1):
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise InputError(f"{key.strip()}: '{'.'.join(above[:depth])}' is a single value and has no fields")
    table[last] = value


def parse_value(text: str) -> Any:
    """Return a TOML value, or a number that TOML writes otherwise (``.5``), or else the text itself."""
    try:
        parsed = parse_toml(f"value = {text}")
    except ValueError:
        parsed = {}
    if parsed.keys() == {"value"} and isinstance(parsed["value"], bool | int | float | str | list | dict):
        return parsed["value"]
    try:
        return float(text)
    except ValueError:
        return text


def _toml(value: Any) -> str:
    """Return a value as :func:`parse_value` reads it back; a word that needs no quotes has none."""
    if value is None:
        return "off"
    if isinstance(value, str) and value == value.strip() and parse_value(value) == value:
        return value
    return json.dumps(value, default=plain_value, ensure_ascii=False).replace("\x7f", "\\u007f")


def to_toml(recipe: BaseModel) -> dict[str, Any]:
    """Return the resolved recipe as a TOML table that gives the same recipe again; a field that is None is left out."""
    table = _without_none(recipe.model_dump(mode="json"))
    if validate(type(recipe), table) != recipe:
        raise InputError(
            "recipe: a field that is None by choice but not by default cannot be written; its type must be OrOff"
        )
    return table


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in table.items() if value is not None}
    return {key: _without_none(value) if isinstance(value, dict) else value for key, value in kept.items()}
