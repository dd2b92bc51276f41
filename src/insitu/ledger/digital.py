"""The same training on a computer: arithmetic, memory, and the launches that cost however little is computed."""

from __future__ import annotations

from dataclasses import replace

from insitu.ledger.amount import ZERO, Amount, product
from insitu.ledger.costset import CostSet
from insitu.ledger.usage import Work


def batched(work: Work, batch: int) -> Work:
    """Return the same training with at least ``batch`` examples at once: weights are moved and changed, and kernels launched,
    once a batch. What it would come to in accuracy is another question.

    Where examples came one by one, a change was the product of an update too; these products stay.
    """
    if batch <= work.batch:
        return work

    def shared(count: int) -> int:
        return -(-count * work.batch // batch)

    return replace(
        work,
        macs=work.macs + (work.changes if work.batch == 1 else 0),
        changes=shared(work.changes),
        loads=shared(work.loads),
        launches=shared(work.launches),
        batch=batch,
    )


def digital_energy(work: Work, costs: CostSet) -> dict[str, Amount | None]:
    """Return the energy of arithmetic, memory and launches, J; None where the set does not price it.

    arithmetic = 2 op (macs + changes); memory = byte weight_bytes (loads + 2 changes); launches = launch_time idle_power
    launches. A set without launch_time is of hardware that needs no launches; a set with it but without idle_power does not
    model what they draw.
    """
    ops, moves = 2 * (work.macs + work.changes), work.loads + 2 * work.changes
    launches = product(costs, "launch_time", "idle_power", times=work.launches)
    return {
        "arithmetic": product(costs, "op", times=ops),
        "memory": product(costs, "byte", "weight_bytes", times=moves),
        "launches": ZERO if costs.get("launch_time") is None else launches,
    }


def digital_seconds(work: Work, costs: CostSet) -> Amount | None:
    """Return the time: the longer of arithmetic and memory, and the launches, s; None if the rate is not modelled.

    A high rate is a short time, so that low and high change places.
    """
    rate, width, bandwidth = (costs.get(name) for name in ("rate", "weight_bytes", "bandwidth"))
    if rate is None:
        return None
    ops, moves = 2 * (work.macs + work.changes), work.loads + 2 * work.changes
    times = [ops / r for r in (rate.high, rate.value, rate.low)]
    if bandwidth is not None and width is not None:
        moving = [moves * width.value / b for b in (bandwidth.high, bandwidth.value, bandwidth.low)]
        times = [max(pair) for pair in zip(times, moving, strict=True)]
    return Amount(*times) + (product(costs, "launch_time", times=work.launches) or ZERO)
