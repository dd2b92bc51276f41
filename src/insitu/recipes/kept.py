"""Constants that tuning found, kept for later runs on the same device under the same scheme, with where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tomli_w
from pydantic import BeforeValidator, Field

from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.claims import idle_fields, require_effect, within
from insitu.recipes.loading import BaseRecipe, as_overrides, field_of, flat, to_toml
from insitu.runs.writing import atomic_write, require_writable
from insitu.validation import Table, plain_value, read_table, validate

LIBRARY = "library"  #: the name of what comes with insitu
_SHIPPED = Path(__file__).with_name("kept.toml")
_SCHEME = "scheme.name"
_WAY = "choose another file with --keep"


def _written(fields: Any) -> Any:
    """Return fields as a file has them: under dotted names, however a person has put them into tables, None as "off"."""
    if not isinstance(fields, Mapping):
        return fields
    return {
        key: "off" if value is None else plain_value(value) if isinstance(value, np.generic) else value
        for key, value in flat(fields).items()
    }


_Fields = Annotated[dict[str, Any], BeforeValidator(_written)]


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
    where: _Fields
    fields: _Fields
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


def require_place(path: str | PathLike[str]) -> list[Kept]:
    """Return what a file holds to which something is to be added, nothing if there is none; its folder is made.

    Raises
    ------
    InputError : the file holds something else, or has the name of what comes with insitu. RunError : it cannot be written.
    """
    if fspath(path) == LIBRARY:
        raise InputError(
            f"--keep: got {LIBRARY}, by which --tuned means what comes with insitu; allowed is any other name"
        )
    file = Path(path)
    require_writable(file, _WAY)
    return read(file) if file.exists() else []


def keep(path: str | PathLike[str], one: Kept) -> None:
    """Write what was found into a file, beside what it holds; in place of what it holds of the same place.

    Raises
    ------
    InputError, RunError : as :func:`require_place`.
    """
    kept = [old for old in require_place(path) if (old.recipe, old.where) != (one.recipe, one.where)] + [one]
    atomic_write(Path(path), tomli_w.dumps({"kept": [each.model_dump(exclude_none=True) for each in kept]}), way=_WAY)


def place_of(recipe: str, base: BaseRecipe, overrides: Sequence[str], but: Sequence[str]) -> dict[str, Any]:
    """Return the ``where`` of a recipe that is tuned: its device, its scheme, and what was set, as it is resolved.

    ``but`` are fields that are no part of it, such as those that are tuned; seed and images held back are none either.
    """
    table = to_toml(base)
    idle = [name for names, _ in idle_fields(recipe, table) for name in names]
    names = [registry.about(recipe).device, _SCHEME, *map(field_of, overrides)]
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
    InputError : there is none that suits, or the recipe does not take what is kept.
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
    set_already = set(map(field_of, overrides))
    more = {key: value for key, value in known[0].fields.items() if key not in set_already}
    found = [*overrides, *as_overrides(more)]
    try:
        require_effect(recipe, to_toml(registry.resolved(recipe, found)), as_overrides(more))
    except InputError as error:  # of another version, or by hand
        raise InputError(f"--tuned: what {fspath(path)} keeps for {recipe} cannot be taken: {error}") from error
    return found, known[0].told()
