"""Which recipes there are. A recipe is a module, and beside it two TOML files of the same name: its fields, and words.

The module is imported only when the recipe is wanted, and offers what :class:`RecipeModule` lists; ``NAME.about.toml`` has
what :class:`insitu.recipes.about.About` lists.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module, resources
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from insitu.errors import InputError, suggest
from insitu.plugins import origin
from insitu.recipes.about import About
from insitu.recipes.loading import BaseRecipe, resolve
from insitu.validation import validate

if TYPE_CHECKING:
    from insitu.datasets import Dataset
    from insitu.recipes.session import Session

#: name -> module; add a line for a new recipe
RECIPES = {
    "cristiano2018": "insitu.recipes.cristiano2018",
    "shi2018": "insitu.recipes.shi2018",
    "yi2022": "insitu.recipes.yi2022",
}


#: data of a person's: what insitu.datasets.load takes, or a data set
Given: TypeAlias = "str | PathLike[str] | Dataset | None"


class RecipeModule(Protocol):
    """What the module of a recipe offers.

    It may also offer ``estimate_seconds(recipe, dataset)``, about how long a run takes on one core, for the estimate before
    a sweep; ``model(recipe, folder)``, the network of a finished run, :class:`insitu.recipes.model.Model`;
    ``own_data(recipe)``, the data of a recipe that brings its own, or None; ``devices(recipe)``, those of its cells
    with their names, if it tests after storage, see :mod:`insitu.recipes.storage`; and ``idle(recipe)``, field -> why, the
    fields that do nothing to the cells that it asks for, beside those of its words.
    """

    Recipe: type[BaseRecipe]  #: the fields of the TOML file, with types and limits

    def execute(self, recipe: Any, dataset: Dataset, session: Session) -> dict[str, Any]:
        """Carry the recipe out and return the result: the JSON object of the run but recipe, seed, dataset, run."""
        ...


_WIRED = 0.3, 64.0, 1.7  #: solving tiles again: what it adds at so many cells along a side, and the power it grows with
_CONVERTED = 0.4  #: what converters add


def estimate_seconds(module: str, recipe: BaseRecipe, dataset: Dataset) -> float | None:
    """Return about how long a run takes on one core, s, its chip with it; None if the recipe does not say.

    What the chip adds is a fit to the times of docs/chip.md: 1.2 to 1.5 times on tiles of 64 x 64, 11 times on 512 x 512.
    """
    of_run = getattr(load_module(module), "estimate_seconds", None)
    if of_run is None:
        return None
    seconds, chip = float(of_run(recipe, dataset)), getattr(recipe, "chip", None)
    if chip is None:
        return seconds
    slower, wires = 1.0, chip.wires
    if wires is not None and not wires.after_learning:
        whole = math.prod(dataset.shape) if dataset.shape else dataset.train_images[0].size
        rows, columns = (min(side or whole, whole) for side in (wires.tile_rows, wires.tile_columns))
        share, side, power = _WIRED
        slower += share * (math.sqrt(rows * columns) / side) ** power
    if chip.dac_bits or chip.adc_bits:
        slower += _CONVERTED
    return seconds * slower


def names() -> list[str]:
    """Return the names of all recipes."""
    return sorted(RECIPES)


def module_name(recipe: str) -> str:
    """Return the module of a recipe; InputError with the nearest name if there is none."""
    if recipe not in RECIPES:
        raise InputError(f"recipe: unknown name '{recipe}'; {suggest(recipe, RECIPES)}")
    return RECIPES[recipe]


def load_module(name: str) -> RecipeModule:
    """Return the module of a recipe by its dotted name."""
    return cast("RecipeModule", import_module(name))


def carrier(recipe: str) -> RecipeModule:
    """Return the module of a recipe by the name of the recipe; InputError if there is none."""
    return load_module(module_name(recipe))


def resolved(recipe: str, overrides: Sequence[str] = ()) -> Any:
    """Return a recipe as published, but for overrides such as ``pruning.fraction=0.75``; InputError if one is unusable."""
    return resolve(carrier(recipe).Recipe, toml_text(recipe), overrides)


@cache
def about(recipe: str) -> About:
    """Return the words about a recipe; InputError if there is none of this name."""
    return validate(About, tomllib.loads(toml_text(recipe, ".about")))


def data_of(name: str, recipe: BaseRecipe, find: Callable[[], Dataset], given: Given = None) -> Dataset:
    """Return the data that a recipe brings itself, else those ``given``, else the images that ``find`` looks for.

    Raises
    ------
    InputError : data are given to a recipe that brings its own. DataError : they cannot be used.
    """
    own = getattr(carrier(name), "own_data", None)
    found = own(recipe) if own is not None else None
    if given is None:
        return found if found is not None else find()
    if found is not None:
        raise InputError(f"--data: {name}, as it is set, brings its own data: {found.note.removeprefix('Data: ')}")
    from insitu.datasets import Dataset, load

    return given if isinstance(given, Dataset) else load(given)


def parts_of(name: str, recipe: BaseRecipe) -> dict[str, Any]:
    """Return the devices and the scheme of a recipe, as far as it has any, by their names."""
    devices, scheme = getattr(carrier(name), "devices", None), getattr(recipe, "scheme", None)
    return dict(devices(recipe) if devices else ()) | ({origin(type(scheme)): scheme} if scheme else {})


def toml_text(recipe: str, kind: str = "") -> str:
    """Return the TOML file of a recipe as its author wrote it, comments included; ``.about`` is the kind of the other one."""
    package, _, stem = module_name(recipe).rpartition(".")
    return (resources.files(package) / f"{stem}{kind}.toml").read_text(encoding="utf-8")
