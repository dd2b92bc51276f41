"""How sure the figures of merit of a fitted device are: the errors of its numbers, carried over to first order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from insitu.devices.base import Device, ReadNoise
from insitu.errors import InputError
from insitu.measure.diagnosing import Diagnosis, diagnose
from insitu.measure.families import NOISES
from insitu.measure.fitting import Fit
from insitu.measure.searching import AT_LOW, OPEN, Estimate

_ENDS = ("g_min", "g_max")  # of what was seen they are not those of the cell, however well they are known
_MOVED = 0.02  #: relative change by which a figure rests on a number


@dataclass(frozen=True)
class Merit:
    """How sure a figure is: its standard error, None if it has none; and what it rests on that was not determined."""

    error: float | None
    remark: str = ""


def judged(fit: Fit) -> tuple[Diagnosis, dict[str, Merit]]:
    """Return the figures of merit of a fit, and how sure each is.

    A figure that rests on a noise at its lower bound is None, *not determined*: the noise may be anything below. One that
    rests on another number at a bound, or not determined, says so; in the latter case it has no error.
    """
    found, estimates, signs = diagnose(fit.device, fit.signs), fit.estimates, fit.signs
    figures = {key: value for key, value in asdict(found).items() if value is not None}
    sure = {key: one.error for key, one in estimates.items() if one.error and _settable(fit.device, key)}
    slopes = {key: _change(fit.device, figures, estimates, key, error, signs) for key, error in sure.items()}
    variance = dict.fromkeys(figures, 0.0)
    for a, by_a in slopes.items():
        for b, by_b in slopes.items():
            r = 1.0 if a == b else fit.correlations.get((a, b), fit.correlations.get((b, a), 0.0))
            for name in figures:
                variance[name] += r * by_a[name] * by_b[name]
    merits = {name: Merit(float(np.sqrt(max(v, 0.0)))) for name, v in variance.items()}
    lost: dict[str, None] = {}
    for key, one in estimates.items():
        sure_of_it = one.error is not None and key not in _ENDS
        if not one.remark or sure_of_it or not _settable(fit.device, key) or key in fit.family.fixed:
            continue
        unseen = key in NOISES and one.remark == AT_LOW
        by = abs(one.value) if unseen or one.remark == OPEN else 0.05 * (abs(one.value) or 1.0)
        for name, moved in _change(fit.device, figures, estimates, key, by, signs).items():
            if name not in lost and abs(moved) > _MOVED * abs(figures[name]):
                kept = None if unseen or one.remark == OPEN else merits[name].error or None
                merits[name] = Merit(kept, f"rests on {key}, {one.remark}")
                lost |= {name: None} if unseen else {}
    if not fit.device.read_noise.on:
        merits["readable"] = Merit(None, "not determined: no noise of readings was seen")
    return replace(found, **lost), merits


def _settable(device: Device, key: str) -> bool:
    return key.startswith("read_noise.") or ("." not in key and isinstance(getattr(device, key, None), float))


def _change(
    device: Device,
    figures: Mapping[str, float],
    estimates: Mapping[str, Estimate],
    key: str,
    by: float,
    signs: tuple[int, ...],
) -> dict[str, float]:
    """Return by how much each figure changes where a number does, towards the side that the law allows."""
    value = estimates[key].value
    for sign in (1, -1):
        try:
            if key.startswith("read_noise."):
                given = vars(device.read_noise) | {key.partition(".")[2]: max(value + sign * by, 0.0)}
                changed: dict[str, Any] = {"read_noise": ReadNoise(**given)}
            else:
                changed = {key: value + sign * by}
            moved = replace(device, **changed)
        except InputError:  # beyond what the law allows
            continue
        there = asdict(diagnose(moved, signs))
        return {name: sign * ((there[name] or here) - here) for name, here in figures.items()}
    return dict.fromkeys(figures, 0.0)
