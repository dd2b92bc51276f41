"""A map of requirements: what is lost over two properties of a device, with the device and those of the library on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Unpack

import numpy as np

from insitu.arraytypes import Doubles
from insitu.devices.base import Device
from insitu.devices.library import ParameterSet, load, names
from insitu.errors import InputError, require_bool, suggest
from insitu.recipes.imperfect import DeviceTable
from insitu.reports.captions import QUALITIES
from insitu.runs.writing import plain
from insitu.studies.axes import Case, Setting
from insitu.studies.compared import by_seed, compare
from insitu.studies.contour import Surface, find
from insitu.studies.placed import placed
from insitu.studies.qualities import field_value, lost_step, qualities
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Sweep
from insitu.studies.tables import Wishes

SIDE = 16  #: points along a side of a map
LIMIT = 0.003  #: accuracy that may be lost, as in insitu requirements

#: the pairs of ``--map default``
DEFAULT = (("steps", "asymmetry"), ("c2c", "step_cv"), ("on_off", "read_noise"))

#: property -> first and last value of an axis, and whether it is logarithmic; all ours
RANGES: dict[str, tuple[float, float, bool]] = {
    "on_off": (1.2, 1000, True),
    "steps": (2, 2000, True),
    "asymmetry": (-0.8, 0.8, False),
    "nonlinearity_up": (0, 0.98, False),
    "nonlinearity_down": (0, 0.98, False),
    "c2c": (0, 5, False),
    "step_cv": (0, 2, False),
    "asymmetry_cv": (0, 2, False),
    "range_cv": (0, 0.6, False),
    "dead": (0, 0.3, False),
    "stuck_low": (0, 0.3, False),
    "stuck_high": (0, 0.2, False),
    "endurance": (10, 1e6, True),
    "read_noise": (0, 0.5, False),
    "write_error": (0, 0.3, False),
}


@dataclass(frozen=True)
class Axis:
    """A property over a map: its values, rising, and where the device is, with the standard error of that."""

    name: str
    what: str
    values: Doubles
    log: bool
    here: float
    error: float


@dataclass(frozen=True)
class Map:
    """What is lost over two properties.

    Parameters
    ----------
    axes : x and y. surface : the loss, rows along y. limit : that may be lost.
    others : name of a device of the library -> its place. runs : that were carried out. sweep : their folder and the like.
    """

    recipe: str
    scheme: str
    axes: tuple[Axis, Axis]
    surface: Surface
    limit: float
    others: dict[str, tuple[float, float]]
    runs: int
    sweep: Sweep

    def as_dict(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        axes, seen = [asdict(one) for one in self.axes], ("loss", "low", "high", "sure", "points", "measured")
        found = {"recipe": self.recipe, "scheme": self.scheme, "axes": axes, "limit": self.limit, "others": self.others}
        found |= {key: getattr(self.surface, key) for key in seen} | {"runs": self.runs}
        return {key: plain(value) for key, value in found.items()}


def pair_of(text: str) -> tuple[str, str]:
    """Return the two properties of ``--map A,B``; InputError if they are not two of those that can be varied."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or parts[0] == parts[1]:
        raise InputError(f"--map: got '{text}'; allowed are two different properties, such as steps,asymmetry")
    for part in parts:
        if part not in RANGES:
            raise InputError(f"--map: unknown property '{part}'; {suggest(part, RANGES)}")
    return parts[0], parts[1]


def pairs_of(texts: Sequence[str], device: str) -> list[tuple[str, str]]:
    """Return the pairs of ``--map``, each once; ``default`` are those of :data:`DEFAULT` that the device has.

    Raises
    ------
    InputError : a pair is none, or the device does not have one of its properties.
    """
    named = [pair_of(text) for text in texts if text != "default"]
    for name in dict.fromkeys(name for pair in named for name in pair):
        require_property(device, name)
    usual = [pair for pair in DEFAULT if all(has_property(device, name) for name in pair)] if "default" in texts else []
    return list(dict.fromkeys([*usual, *named]))


def has_property(device: str, name: str) -> bool:
    """Return whether a property of a device, by name or file, is a number that a recipe can change."""
    try:
        require_property(device, name)
    except InputError:
        return False
    return _value(load(device).device, name) is not None


