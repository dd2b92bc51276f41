"""Whether the trains of a device ended at its bounds or before them: only there does a range say what the cell is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import parameters
from insitu.devices.response import mean_change
from insitu.measure.families import READ_CV, READ_SD
from insitu.measure.modelling import Model
from insitu.measure.pulses import START

Floats = NDArray[np.float64]

_NEAR = 2.0  #: a state so many deviations of a reading, or steps, from a bound is at it
_STAYS = 3.0  #: times as long as a cell takes to get through there, from which on it stays


def reached(model: Model, numbers: Mapping[str, float]) -> NDArray[np.bool_]:
    """Return (2, devices) whether the trains of a device went on at g_min, and at g_max, until pulses did nothing more.

    A cell that is at its bound stays there; one whose train ends is near what was seen last for a few pulses, as many as
    its steps take through there. The longest stay of a train counts.
    """
    cells, state = model.cells(numbers), _before(model, numbers)
    device, pulses = model.device(numbers, model.place), model.pulses
    nominal, train = parameters(device), np.cumsum(pulses.begins)
    found = model.piled.copy()
    for k in range(len(pulses.names)):
        low, high, up, down = cells[:, k].tolist()
        p = nominal._replace(g_min=low, g_max=high, step_up=up, step_down=down)
        for row, (bound, sign) in enumerate(((low, -1), (high, 1))):
            mine = (pulses.of == k) & (pulses.polarity == sign)
            if found[row, k] or not mine.any():
                continue
            if sign < 0 and device.one_sided:  # every RESET ends there
                found[row, k] = True
                continue
            noise = numbers.get(READ_SD, 0.0) + numbers.get(READ_CV, 0.0) * bound
            last = abs(mean_change(device, p, bound - sign * 1e-6 * (high - low), sign))
            near = max(_NEAR * noise, _NEAR * last, 1e-3 * (high - low))
            speed = abs(mean_change(device, p, min(max(bound - sign * near, low), high), sign))
            stay = np.bincount(train[mine & (sign * (bound - state) < near)], minlength=1).max()
            found[row, k] = stay * speed >= _STAYS * near
    return found


def _before(model: Model, numbers: Mapping[str, float]) -> Floats:
    """Return (n,) the conductance before each pulse, S, as it is known by then."""
    known = model.foreseen(numbers)[2]
    return np.where(model.pulses.link == START, model.pulses.before, np.append(0.0, known[:-1]))


def said_of_range(at: NDArray[np.bool_]) -> str:
    """Return what is said where too few devices reach a bound for a spread of their range; empty where enough do."""
    n, (low, high) = at.shape[1], at.sum(axis=1).tolist()
    if n < 2 or determined(at):
        return ""
    return (
        f"The spread of the range from device to device is not determined, and the device has none: of {n} devices the "
        f"trains of {low} go on at g_min, and of {high} at g_max, until pulses do nothing more; the others were turned round "
        "before, which says nothing of their bounds. Give trains more pulses."
    )


def determined(at: NDArray[np.bool_]) -> bool:
    """Whether so many devices reach a bound that their range has a spread: two and more degrees of freedom."""
    return bool(np.maximum(at.sum(axis=1) - 1, 0).sum() > 1)
