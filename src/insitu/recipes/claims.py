"""What the papers say of their systems, to stand beside our numbers, and which papers a run rests on; from ``papers/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from insitu.parsing import parse_toml
from insitu.recipes.loading import flat
from insitu.validation import Table, validate

_FOLDER = Path(__file__).parent / "papers"
#: data set -> its paper
_DATA = {"mnist": "lecun1998", "digits": "pedregosa2011"}
#: field or result -> value, or list of values of which it is one
When = dict[str, Any]


class Claim(Table):
    """One number or promise of a paper.

    Parameters
    ----------
    what : in words that a newcomer understands.
    paper : what the paper says, as it says it.
    tag : stated, or inferred from what is stated.
    source : where that stands.
    keys : our numbers to put beside it: keys of the result or, dotted, fields of the recipe; ``price.gpu``, ``price.rate``
        and ``price.seconds`` follow from the price of the run. Empty where a single run has no answer.
    when : what makes our number comparable, named as in ``keys``; a run of other values is no answer to the claim.
    """

    what: str
    paper: str
    tag: Literal["stated", "inferred"]
    source: str
    keys: tuple[str, ...] = ()
    when: When = {}


class _Cited(Table):
    papers: tuple[str, ...]
    when: When = {}
    unless: When = {}


class _File(Table):
    claims: tuple[Claim, ...]
    cited: tuple[_Cited, ...]


@cache
def _file(recipe: str) -> _File:
    path = _FOLDER / f"{recipe}.toml"
    text = path.read_text(encoding="utf-8") if path.is_file() else "claims = []\ncited = []"
    return validate(_File, parse_toml(text))


def claims(recipe: str) -> tuple[Claim, ...]:
    """Return what the paper of a recipe says, the headline first; empty if there is none."""
    return _file(recipe).claims


def unmet(when: Mapping[str, Any], value_of: Callable[[str], Any]) -> list[str]:
    """Return the conditions that ``value_of`` does not fulfil, as ``field = value``."""
    return [
        f"{key} = {wanted}"
        for key, wanted in when.items()
        if value_of(key) not in (wanted if isinstance(wanted, list) else [wanted])
    ]


def cited(recipe: str, table: Mapping[str, Any], result: Mapping[str, Any], dataset: str) -> list[str]:
    """Return the keys in papers.bib of what one run rests on: insitu, the system, its methods, its devices, its data.

    Parameters
    ----------
    table : the fields of the recipe, as in recipe.toml. result : of the run. dataset : its name.
    """
    from insitu.devices import library

    fields = flat(table)
    used = [one for one in _file(recipe).cited if not unmet(one.when, fields.get)]
    used = [one for one in used if not one.unless or unmet(one.unless, fields.get)]
    known = library.names()  # a user's file must not be executed to be cited
    papers = [library.load(name).paper for name in devices(table, result) if name in known]
    found = ["insitu", *(key for one in used for key in one.papers), *papers, _DATA.get(dataset, "")]
    return [key for key in dict.fromkeys(found) if key]


def devices(table: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Return the names of the devices that took part: of every ``device`` in the recipe, ``auto`` as the result says."""
    named = [value for key, value in flat(table).items() if key.rpartition(".")[2] == "device" and value != "auto"]
    return [name for name in dict.fromkeys([*named, result.get("device")]) if isinstance(name, str)]
