"""Whether the trains of a device ended at its bounds or before them, and what a wider range would make of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.devices.base import Device, parameters
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.response import mean_change
from insitu.measure.families import READ_CV, READ_SD
from insitu.measure.jointly import Sure
from insitu.measure.modelling import CELL, Model
from insitu.measure.pulses import START
from insitu.measure.searching import OPEN, Estimate
from insitu.measure.starting import HIGH, LOW
from insitu.units import si

_OUT = 2.0  #: errors further out, where a bound is tried
_FALL = 1.0  #: of log-likelihood there (2 of a parabola), from which on the bound is known
ENDS = {"g_min": LOW, "g_max": HIGH}
SEEN, EXTREME = "the end of what was seen", ("the lowest reading", "the highest reading")

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


def _before(model: Model, numbers: Mapping[str, float]) -> Doubles:
    """Return (n,) the conductance before each pulse, S, as it is known by then."""
    known = model.foreseen(numbers)[2]
    return np.where(model.pulses.link == START, model.pulses.before, np.append(0.0, known[:-1]))


def said_of_range(at: NDArray[np.bool_]) -> str:
    """Return what is said where too few devices reach a bound for a spread of their range; empty where enough do."""
    n, (low, high) = at.shape[1], at.sum(axis=1).tolist()
    if n < 2 or determined(at):
        return ""
    return (
        f"How far the range differs from device to device is not determined, so the device has no such spread: of {n} "
        f"devices {low} were pulsed down until pulses did nothing more, and {high} up. Give the others longer trains too."
    )


def determined(at: NDArray[np.bool_]) -> bool:
    """Whether so many devices reach a bound that their range has a spread: two and more degrees of freedom."""
    return bool(np.maximum(at.sum(axis=1) - 1, 0).sum() > 1)


def bounds_of(model: Model, how: Sure, at: NDArray[np.bool_]) -> dict[str, Estimate]:
    """Return g_min and g_max; those that most devices were turned round before are what was seen, and have no error.

    Parameters
    ----------
    at : (2, devices) of :func:`reached`. Of one device, a bound beyond which it is less likely is reached too.
    """
    ranges, known = model.ranges(model.place), {}
    inward = model.inward(ranges)
    for row, (name, place) in enumerate(ENDS.items()):
        error, remark, own = how.nominal.get(name), "", how.found.estimates.get(place)
        if own is not None and own.error is not None:
            error = own.error * float(inward[row].mean())
        told = at.shape[1] == 1 and error is not None and _ends(model, how, place)
        if not (told or 2 * at[row].sum() >= at.shape[1]):
            error, remark = None, SEEN
        elif ((model.place[row] < 1e-3) | model.piled[row]).any():
            remark = EXTREME[row]
        if own is not None and own.remark == OPEN:
            remark = OPEN
        known[name] = Estimate(float(ranges[row].mean()), error, float(model.limits[row].mean()), remark)
    return known


def _ends(model: Model, how: Sure, place: str) -> bool:
    """Return whether a device is less likely with a bound two errors further out, and the other numbers as they go with it.

    One that was turned round before its bound may go on for all that is known, where steps go on as they did.
    """
    pairs, values = how.correlations or how.found.correlations, how.found.values
    moved = dict(values)
    for name, one in how.found.estimates.items():
        r = 1.0 if name == place else pairs.get((name, place), pairs.get((place, name), 0.0))
        by, free = -_OUT * r * (one.error or 0.0), model.free.get(name)
        moved[name] = one.value * float(np.exp(by / one.value)) if free and free.log else one.value + by
    best, there = (model.score(n, np.array([[n[LOW]], [n[HIGH]]]), model.factors) for n in (values, moved))
    return best - there > _FALL


def wider(device: Device, bounds: Mapping[str, Estimate]) -> tuple[tuple[float, float], dict[str, tuple[float, float]]]:
    """Return how far the range may go, S, and what the same steps are as numbers of a law on any range up to there.

    Beyond a bound that was seen it does not go; beyond the others to where the steps of a linear law end, to 0 S, or as far
    again as was seen. Without steps that may be followed beyond what was seen, the second is empty.
    """
    law, low, high = type(device), device.g_min, device.g_max
    open_ = [bounds[name].remark in (SEEN, OPEN) for name in ENDS]
    if law not in (LinearStep, ExponentialStep) or not any(open_):
        return (low, high), {}
    wide = high - low
    linear, slope = law is LinearStep, "gamma" if law is LinearStep else "decay"
    first, slopes = (device.step_up, device.step_down), [getattr(device, f"{slope}_{way}") for way in ("up", "down")]
    further = [min(2.0, 1 / one) if linear and one > 0 else 2.0 for one in slopes]
    reach = (
        min(low, max(0.0, high - further[1] * wide)) if open_[0] else low,
        low + max(1.0, further[0]) * wide if open_[1] else high,
    )

    def step(way: int, g: float) -> float:
        gone = (g - low if way == 0 else high - g) / wide
        return first[way] * float(1 - slopes[way] * gone if linear else np.exp(-slopes[way] * gone))

    found: dict[str, list[float]] = {}
    for a in {low, reach[0]}:
        for b in {high, reach[1]}:
            for way, (name, begin, end) in enumerate((("up", a, b), ("down", b, a))):
                there, last = step(way, begin), step(way, end)
                found.setdefault(f"step_{name}", []).append(there)
                found.setdefault(f"{slope}_{name}", []).append(
                    1 - last / there if linear else float(np.log(there / last))
                )
    return reach, {name: (min(values), max(values)) for name, values in found.items()}


def with_wider(device: Device, known: Mapping[str, Estimate]) -> tuple[dict[str, Estimate], str]:
    """Return the numbers that would be others on a wider range, with that in their remarks, and what is said of it.

    Nothing where trains went on at both bounds.
    """
    before = [name for name in ENDS if known[name].remark == SEEN]
    if not before:
        return {}, ""
    (low, high), numbers = wider(device, known)
    found = {}
    for name, ends in numbers.items():
        least = 1e-3 * ends[1] if name in CELL else 0.01
        if name in known and not known[name].remark and ends[1] - ends[0] > least:
            text = " to ".join(si(one, "S") if name in CELL else f"{one:.3g}" for one in ends)
            found[name] = replace(known[name], remark=f"{text} on a wider range")
    text = (
        f"No train went on at {' or '.join(before)} until pulses did nothing more: the cell may go further, and steps and "
        f"slopes are those on what was seen, {si(device.g_min, 'S')} to {si(device.g_max, 'S')}"
    )
    told = f"; remarks say what the same steps are on a wider one, at most {si(low, 'S')} to {si(high, 'S')}"
    return found, f"{text}{told if found else ''}."
