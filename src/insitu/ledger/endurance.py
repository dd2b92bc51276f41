"""How many trainings the cells survive, and how much silicon they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from insitu.ledger.amount import Amount, known_total, product
from insitu.ledger.costset import CostSet
from insitu.ledger.usage import Worn


def trainings(worn: Worn, memory: Mapping[str, CostSet]) -> Amount | None:
    """Return after how many trainings like this one 1 % of the cells have passed their rated endurance.

    The rating over the 99th percentile of the writes of one training; None if it is not modelled or nothing was written.
    """
    return product(memory.get(worn.device), "endurance", times=1 / worn.p99) if worn.p99 else None


def area(worn: Iterable[Worn], memory: Mapping[str, CostSet]) -> Amount | None:
    """Return the area of all cells, m^2: cell_area F^2 each, without periphery; None if it is not modelled for one."""
    wanted = ("cell_area", "feature", "feature")
    return known_total(product(memory.get(array.device), *wanted, times=array.cells) for array in worn)
