"""How long the arrays take, by the order in which lines may be programmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from insitu.ledger.amount import ZERO, Amount, known_total, product
from insitu.ledger.converters import conversion_time
from insitu.ledger.costset import CostSet
from insitu.ledger.usage import Usage

Schedule = Literal["parallel", "row-serial", "column-serial"]
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)


def seconds(
    usages: Iterable[Usage], memory: Mapping[str, CostSet], periphery: CostSet | None, schedule: Schedule
) -> dict[str, Amount | None]:
    """Return the time of reading, writing and verifying, s, all arrays one after the other; None if not modelled.

    A product with an array: settle_time (else read_time of the memory) and, for the columns that share a converter, one
    conversion_time after the other, see :func:`insitu.ledger.converters.conversion_time`. An update: its slots, in each a
    raising and a lowering pulse if both occur, on all lines at once (parallel), or one row, or one column, after the other.
    A look of a closed loop goes row by row, all columns at once, except with column-serial. It is an upper bound where a
    closed loop may end early.
    """
    spent: dict[str, list[Amount | None]] = {}
    for usage in usages:
        costs = memory.get(usage.device)
        writes, looks = usage.doing == "writing", usage.doing == "verifying"
        once = _pulses(usage, costs) if writes else _look(costs, periphery, usage.adc_bits)
        serial = {"parallel": usage.rows if looks else 1, "row-serial": usage.rows, "column-serial": usage.lines}
        turns = usage.times * usage.slots * (1 if usage.doing == "reading" else serial[schedule])
        if turns:
            spent.setdefault(usage.doing, []).append(None if once is None else once * turns)
    return {doing: known_total(amounts) for doing, amounts in spent.items()}


def _pulses(usage: Usage, costs: CostSet | None) -> Amount | None:
    wanted = [w for w, n in (("width_up", usage.counts.pulses_up), ("width_down", usage.counts.pulses_down)) if n]
    return known_total(product(costs, name) for name in wanted)


def _look(costs: CostSet | None, periphery: CostSet | None, bits: int | None) -> Amount | None:
    settle = product(periphery, "settle_time") or product(costs, "read_time")
    return None if settle is None else settle + (conversion_time(periphery, bits) or ZERO)
