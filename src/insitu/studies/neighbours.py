"""The device of the library that is most like another one."""

from __future__ import annotations

import math

from insitu.devices.library import ParameterSet, load, names
from insitu.errors import InputError
from insitu.measure.diagnosing import diagnose

_IDEAL = ("ideal",)  # like nothing that was measured


def nearest(given: ParameterSet) -> ParameterSet:
    """Return the device of the library whose figures of merit are nearest, of another name; one-sided ones among themselves.

    The distance is that of levels, step over its scatter (both logarithmic) and asymmetry.
    """
    where = _place(given)
    others = [load(name) for name in names() if name not in (given.name, *_IDEAL)]
    alike = [one for one in others if one.device.one_sided == given.device.one_sided and one.device != given.device]
    if not alike:
        raise InputError(f"device: no device of the library is like {given.name}")
    return min(alike, key=lambda one: math.dist(where, _place(one)))


def _place(one: ParameterSet) -> tuple[float, float, float]:
    found = diagnose(one.device)
    levels, snr = found.levels or 1.0, min(found.snr or 100.0, 100.0)
    return math.log10(levels), math.log10(snr), 2 * (found.asymmetry or 0.0)
