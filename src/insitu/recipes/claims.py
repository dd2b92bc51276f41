"""What the words about a recipe say of one run: which papers it rests on, and which of its fields do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from insitu.arrays.aging import TIMELESS
from insitu.chip import Chip
from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.about import Cited, Idle
from insitu.recipes.axes import without_off
from insitu.recipes.loading import field_of, flat
from insitu.validation import validate

#: data set -> its paper
_DATA = {
    "mnist": "lecun1998",
    "mnist-backrand": "larochelle2007",
    "digits": "pedregosa2011",
    "fashion-mnist": "xiao2017",
    "kmnist": "clanuwat2018",
    "cifar10": "krizhevsky2009",
    "cifar100": "krizhevsky2009",
    "emnist-letters": "cohen2017",
}


def unmet(when: Mapping[str, Any], value_of: Callable[[str], Any]) -> list[str]:
    """Return the conditions that ``value_of`` does not fulfil, as ``field = value``."""
    return [
        f"{key} = {wanted}"
        for key, wanted in when.items()
        if value_of(key) not in (wanted if isinstance(wanted, list) else [wanted])
    ]


def holds(one: Cited | Idle, fields: Mapping[str, Any]) -> bool:
    """Return whether fields (dotted name -> value) are as ``when`` says, and not as ``unless`` says."""
    return not unmet(one.when, fields.get) and (not one.unless or bool(unmet(one.unless, fields.get)))


def require_effect(recipe: str, table: Mapping[str, Any], overrides: Sequence[str]) -> None:
    """Raise InputError where a field was set that does nothing beside the others.

    Parameters
    ----------
    table : all fields of the recipe. overrides : ``key=value`` that were asked for; those of the short form may be idle.
    """
    of_short_form = registry.about(recipe).quick
    asked = [field_of(item) for item in overrides if item not in of_short_form]
    for names, why in idle_fields(recipe, table) if asked else ():
        for key in asked:
            if within(key, names):
                raise InputError(f"{key}: has no effect here, for {why}; leave it out")


def idle_fields(recipe: str, table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield fields, or tables of them, that do nothing beside the others of a recipe, and why."""
    fields = flat(table)
    yield from ((one.fields, one.why) for one in registry.about(recipe).idle if holds(one, fields))
    chip = Chip(**without_off(table.get("chip", {}))).idle
    yield from (((f"chip.{name}",), why) for name, why in chip.items())
    yield from (((name,), why) for name, why in _idle_cells(registry.carrier(recipe), table).items())


def within(key: str, names: Sequence[str]) -> bool:
    """Return whether a field is one of these, or in a table that is."""
    return any(f"{key}.".startswith(f"{name}.") for name in names)


def _idle_cells(carrier: Any, table: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that do nothing to the cells of a recipe, and why."""
    if not hasattr(carrier, "devices"):
        return {}
    recipe = validate(carrier.Recipe, table)
    found = carrier.idle(recipe) if hasattr(carrier, "idle") else {}
    if not any(device.retention.on for _, device in carrier.devices(recipe)):
        found = found | {f"chip.{name}": why for name, why in TIMELESS.items()}
    return found


def cited(recipe: str, table: Mapping[str, Any], result: Mapping[str, Any], dataset: str) -> list[str]:
    """Return the keys in papers.bib of what one run rests on: insitu, the system, its methods, its devices, its data.

    Parameters
    ----------
    table : the fields of the recipe, as in recipe.toml. result : of the run. dataset : its name.
    """
    from insitu.devices import library

    fields = flat(table)
    used = [one for one in registry.about(recipe).cited if holds(one, fields)]
    known = library.names()  # a user's file must not be executed to be cited
    papers = [library.load(name).paper for name in devices(table, result) if name in known]
    found = ["insitu", *(key for one in used for key in one.papers), *papers, _DATA.get(dataset, "")]
    return [key for key in dict.fromkeys(found) if key]


def devices(table: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Return the names of the devices that took part: of every ``device`` in the recipe, ``auto`` as the result says."""
    named = [value for key, value in flat(table).items() if key.rpartition(".")[2] == "device" and value != "auto"]
    return [name for name in dict.fromkeys([*named, result.get("device")]) if isinstance(name, str)]
