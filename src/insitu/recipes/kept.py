"""Constants that tuning found, kept for later runs on the same device under the same scheme, with where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import Field

from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.claims import idle_fields, within
from insitu.recipes.loading import BaseRecipe, as_overrides, flat, to_toml
from insitu.runs.writing import atomic_write
from insitu.validation import Table, read_table, validate

LIBRARY = "library"  #: the name of what comes with insitu
_SHIPPED = Path(__file__).with_name("kept.toml")
_SCHEME = "scheme.name"


class Kept(Table):
    """What tuning found in one place.

    Parameters
    ----------
    recipe : its name. where : fields of the recipe, all of which a run has to have: its device, its scheme, and what else was
        set when they were tuned. fields : that did better than as they stood.
    stands, best : share of what was held back that was named correctly, with the fields as they stood and with these.
    trials : settings that were tried. command : that tried them.
    """

    recipe: str
    where: dict[str, Any]
    fields: dict[str, Any]
    stands: float | None = Field(None, ge=0, le=1)
    best: float = Field(ge=0, le=1)
    trials: int = Field(ge=1)
    command: str

    def unmet(self, table: Mapping[str, Any]) -> list[str]:
        """Return the conditions that a resolved recipe, its table flat, does not meet, as ``field=value``."""
        return as_overrides({key: value for key, value in self.where.items() if table.get(key) != value})

    def told(self) -> str:
        """Return fields and origin in a sentence."""
        fields = ", ".join(as_overrides(self.fields)) or "the recipe as it stands"
        stood = "" if self.stands is None else f", {100 * self.stands:.1f} % before"
        return f"{fields} ({100 * self.best:.1f} % of what was held back, best of {self.trials} trials{stood})"


class _File(Table):
    kept: list[Kept]


def read(path: str | PathLike[str]) -> list[Kept]:
    """Return what a file keeps, or the file that comes with insitu, by the name ``library``.

    Raises
    ------
    InputError : it cannot be read, or is no such file.
    """
    shipped = fspath(path) == LIBRARY
    file = _SHIPPED if shipped else Path(path)
    hint = "" if shipped else f"; `insitu tune RECIPE --keep FILE` writes one, and {LIBRARY} is what comes with insitu"
    try:
        return validate(_File, read_table(file, hint)).kept
    except InputError as error:
        raise error if str(error).startswith(str(file)) else InputError(f"{file.name}: {error}") from error


def keep(path: str | PathLike[str], one: Kept) -> None:
    """Write what was found into a file, beside what it holds; in place of what it holds of the same place.

    Raises
    ------
    InputError : the file holds something else. RunError : it cannot be written.
    """
    file = Path(path)
    others = read(file) if file.exists() else []
    kept = [old for old in others if (old.recipe, old.where) != (one.recipe, one.where)] + [one]
    atomic_write(file, tomli_w.dumps({"kept": [each.model_dump(exclude_none=True) for each in kept]}))


def place_of(recipe: str, base: BaseRecipe, overrides: Sequence[str], but: Sequence[str]) -> dict[str, Any]:
    """Return the ``where`` of a recipe that is tuned: its device, its scheme, and what was set, as it is resolved.

    ``but`` are fields that are no part of it, such as those that are tuned; seed and images held back are none either.
    """
    table = to_toml(base)
    idle = [name for names, _ in idle_fields(recipe, table) for name in names]
    set_here = [item.partition("=")[0].strip() for item in overrides]
    names = [registry.about(recipe).device, _SCHEME, *set_here]
    return {
        key: value
        for key, value in flat(table).items()
        if within(key, names) and not within(key, [*but, *idle, "seed", "data.validation"])
    }


def overrides_with(path: str | PathLike[str], recipe: str, overrides: Sequence[str]) -> tuple[list[str], str]:
    """Return the overrides of a run with what a file keeps for it, where a person has set nothing else; and what that is.

    Of several that suit, that with the most conditions counts.

    Raises
    ------
    InputError : there is none that suits.
    """
    table = flat(to_toml(registry.resolved(recipe, overrides)))
    known = sorted(
        (one for one in read(path) if one.recipe == recipe), key=lambda one: (len(one.unmet(table)), -len(one.where))
    )
    if not known or known[0].unmet(table):
        nearest = f"; the nearest was tuned with {', '.join(known[0].unmet(table))}" if known else ""
        raise InputError(
            f"--tuned: {fspath(path)} holds nothing for {recipe} with these fields{nearest}. `insitu tune {recipe} ... "
            "--keep FILE` finds more"
        )
    set_already = {item.partition("=")[0].strip() for item in overrides}
    more = {key: value for key, value in known[0].fields.items() if key not in set_already}
    return [*overrides, *as_overrides(more)], known[0].told()
