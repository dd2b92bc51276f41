"""Every error a user can cause, as one sentence: what was given, what is allowed, which field to change."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from typing import Any, TypeGuard

MOST = 10**9  #: of anything that is counted, where no other limit is named


class InsituError(Exception):
    """Base of all errors that insitu raises on purpose; the command line prints it and exits with code 2."""

    def __str__(self) -> str:
        return shortened(super().__str__())


class InputError(InsituError, ValueError):
    """A value that a user gave is not usable."""


class BudgetError(InputError):
    """A network needs more memory cells than the array has."""


class DataError(InsituError, ValueError):
    """A data set is missing, truncated or not what its name says."""


class RunError(InsituError, OSError):
    """A run folder cannot be written, or cannot be read back."""


def shortened(text: str, longest: int = 900) -> str:
    """Return a text without its middle if it is very long, as what a person gave by mistake may be."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


def suggest(given: str, allowed: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for those that end in what is given, or for the nearest allowed name, else all."""
    names = sorted(allowed)
    if ending := [f"'{name}'" for name in names if name.endswith(f".{given}")]:
        return f"did you mean {' or '.join(ending)}?"
    for near in difflib.get_close_matches(given, names):
        if difflib.get_close_matches(given.rpartition(".")[2], [near.rpartition(".")[2]]):  # not the same table alone
            return f"did you mean '{near}'?"
    return "allowed: " + ", ".join(names)


def require_between(
    field: str,
    value: float | None,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    unit: str = "",
    hint: str = "",
    optional: bool = True,
) -> None:
    """Raise InputError unless ``low <= value <= high`` and value is a finite number, of Python or NumPy; True is none.

    Parameters
    ----------
    field : name the user knows the value by.
    value, low, high : in ``unit``.
    hint : a closing half-sentence with the remedy.
    optional : whether None (ideal, off) passes.
    """
    if value is None and optional:
        return
    if _is_number(value) and _is_finite(value) and low <= value <= high:
        return
    space = f" {unit}" if unit else ""
    if math.isinf(low) and math.isinf(high):
        allowed = "a finite number"
    elif math.isinf(high):
        allowed = f"a number of at least {low:g}{space}"
    else:
        allowed = f"a number from {low:g} to {high:g}{space}"
    raise InputError(f"{field}: got {_short(value)}{space}; allowed is {allowed}{'. ' + hint if hint else ''}")


def require_whole(field: str, value: object, low: int, high: int = MOST) -> None:
    """Raise InputError unless value is a whole number from ``low`` to ``high``."""
    whole = isinstance(value, Integral) and _is_number(value)
    if whole and low <= int(value) <= high:  # type: ignore[call-overload]
        return
    unlimited = high == MOST and not (whole and value > MOST)  # type: ignore[operator]
    allowed = f"of at least {low}" if unlimited else f"from {low} to {high}"
    raise InputError(f"{field}: got {_short(value)}; allowed is a whole number {allowed}")


def require_kind(field: str, value: object, kind: type | tuple[type, ...], hint: str = "") -> None:
    """Raise InputError unless value is an object of a kind.

    Parameters
    ----------
    field : name the user knows the value by.
    kind : the class that is allowed, or several.
    hint : a closing half-sentence with the remedy, such as ``write device=insitu.load('ideal')``.
    """
    if isinstance(value, kind):
        return
    allowed = " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
    raise InputError(f"{field}: got {given(value)}; allowed is {allowed}{'; ' + hint if hint else ''}")


def require_bool(field: str, value: object) -> None:
    """Raise InputError unless value is True or False, Python's or NumPy's."""
    of_numpy = getattr(getattr(value, "dtype", None), "kind", "") == "b" and not getattr(value, "shape", ())
    if not isinstance(value, bool) and not of_numpy:
        raise InputError(f"{field}: got {_short(value)}; allowed are True and False")


def require_bools(options: Any, names: Sequence[str], table: str = "") -> None:
    """Raise InputError unless these fields of a frozen dataclass are True or False; put Python's own in place of NumPy's."""
    for name in names:
        value = getattr(options, name)
        require_bool(f"{table}{name}", value)
        object.__setattr__(options, name, bool(value))


def store_plain_numbers(options: Any) -> None:
    """Put Python's own numbers in place of NumPy's in the fields of a frozen dataclass, for files and for hashing."""
    for field in fields(options):
        value = getattr(options, field.name)
        new = tuple(map(_plain, value)) if isinstance(value, tuple) else _plain(value)
        if new is not value:
            object.__setattr__(options, field.name, new)


def limits(low: float, high: float, **more: str) -> dict[str, Any]:
    """Return the metadata of a field of a dataclass that :func:`require_limits` checks; ``more`` are unit and hint."""
    return {"low": low, "high": high, **more}


def require_limits(options: Any, table: str = "") -> None:
    """Raise InputError about the first field of a dataclass, named ``table.field``, that is beyond its limits."""
    for name, limit in _limits_of(options.__class__).items():
        require_between(table + name, getattr(options, name), **limit)


def refuse_idle(options: Any, idle: Mapping[str, str], table: str = "", default: Any = None) -> None:
    """Raise InputError about the first field of a dataclass that does nothing and was set, see :func:`said_of_idle`."""
    if sentence := said_of_idle(options, idle, table, default):
        raise InputError(sentence)


def said_of_idle(options: Any, idle: Mapping[str, str], table: str = "", default: Any = None) -> str | None:
    """Return what to say of the first field of a dataclass, named ``table.field``, that does nothing and was set; else None.

    Parameters
    ----------
    idle : field -> why it does nothing. default : an object that nobody has set; None has the defaults of the class.
    """
    for field in fields(options) if idle else ():
        usual = default_of(field) if default is None else getattr(default, field.name)
        if field.name in idle and getattr(options, field.name) not in (usual, None):  # None is off, and says so
            return f"{table}{field.name}: has no effect here, for {idle[field.name]}; leave it out"
    return None


def default_of(field: Any) -> Any:
    """Return the default of a field of a dataclass."""
    return field.default if field.default_factory is MISSING else field.default_factory()


@cache
def _limits_of(kind: Any) -> dict[str, Mapping[str, Any]]:
    """Return field -> limits; one that a class declares anew, to give it a default, keeps those of the base."""
    kinds = filter(is_dataclass, reversed(kind.__mro__))
    return {field.name: field.metadata for one in kinds for field in fields(one) if field.metadata}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float can be
        return False


def _plain(value: Any) -> Any:
    if not _is_number(value) or type(value) in (int, float):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def given(value: object) -> str:
    """Return what a sentence says of an object of the wrong kind, or of a class in place of an object."""
    return f"{value.__name__}, the class itself" if isinstance(value, type) else _short(value)


def _short(value: object) -> str:
    """Return what a sentence says of a value: itself, or what it is an object of."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python writes no number of thousands of digits
        text = ""
    return text if 0 < len(text) <= 60 else f"an object of {type(value).__name__}"
