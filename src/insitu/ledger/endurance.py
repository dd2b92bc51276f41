"""How many trainings the cells survive, what they draw while nothing happens, and how much silicon they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from insitu.ledger.amount import Amount, total
from insitu.ledger.costset import CostSet
from insitu.ledger.usage import Worn


def trainings(worn: Worn, memory: Mapping[str, CostSet]) -> Amount | None:
    """Return after how many trainings like this one 1 % of the cells have passed their rated endurance.

    The rating over the 99th percentile of the writes of one training; None if it is not modelled or nothing was written.
    """
    costs = memory.get(worn.device)
    rated = costs.get("endurance") if costs else None
    return None if rated is None or worn.p99 == 0 else Amount.of(rated) * (1 / worn.p99)


def area(worn: Iterable[Worn], memory: Mapping[str, CostSet]) -> Amount | None:
    """Return the area of all cells, m^2: cell_area F^2 each, without periphery; None if it is not modelled for one."""
    sums = Amount(0.0, 0.0, 0.0)
    for array in worn:
        costs = memory.get(array.device)
        size, feature = (costs.get(name) if costs else None for name in ("cell_area", "feature"))
        if size is None or feature is None:
            return None
        sums += Amount.of(size, feature, feature) * array.cells
    return sums


def standby(worn: Iterable[Worn], memory: Mapping[str, CostSet], time: Amount | None) -> Amount | None:
    """Return the energy that cells draw over a time, J; a set without ``standby`` is of cells that keep without power."""
    found = [
        (array.cells, one) for array in worn if (costs := memory.get(array.device)) and (one := costs.get("standby"))
    ]
    power = total(Amount.of(one) * cells for cells, one in found)
    if not found or time is None:
        return None if found else power
    return power * time
