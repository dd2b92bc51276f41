"""TOML and JSON of any origin: what is wrong with it, or would be wrong further on, is a ValueError, and soon."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

V = TypeVar("V")
_DEEPEST = 32  #: levels of tables and lists within each other


def parse_toml(text: str) -> dict[str, Any]:
    """Return a TOML table."""
    for name in re.finditer(r"[^\s.,=]+(?:\s*\.\s*[^\s.,=]+)*", text):  # before the parser, which is slow on long ones
        if name[0].count(".") > 10 * _DEEPEST:
            raise ValueError("a name of very many parts")
    return _checked(tomllib.loads, text, "tables within tables")


def parse_json(text: str | bytes) -> Any:
    """Return a JSON value."""
    return _checked(json.loads, text, "lists within lists")


def _checked(parse: Callable[[Any], V], text: str | bytes, nested: str) -> V:
    try:
        found = parse(text)
    except RecursionError:
        raise ValueError(f"{nested}, too deep") from None
    check_plain(found)
    return found


def check_plain(value: Any, where: str = "", depth: int = 0) -> None:
    """Raise ValueError, naming the dotted field, about what no file of ours can hold.

    That are tables more than 32 deep, whole numbers of more than 30 digits, and text that is no Unicode.
    """
    fault = ""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            check_plain(key, where)
            check_plain(inner, f"{where}.{key}" if where else str(key), depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            check_plain(inner, where, depth + 1)
    elif isinstance(value, int):
        fault = "a whole number of more than 30 digits" if abs(value) >= 10**30 else ""
    elif isinstance(value, str):
        fault = "text that is no Unicode" if re.search("[\ud800-\udfff]", value) else ""
    if depth > _DEEPEST:
        fault = f"tables within tables, more than {_DEEPEST} deep"
    if fault:
        raise ValueError(f"{where}: {fault}" if where else fault)
