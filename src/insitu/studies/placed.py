"""A recipe with a device in place of its own: what a study of the device hands on to its runs."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple, Unpack

from insitu.errors import InputError, suggest
from insitu.ledger import costset
from insitu.recipes import registry
from insitu.recipes.running import device_override
from insitu.studies.axes import Setting
from insitu.studies.tables import Judged, Wishes, planned, tables

#: in which a device can be placed
SYSTEMS = ("shi2018", "yi2022", "cristiano2018")


def require_known(systems: Sequence[str], costs: Sequence[str]) -> None:
    """Raise InputError about a system or a cost set that is unknown."""
    for system in systems:
        if system not in SYSTEMS:
            raise InputError(f"systems: unknown name '{system}'; {suggest(system, SYSTEMS)}")
    costset.require_known(costs)


class Placed(NamedTuple):
    """A recipe with a device put in.

    Parameters
    ----------
    plan : for :func:`insitu.studies.sweep.run_cases`. judged : what is looked at. table : in which the device stands.
    ideal : fields with which the recipe has its own device without imperfections. always : those of any other run.
    """

    plan: dict[str, Any]
    judged: Judged
    table: str
    ideal: Setting
    always: Setting

    def written(self, scheme: str) -> Setting:
        """Return the fields of a run whose device is written by a scheme."""
        return self.always | {"scheme": {"name": scheme}}


def placed(recipe: str, device: str | None, study: str, **wishes: Unpack[Wishes]) -> Placed:
    """Return a recipe with a device, by name or file, put in, or None yet; InputError if a field is unusable."""
    known, field = tables(recipe), registry.about(recipe).device
    plan = planned(recipe, study, **wishes)
    base = registry.resolved(recipe, plan["overrides"])
    if device is not None:
        plan["overrides"] = [*plan["overrides"], device_override(recipe, device)]
    ideal = known.always | {field: attrgetter(field)(base)} | known.twin
    return Placed(plan, known.task(base).judged(base), known.assess.table, ideal, known.always | known.assess.also)