def requirement_map(
    recipe: str,
    device: str,
    scheme: str,
    pair: tuple[str, str],
    *,
    limit: float = LIMIT,
    side: int = SIDE,
    whole: bool = False,
    **wishes: Unpack[Wishes],
) -> Map:
    """Carry out a recipe on a device with two of its properties varied, where that tells most of the limit.

    Parameters
    ----------
    device : name in the library, or file. scheme : how it is written. pair : of :data:`RANGES`.
    limit : accuracy that may be lost against ideal devices. side : points along a side.
    whole : every point of the grid, instead of those that a surface fitted to the others asks for.
    wishes : see :class:`insitu.studies.tables.Wishes`.

    Raises
    ------
    InputError : the device does not have such a property here. RunError : the folder cannot be written.
    """
    require_bool("whole", whole)
    given, ready = load(device), placed(recipe, device, "map", **wishes)
    axes = _axis(given, pair[0], side), _axis(given, pair[1], side)
    key, written = ready.judged.key, ready.written(scheme)
    cases = [Case({"case": "ideal", "x": None, "y": None}, ready.ideal)]
    sweep: Sweep

    def evaluate(places: Sequence[tuple[int, int]]) -> tuple[Doubles, Doubles]:
        nonlocal sweep
        wanted = [(float(axes[0].values[column]), float(axes[1].values[row])) for column, row in places]
        for x, y in wanted:
            cases.append(Case({"case": "map", "x": x, "y": y}, written | _fields(ready.table, axes, (x, y))))
        sweep = run_cases(recipe, cases, **ready.plan)
        reference = by_seed(sweep.only(case="ideal").rows, key)
        found = [compare(sweep.only(x=x, y=y).rows, reference, key) for x, y in wanted]
        if all(one is None for one in found):
            raise InputError(f"--map: {pair[0]},{pair[1]} cannot be varied here: {sweep.errors[0]}")
        loss = np.array([np.nan if one is None else -one.difference for one in found])
        return loss, np.array([np.nan if one is None else one.error for one in found])

    surface = find(evaluate, side, limit, side * side if whole else None)
    others = {
        name: at for name in names() if (at := _place(load(name).device, pair)) is not None and name != given.name
    }
    return Map(recipe, scheme, axes, surface, limit, others, len(sweep.rows), sweep)


def _axis(given: ParameterSet, name: str, side: int) -> Axis:
    low, high, log = RANGES[name]
    values: Doubles = np.geomspace(low, high, side) if log else np.linspace(low, high, side)
    here = _value(given.device, name)
    if here is None:
        raise InputError(f"--map: {given.name} has no {name}; choose another property")
    return Axis(name, QUALITIES[name], values, log, here, _error(given, name))


def require_property(device: str, name: str) -> None:
    """Raise InputError unless a recipe can give a device, by name or file, the whole range of a property."""
    for value in RANGES[name][:2]:
        DeviceTable(device=device, **{name: value}).build("map")


def _value(device: Device, name: str) -> float | None:
    """Return a property of a device; 0 where it is ideal in it, None where that is no number, as of endless endurance."""
    if name == "on_off":
        return device.g_max / device.g_min if device.g_min > 0 else None
    if name.startswith("nonlinearity"):  # which qualities look at both ways at once
        return lost_step(device, 1 if name == "nonlinearity_up" else -1)
    by_law = device.programming.error_sd is not None
    found = {one.name: one.value for law in (False, by_law) for one in qualities(device, by_law=law)}
    return found.get(name, None if RANGES[name][2] else 0.0)


def _place(device: Device, pair: tuple[str, str]) -> tuple[float, float] | None:
    at = [_value(device, name) for name in pair]
    return None if None in at else (float(at[0] or 0.0), float(at[1] or 0.0))


def _fields(table: str, axes: tuple[Axis, Axis], at: tuple[float, float]) -> Setting:
    """Return the fields of a recipe for a point."""
    named = zip(axes, at, strict=True)
    return {f"{table}.{axis.name}": field_value(axis.name, value, axis.here) for axis, value in named}


def _error(given: ParameterSet, name: str) -> float:
    """Return the standard error of a property, from those that a fit notes beside its numbers; 0 where there are none."""
    total = 0.0
    here = _value(given.device, name) or 0.0
    for field, value in given.provenance.items():
        relative = _noted(value.note, getattr(given.device, field, None)) if "." not in field else None
        if relative:
            moved = replace(given.device, **{field: getattr(given.device, field) * (1 + relative)})
            total += ((_value(moved, name) or 0.0) - here) ** 2
    return float(np.sqrt(total))


def _noted(note: str, value: Any) -> float | None:
    """Return the relative error in a note such as ``fit: ± 3.2 nS``, of a value in S; None if it says none."""
    found = re.search(r"± ([\d.eE+-]+) ?([fpnum]?)(S?)", note)
    if found is None or not isinstance(value, float) or not value:
        return None
    scale = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0}[found[2] if found[3] else ""]
    return abs(float(found[1]) * scale / value)
