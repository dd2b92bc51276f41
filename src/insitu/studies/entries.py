"""Who takes part in a league: schemes on devices in systems, and the fields of a recipe that make each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Unpack

from insitu.devices.library import load
from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.axes import scheme_of
from insitu.recipes.loading import apply_overrides, as_overrides, flat
from insitu.studies.axes import Setting, require_each_once
from insitu.studies.placed import SYSTEMS, Placed, placed, require_known
from insitu.studies.tables import Wishes, tables


@dataclass(frozen=True)
class Entry:
    """A scheme on a device in a system.

    Parameters
    ----------
    device, scheme : their names, without the folder of a file. given : both as they were named.
    kept : numbers that the scheme keeps for each weight. changes : fields of the recipe that make the entry.
    """

    system: str
    device: str
    scheme: str
    given: tuple[str, str]
    kept: int
    changes: Setting

    @property
    def case(self) -> str:
        """What its runs are known by within the system."""
        return f"{self.device}, {self.scheme}"


@dataclass(frozen=True)
class Division:
    """A system of a league: what its runs share, and who takes part in it."""

    system: str
    placed: Placed
    entries: tuple[Entry, ...]

    def resolved(self, changes: Setting, more: Sequence[str] = ()) -> Any:
        """Return the recipe of a run; InputError if it cannot be."""
        return registry.resolved(self.system, [*self.placed.plan["overrides"], *more, *as_overrides(changes)])


def divisions(
    devices: Sequence[str | PathLike[str]],
    systems: Sequence[str],
    schemes: Sequence[str],
    costs: Sequence[str],
    **wishes: Unpack[Wishes],
) -> list[Division]:
    """Return the systems of a league, with all checked that can be before a run.

    Parameters
    ----------
    systems : of :data:`insitu.studies.placed.SYSTEMS`; all if none is named.
    schemes : names or ``file.py:ClassName``; if none is named, those that a system can be written by.

    Raises
    ------
    InputError : nobody takes part, a name is unknown or given twice, or a field is unusable.
    """
    if not devices:
        raise InputError("league: no device takes part; name some, for example insitu league yi2022-taox mine.py")
    require_known(systems, costs)
    given = [fspath(one) for one in devices]
    named = {one: load(one).name for one in given}
    kept = {one: _kept(one) for one in schemes}
    each = {"devices": given, "names of devices": [*named.values()], "schemes": schemes, "systems": systems}
    each["names of schemes"] = [Path(one).name for one in kept]
    for option, some in each.items():
        require_each_once(option, some or ["all"])
    return [_division(system, named, kept, wishes) for system in systems or SYSTEMS]


def _division(system: str, named: Mapping[str, str], kept: Mapping[str, int], wishes: Wishes) -> Division:
    """Return a system of a league; devices by what was given."""
    about, wishes = registry.about(system), wishes.copy()
    asked = as_overrides(wishes.get("set"))
    of_scheme = [item for item in asked if item.partition("=")[0].partition(".")[0].strip() == "scheme"]
    wishes["set"] = [item for item in asked if item not in of_scheme]
    fields = flat(apply_overrides({}, asked))
    for compared in {about.device, "scheme.name"} & {*fields}:
        raise InputError(f"set: {compared} is what a league compares; name devices, and schemes by --scheme")
    wishes["out"] = Path(wishes.get("out") or ".") / system
    kept = kept or {one: _kept(one) for one in tables(system).assess.schemes}
    try:
        ready = placed(system, None, "league", **wishes)
        ready.plan["overrides"] = [*about.data, *ready.plan["overrides"]]
        for scheme in kept if of_scheme else ():
            registry.resolved(system, [*ready.plan["overrides"], *as_overrides({"scheme.name": scheme}), *of_scheme])
    except InputError as error:
        says = "what is set is set in all systems and schemes, so name those it is for (--system, --scheme)"
        raise InputError(f"{system}: {error}; {says}") from None
    always = ready.always | flat(apply_overrides({}, of_scheme))
    entries = [
        Entry(
            system, named[device], Path(scheme).name, (device, scheme), kept[scheme],
            always | {about.device: device, "scheme.name": scheme},
        )
        for device, scheme in product(named, kept)
    ]  # fmt: skip
    return Division(system, ready, tuple(entries))


def _kept(scheme: str) -> int:
    """Return the numbers that a scheme keeps for each weight; InputError if there is no such scheme, or it is no hardware."""
    found = scheme_of({"name": scheme})
    if found.exact:
        raise InputError(
            f"schemes: {scheme} moves numbers, not devices; ideal devices stand beside every system without it"
        )
    return int(found.kept)
