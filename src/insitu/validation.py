"""Checking what people write in files: whatever is wrong becomes one sentence."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from inspect import isabstract
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from insitu.errors import InputError, suggest
from insitu.parsing import check_plain, parse_toml

Model = TypeVar("Model", bound=BaseModel)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


class Table(BaseModel):
    """A table of a file: frozen, no unknown fields, no NaN, no silent conversion (``true`` is not 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def validate(model: type[Model], data: Mapping[str, Any]) -> Model:
    """Return ``model`` made from ``data``; InputError about the first thing that is wrong."""
    try:
        check_plain(data)
    except ValueError as error:
        raise InputError(str(error)) from None
    try:
        return model.model_validate_json(json.dumps(data, default=plain_value))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        # of several classes, one lacks the fields of another
        faults = [one for one in faults if one["type"] != "unexpected_keyword_argument"] or faults
        places = {_place(one) for one in faults}
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        raise InputError(_sentence(model, faults[0]) + more) from error


def read_table(path: Path, hint: str = "") -> dict[str, Any]:
    """Return the table in a TOML file; InputError, with a closing half-sentence, if it is not one that can be read."""
    if os.path.lexists(path) and not os.path.isfile(path):  # a pipe would be waited for, /dev/zero fill the memory
        raise InputError(f"{path}: cannot be read, it is no file{hint}")
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}){hint}") from error
    except ValueError as error:
        raise InputError(f"{path.name}: not a TOML file ({error})") from error


def _place(fault: Mapping[str, Any]) -> str:
    """Return the dotted name of the field; the names of classes, of which one was to be chosen, are no part of it."""
    return ".".join(part for part in map(str, fault["loc"]) if not part[:1].isupper())


def _sentence(model: type[BaseModel], fault: Mapping[str, Any]) -> str:
    """Return one pydantic error as: field, what was given, what is allowed."""
    where = _place(fault)
    kind, given = fault["type"], fault["input"]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"unknown field '{where}'; {_nearest(where, list(_paths(model)))}"
    if kind == "missing":
        return f"{where}: missing; it must be given"
    below = [path for path in _paths(model) if path.startswith(f"{where}.")]
    if below and not isinstance(given, dict):
        return f"{where}: got {_show(given)}; it is a table, set one of its fields: {', '.join(below)}"
    reason = fault.get("ctx", {}).get("error")
    if isinstance(reason, Exception):  # raised by a validator of the model itself
        table = where.rpartition(".")[2]
        if where and re.match(rf"(unknown field ')?{re.escape(table)}\.", str(reason)):  # which names its table
            return str(reason).replace(table, where, 1)
        return f"{where}: {reason}" if where else str(reason)
    if kind == "string_too_short":
        return f"{where}: got {_show(given)}; it must not be empty"
    message = fault["msg"].replace("Input should", "it must").replace("greater than or equal to", "at least")
    message = message.replace("less than or equal to", "at most").replace("less than", "below")
    quoted = kind in ("float_type", "int_type") and isinstance(given, str) and _NUMBER.fullmatch(given.strip())
    return f"{where}: got {_show(given)}; {message}{', without quotes' if quoted else ''}"


def _paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of all fields that hold a value."""
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        tables = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        options = [kind for kind in kinds if is_dataclass(kind) and not isabstract(kind)]
        for table in tables:
            yield from _paths(table, f"{prefix}{name}.")
        for option in options:
            yield from (f"{prefix}{name}.{inner.name}" for inner in fields(option) if inner.init)
        if not tables and not options:
            yield prefix + name


def _nearest(where: str, paths: Sequence[str]) -> str:
    """Return the field that was meant: of the same name in another table, else of a similar name."""
    same = [path for path in paths if path.split(".")[-1] == where.split(".")[-1]]
    table = where.rpartition(".")[0]
    beside = [path for path in paths if table and path.startswith(f"{table}.")]
    return f"did you mean '{same[0]}'?" if same else suggest(where, beside or paths)


def plain_value(value: Any) -> Any:
    """Return numbers and arrays of NumPy as plain ones, and what else JSON does not know, such as a path, as text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
