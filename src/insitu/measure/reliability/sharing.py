"""The number that all courses of a law share: the time scale of a drift, the rest of a leak."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from insitu.measure.families import Free
from insitu.measure.reliability.courses import KEEPS, LEAK, POWER, Courses, followed
from insitu.measure.reliability.traces import Traces
from insitu.measure.searching import AT_LOW, OPEN, Estimate, maximise, one_by_one

_TRIED = 12  #: numbers of a first look


def likeliest(
    traces: Traces, law: str, *, proportional: bool, near: Courses | None = None
) -> tuple[Courses, Estimate | None]:
    """Return the courses of a law with the likeliest shared number, and that number.

    It has its error where ``near`` tells about where it is.
    """
    times = traces.at[traces.at > 0]
    first, last, most = float(times.min()), float(times.max()), float(np.nanmax(traces.g))
    if law in (KEEPS, POWER):
        return followed(traces, law, first if law == POWER else None, proportional=proportional), None
    unit = most if law == LEAK else 1.0
    free = Free(0.1, 0.0, 1.5) if law == LEAK else Free(first, first / 1e3, last, True)
    errors = near is not None
    if near is None:
        tried = np.linspace(0.0, 1.5, _TRIED) if law == LEAK else np.geomspace(free.low, last, _TRIED)
        some: list[Courses] = []
        for one in tried.tolist():
            start = some[-1].speed if some else None
            some.append(followed(traces, law, one * unit, proportional=proportional, start=start))
        near = max(some, key=lambda one: one.log_likelihood)
    begin = near

    def there(shared: float) -> Courses:
        return followed(traces, law, shared * unit, proportional=proportional, start=begin.speed)

    first_look = {"shared": (begin.shared or 0.0) / unit}
    found = maximise(
        one_by_one(lambda n: there(n["shared"]).log_likelihood), {"shared": free}, [first_look], errors=errors
    )
    shared = found.estimates["shared"]
    error = None if shared.error is None else shared.error * unit
    return there(shared.value), replace(shared, value=shared.value * unit, error=error, start=shared.start * unit)


def settled(traces: Traces, courses: Courses) -> tuple[Courses, Estimate]:
    """Return the courses of the best law and its shared number with its error; a rest that readings leave open is 0."""
    courses, shared = likeliest(traces, courses.law, proportional=courses.proportional, near=courses)
    assert shared is not None
    if courses.law == LEAK and shared.remark in (AT_LOW, OPEN):
        shared = Estimate(0.0, None, shared.start, "assumed, for the readings leave it open")
        courses = followed(traces, LEAK, 0.0, proportional=courses.proportional)
    return courses, shared
