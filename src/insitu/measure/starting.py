"""Where a search begins: numbers made from the pulses themselves."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.measure.families import READ_CV, READ_SD, Free
from insitu.measure.pulses import START, Pulses
from insitu.measure.varying import Conditions

LOW, HIGH = "place.low", "place.high"  #: of the bounds of a cell within its readings; no field of a law has a dot


def in_siemens(free: Free, wide: float) -> Free:
    """Return a free number with start and bounds in siemens where they are parts of the range."""
    if free.unit != "S":
        return free
    return free._replace(start=free.start * wide, low=free.low * wide, high=free.high * wide)


def extremes(pulses: Pulses) -> NDArray[np.float64]:
    """Return (2, devices) lowest and highest reading of each device, S, not below 0."""
    found = np.empty((2, len(pulses.names)))
    for k, name in enumerate(pulses.names):
        own = np.concatenate([pulses.before[pulses.of == k], pulses.after[pulses.of == k]])
        found[:, k] = max(own.min(), 0.0), own.max()
        if not found[1, k] > found[0, k]:
            raise InputError(
                f"readings of {name}: all are {found[1, k]:.3g} S; there is no step to fit; leave that device out"
            )
    return found


def starts_in_logarithms(
    pulses: Pulses, limits: NDArray[np.float64], free: Mapping[str, Free]
) -> list[dict[str, float]]:
    """Return the same of a law whose steps are those of ln g: what is constant in it is in proportion to g."""
    low, high = limits[0].mean(), limits[1].mean()
    names = {**free, "c2c_sd": None}  # that of the readings goes by it
    logs = replace(pulses, before=np.log(np.maximum(pulses.before, low)), after=np.log(np.maximum(pulses.after, low)))
    shift = logs.after.min() - 1.0  # numbers above 0, as conductances are
    logs = replace(logs, before=logs.before - shift, after=logs.after - shift)
    found = []
    for one in starts_of(logs, np.log(limits), names):
        sizes = {"step_up": one.get("step_up", 0.1) * low, "step_down": one.get("step_down", 0.1) * high}
        noise = {READ_CV: one[READ_SD], READ_SD: 0.01 * one[READ_SD] * low}
        mine = one | {name: size for name, size in sizes.items() if name in one} | noise
        found.append({key: value for key, value in mine.items() if key in {LOW, HIGH, *free}})
    return found


def starts_of(
    pulses: Pulses, ranges: NDArray[np.float64], free: Container[str], conditions: Conditions | None = None
) -> list[dict[str, float]]:
    """Return three starts: scatter mostly of the steps, of the readings, and of readings in proportion to the conductance.

    Steps start at the mean change, bounds two deviations of a reading within the extremes. Noise of readings makes
    successive changes anticorrelated: cov = -sd^2. Of several ``conditions``, changes are those over the growth of steps.
    """
    change, up = pulses.after - pulses.before, pulses.polarity > 0
    start = {} if conditions is None else conditions.starts(pulses)
    if conditions is not None:
        change = change / conditions.factors(start)[conditions.of]
    off = change.copy()
    for name, mine, sign in (("step_up", up, 1), ("step_down", ~up, -1)):
        if mine.any():
            off[mine] -= change[mine].mean()
            start[name] = max(2 * sign * float(change[mine].mean()), 1e-4 * float(np.ptp(ranges, axis=0).mean()))
    linked = (pulses.link[1:] != START) & (pulses.polarity[1:] == pulses.polarity[:-1])
    noise = float(np.sqrt(max(-(off[1:] * off[:-1])[linked].mean() if linked.any() else 0.0, 0.0)))
    first = up if "step_up" in start else ~up
    scatter, level = float(off[first].std()), float(np.abs(pulses.after).mean())
    relative = scatter / start.get("step_up", start.get("step_down", np.inf))
    much, few = max(noise, 0.3 * scatter), 0.1 * max(noise, 1e-3 * scatter)
    steps = {READ_SD: few, READ_CV: few / level, "c2c_cv": 0.5 * relative, "c2c_sd": 0.3 * scatter}
    reads = {READ_SD: much, READ_CV: 0.1 * much / level, "c2c_cv": 0.2 * relative, "c2c_sd": 0.05 * scatter}
    share = {READ_SD: 0.1 * much, READ_CV: much / level, "c2c_cv": 0.2 * relative, "c2c_sd": 0.05 * scatter}
    inwards = 6 * much / float(np.ptp(ranges, axis=0).mean())
    reads |= {LOW: min(inwards, 1.0), HIGH: min(inwards, 1.0)}
    share |= {HIGH: min(inwards * float(ranges[1].mean()) / level, 1.0)}
    every = [start | one for one in (steps, reads, share)]
    return [{key: value for key, value in one.items() if key in (LOW, HIGH) or key in free} for one in every]
