"""What falls due between two examples: transfers, refreshes, marks of time and of reads, a look at what reads conduct."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from insitu.arrays.crossbar import Crossbar
from insitu.schemes.transfer import refresh_pairs

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights

LOOK = (
    250  #: examples between two looks at what wires do to the cells, and at how large the sums are that an ADC converts
)
METER = 2000  #: and two looks at what reads conduct; both fixed, so that no split changes them
_CHANGE = 0.01  # relative change of a cell by reads that waits for the next of these looks
_READS = 25  # of a line for an example: more than most networks need


def next_event(weights: Weights, shown: int) -> int:
    """Return after which example something happens to these weights; far away if nothing ever does."""
    due = [(shown // period + 1) * period for period in _periods(weights)]
    if weights.adjusts and shown < LOOK:
        due.append(1 << shown.bit_length())
    return min(due, default=2**62)


def carry_out(weights: Weights, before: int, shown: int) -> None:
    """Carry out what is due between two numbers of examples shown."""
    if not _periods(weights):
        return
    weights.follow()
    chip = weights.chip
    if not weights.scheme.exact and (before // METER < shown // METER or _disturbed(weights, before, shown)):
        weights.look()
    if ages(weights) and (steps := shown // chip.aging - before // chip.aging):
        weights.age(steps * chip.aging * chip.image_seconds)
    _move(weights, before, shown)
    if (look := _look(weights)) and before // look < shown // look:
        weights.rewire()
    if weights.adjusts and _adjusted(before, shown):
        weights.adjust()


def _adjusted(before: int, shown: int) -> bool:
    """Return whether the range of an ADC is learned between two numbers of examples: every LOOK, at first after 1, 2, 4, ...

    So the first examples are converted too, and by a range that is soon no worse than later ones.
    """
    return before // LOOK < shown // LOOK or (before < LOOK and before.bit_length() < shown.bit_length())


def _move(weights: Weights, before: int, shown: int) -> None:
    """Carry out the transfers, and the refreshes of pairs, that are due."""
    how = weights.scheme.transfer
    if how is None:
        return
    if len(weights.levels) > 1:
        for turn in range(before // how.period + 1, shown // how.period + 1):
            how.move(weights, turn)
    if before // how.refresh < shown // how.refresh:
        for array in _saturating(weights):
            refresh_pairs(array, how)


def _periods(weights: Weights) -> list[int]:
    how = weights.scheme.transfer
    periods = [] if weights.scheme.exact else [METER]  # numbers change without a pulse, and have no energy
    if weights.chip.disturbances is not None:
        periods.append(_check(weights))
    if ages(weights):
        periods.append(weights.chip.aging)
    if look := _look(weights):
        periods.append(look)
    if weights.adjusts:
        periods.append(LOOK)
    if how is not None and len(weights.levels) > 1:
        periods.append(how.period)
    if how is not None and _saturating(weights):
        periods.append(how.refresh)
    return periods


def _check(weights: Weights) -> int:
    """Return after how many examples to ask what reads have done to the cells, if reads disturb them."""
    return int(min(max(_CHANGE / (_READS * max(map(abs, weights.chip.disturbances or (1.0,)))), 1), METER))


def _disturbed(weights: Weights, before: int, shown: int) -> bool:
    """Return whether reads have changed cells by so much that it is time to say so."""
    if weights.chip.disturbances is None or before // _check(weights) == shown // _check(weights):
        return False
    change = weights.disturbance
    return change is not None and sum(np.abs(one).max() for one in change) > _CHANGE


def _look(weights: Weights) -> int:
    """Return after how many examples what wires do is looked at; 0 is never."""
    wires = weights.chip.wires
    if wires is None or wires.after_learning:
        return 0
    return 1 if wires.tolerance == 0 else LOOK


def ages(weights: Weights) -> bool:
    """Return whether time leaves a mark on these weights: whether any of their cells leaks or drifts."""
    return any(array.device.retention.on for array in weights.arrays_of_cells)


def _saturating(weights: Weights) -> list[Crossbar]:
    """The arrays that learning pulses and whose devices only rise."""
    taken = [weights.array] if weights.fast is None else [weights.array, weights.fast]
    return [array for array in taken if array.device.one_sided and not weights.scheme.exact]
