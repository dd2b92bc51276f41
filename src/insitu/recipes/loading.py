"""From a TOML file and ``key=value`` overrides to a checked, frozen recipe; whatever is wrong becomes one sentence."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from insitu.errors import InputError, suggest

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)

#: ``OrOff[float]`` is a float, or None, which TOML files and overrides write as "off"
OrOff = Annotated[
    T | None,
    BeforeValidator(lambda value: None if value == "off" else value),
    PlainSerializer(lambda value: "off" if value is None else value),
]


class RecipePart(BaseModel):
    """A table of a recipe: frozen, no unknown fields, no NaN, no silent conversion (``true`` is not 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class BaseRecipe(RecipePart):
    """A whole recipe; every recipe has a seed, which the command line sets with --seed."""

    seed: int = Field(0, ge=0, lt=2**64)


def resolve(model: type[Model], text: str, overrides: Sequence[str] = ()) -> Model:
    """Return the recipe in a TOML text with overrides such as ``pruning.fraction=0.75`` put in.

    Raises
    ------
    InputError : an override is not key=value, or a field is unknown, missing or has an unusable value.
    """
    return validate(model, apply_overrides(tomllib.loads(text), overrides))


def apply_overrides(data: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a copy of ``data`` with dotted keys set; values are TOML, and a bare word is a string."""
    result = json.loads(json.dumps(data))
    for item in overrides:
        key, equals, text = item.partition("=")
        if not equals or not all(part.strip() for part in key.split(".")):
            raise InputError(f"--set: got '{item}'; write it as key=value, for example pruning.fraction=0.75")
        put(result, key, parse_value(text.strip()))
    return result


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
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        parsed = {}
    if parsed.keys() == {"value"} and isinstance(parsed["value"], bool | int | float | str | list | dict):
        return parsed["value"]
    try:
        return float(text)
    except ValueError:
        return text


def validate(model: type[Model], data: Mapping[str, Any]) -> Model:
    """Return ``model`` made from ``data``; InputError about the first thing that is wrong."""
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise InputError(_sentence(model, faults[0]) + more) from error


def to_toml(recipe: BaseModel) -> dict[str, Any]:
    """Return the resolved recipe as a TOML table that gives the same recipe again; a field that is None is left out."""
    table = _without_none(recipe.model_dump(mode="json"))
    if validate(type(recipe), table) != recipe:
        raise InputError(
            "recipe: a field that is None by choice but not by default cannot be written; its type must be OrOff"
        )
    return table


def _sentence(model: type[BaseModel], fault: Mapping[str, Any]) -> str:
    """Return one pydantic error as: field, what was given, what is allowed."""
    where = ".".join(str(part) for part in fault["loc"])
    kind, given = fault["type"], fault["input"]
    if kind == "extra_forbidden":
        return f"unknown field '{where}'; {_nearest(where, list(_paths(model)))}"
    if kind == "missing":
        return f"{where}: missing; the recipe must give it"
    below = [path for path in _paths(model) if path.startswith(f"{where}.")]
    if below and not isinstance(given, dict):
        return f"{where}: got {_show(given)}; it is a table, set one of its fields: {', '.join(below)}"
    reason = fault.get("ctx", {}).get("error")
    if isinstance(reason, Exception):  # raised by a validator of the recipe itself
        return f"{where}: {reason}" if where else str(reason)
    message = fault["msg"].replace("Input should", "it must").replace("greater than or equal to", "at least")
    message = message.replace("less than or equal to", "at most").replace("less than", "below")
    return f"{where}: got {_show(given)}; {message}"


def _paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of all fields that hold a value."""
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        tables = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        for table in tables:
            yield from _paths(table, f"{prefix}{name}.")
        if not tables:
            yield prefix + name


def _nearest(where: str, paths: Sequence[str]) -> str:
    """Return the field that was meant: of the same name in another table, else of a similar name."""
    same = [path for path in paths if path.split(".")[-1] == where.split(".")[-1]]
    return f"did you mean '{same[0]}'?" if same else suggest(where, paths)


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in table.items() if value is not None}
    return {key: _without_none(value) if isinstance(value, dict) else value for key, value in kept.items()}
