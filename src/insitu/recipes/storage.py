"""Tests after storage: what a trained network answers when its cells have leaked and drifted for some time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from insitu.arrays.aging import require_time
from insitu.errors import InputError, require_between
from insitu.networks.stack import Stack
from insitu.recipes import registry

if TYPE_CHECKING:
    from insitu.recipes.loading import BaseRecipe

FIELD = "--then-age"


def times(given: float | str | Iterable[float | str]) -> tuple[float, ...]:
    """Return times of storage, s, each once and in order; text may hold several, with commas between.

    Raises
    ------
    InputError : one of them is no time.
    """
    items = [given] if isinstance(given, str | int | float) else given
    found: list[Any] = [part for one in items for part in (one.split(",") if isinstance(one, str) else [one])]
    for place, one in enumerate(found):
        try:
            found[place] = float(one) if isinstance(one, str) else one
        except ValueError:
            raise InputError(f"{FIELD}: got '{one}'; allowed are seconds, such as 1e6 or 1,1e3,1e6") from None
        require_between(FIELD, found[place], 1e-12, 1e18, unit="s", optional=False)
    return tuple(sorted({float(one) for one in found}))


def require_storable(recipe: str, fields: BaseRecipe) -> None:
    """Raise InputError unless time leaves a mark on a device of this recipe, and the recipe tests after storage."""
    devices = getattr(registry.carrier(recipe), "devices", None)
    if devices is None:
        raise InputError(f"{FIELD}: {recipe} has no test after storage; leave it out")
    require_time(FIELD, devices(fields))


def stored(
    seconds: Sequence[float], networks: Sequence[Stack], look: Callable[[], Mapping[str, float]]
) -> dict[str, Any]:
    """Return ``storage``, what tests say after each time of storage; nothing without. The networks are left aged.

    Before it, a last transfer carries what the least significant cells hold into those that keep it longer.

    Parameters
    ----------
    seconds : each counted from the end of training, in order, s.
    look : returns the results of a test by their keys.
    """
    rows, before = [], 0.0
    for network in networks if seconds else ():
        network.consolidate()
    for time in seconds:
        for network in networks:
            network.age(time - before)
        rows.append({"seconds": time, **look()})
        before = time
    return {"storage": rows} if rows else {}
