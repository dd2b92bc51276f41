"""Option dataclasses as tables of a recipe: the same fields, the same defaults, "off" for None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, PlainSerializer, create_model

from insitu.cells import BitSlices, DifferentialPair, Encoding, OneSidedPair, ReferencedDevice, SingleDevice
from insitu.devices.base import Device
from insitu.errors import InputError, suggest
from insitu.plugins import find_class, origin
from insitu.schemes import (
    Agad,
    BlindPulses,
    ErrorAware,
    Exact,
    MixedPrecision,
    Scheme,
    SignPulses,
    TikiTaka,
    WriteVerify,
)
from insitu.validation import Table, validate

T = TypeVar("T")

#: name in a recipe -> scheme
SCHEMES: dict[str, type[Scheme]] = {
    "agad": Agad,
    "blind-pulses": BlindPulses,
    "error-aware": ErrorAware,
    "exact": Exact,
    "mixed-precision": MixedPrecision,
    "sign-pulses": SignPulses,
    "tiki-taka": TikiTaka,
    "write-verify": WriteVerify,
}

EncodingName = Literal["auto", "single", "pair", "referenced", "reference-column", "bits"]


def without_off(value: Any) -> Any:
    """Return a table in which what is "off" is None, tables within it too."""
    if isinstance(value, Mapping):
        return {key: without_off(inner) for key, inner in value.items()}
    return None if value == "off" else value


def as_table(options: Any) -> Any:
    """Return options as a table that gives the same options again."""
    if is_dataclass(options):
        return {f.name: as_table(getattr(options, f.name)) for f in fields(options) if f.init}
    if isinstance(options, tuple):
        return [as_table(value) for value in options]
    return "off" if options is None else options


#: ``Options[Stdp]`` is a table with the fields of that dataclass
Options = Annotated[T, BeforeValidator(without_off), PlainSerializer(as_table)]


def scheme_of(value: Any) -> Any:
    """Return the scheme that a table names; other fields of the table are those of the scheme."""
    if not isinstance(value, Mapping):
        return value
    table = without_off(value)
    name = str(table.pop("name", None))
    kind = SCHEMES.get(name) or find_class(name, Scheme, "insitu.schemes")  # the latter of a file or another package
    if kind is None:
        raise InputError(f"scheme.name: unknown name '{name}'; {suggest(name, SCHEMES)}, or file.py:ClassName")
    if "transfer" in table:
        raise InputError("scheme.transfer: not set here; a recipe of several significances has a table [transfer]")
    known = {"name", *(f.name for f in fields(kind) if f.init)} - {"transfer"}
    for key in table.keys() - known:
        raise InputError(
            f"unknown field 'scheme.{key}'; {suggest(f'scheme.{key}', [f'scheme.{one}' for one in known])}"
        )
    return getattr(validate(_table_of(kind), {"scheme": table}), "scheme")  # noqa: B009


@cache
def _table_of(kind: type[Scheme]) -> type[Table]:
    """Return what checks a table of a kind of scheme; it takes longer to make than to use."""
    return create_model("Named", scheme=(kind, ...), __base__=Table)


def scheme_table(scheme: Scheme) -> dict[str, Any]:
    """Return the table of a scheme; transfers stand in a table of their own."""
    names = {kind: name for name, kind in SCHEMES.items()}
    table = as_table(scheme)
    del table["transfer"]
    return {"name": names.get(type(scheme)) or origin(type(scheme)), **table}


#: a table with the name of a scheme and its fields
SchemeOption = Annotated[Scheme, BeforeValidator(scheme_of), PlainSerializer(scheme_table)]


def encoding_of(name: EncodingName, device: Device, *, bits: int, otherwise: Encoding) -> Encoding:
    """Return an encoding of weights -1 to 1; "auto" is ``otherwise``, or a one-sided pair where the device only rises."""
    if name in ("auto", "pair") and device.one_sided:
        return OneSidedPair()
    kinds: dict[str, Encoding] = {
        "auto": otherwise,
        "single": SingleDevice(),
        "pair": DifferentialPair(),
        "referenced": ReferencedDevice(),
        "reference-column": ReferencedDevice(reference="column"),
    }
    return BitSlices(bits=bits) if name == "bits" else kinds[name]
