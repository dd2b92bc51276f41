"""Laws of time fitted to many cells at once: each with a level and a speed of its own, and one number shared by all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insitu.arraytypes import Doubles
from insitu.measure.reliability.traces import Traces

KEEPS, POWER, DRIFT, LEAK = "keeps", "power", "drift", "leak"
_NU = (-1.0, 2.0)  #: exponents that are looked for
_TRIED, _STEPS = 61, 20  #: speeds of a first look, and steps of Gauss and Newton from the best, at most
_STILL, _ENOUGH = 1e-12, 3  #: of the sum of squares: so many steps in a row that gain no more end the search
_AGAIN = 3  #: fits, where the weight of a reading goes by the curve
_EDGE = 1e-3  #: of the interval: nearer to its end than this, a speed is not found


@dataclass(frozen=True)
class Courses:
    """A law that was fitted to traces: ``g(t) = rest + amplitude shape(t)``.

    ==== ================================ ==========================
    law  shape                            speed of a trace; shared
    ==== ================================ ==========================
    keeps 1
    power (t / t0)^-nu                    nu; t0 is the first time
    drift (1 + t / t0)^-nu                nu; t0
    leak  exp(-t / tau)                   ln tau; rest
    ==== ================================ ==========================

    Parameters
    ----------
    law : its name. shared : t0, s, or rest, S; None where there is none. proportional : whether noise is, to g.
    speed, error : (traces,); the error is infinite where the speed is not found. amplitude : (traces,) S.
    fitted : (traces, longest) S. sd : (levels,) noise of a reading, S, or relative to g where that is ``proportional``.
    log_likelihood : of all readings. free : how many numbers were fitted.
    """

    law: str
    shared: float | None
    proportional: bool
    speed: Doubles
    error: Doubles
    amplitude: Doubles
    fitted: Doubles
    sd: Doubles
    log_likelihood: float
    free: int

    def bic(self, readings: int) -> float:
        """Return the Bayesian information criterion: lower is better."""
        return self.free * float(np.log(readings)) - 2 * self.log_likelihood

    def at(self, trace: int, time: Doubles) -> Doubles:
        """Return the conductance of a trace over time, S."""
        shape, _ = _shape(self.law, time, self.speed[trace], self.shared or 0.0)
        return np.asarray(_rest(self.law, self.shared) + self.amplitude[trace] * shape)


def followed(
    traces: Traces, law: str, shared: float | None = None, *, proportional: bool = False, start: Doubles | None = None
) -> Courses:
    """Return the likeliest courses of a law, given what is shared.

    Readings have normal noise, constant at each level or there in proportion to g. Amplitudes are linear, so that only the
    speed of each trace is searched: from ``start``, (traces,), or the best of many.
    """
    known = ~np.isnan(traces.g)
    time = np.where(known, traces.at, traces.at[:, :1])  # what is no reading has no weight
    rest = _rest(law, shared)
    y, weight = np.where(known, traces.g - rest, 0.0), known.astype(float)
    for _ in range(_AGAIN if proportional else 1):
        speed = start = _speeds(time, y, weight, law, shared or 0.0, start)
        shape, slope = _shape(law, time, speed[:, None], shared or 0.0)
        amplitude = _amplitude(y, weight, shape)
        fitted = rest + amplitude[:, None] * shape
        if proportional:
            weight = known / np.maximum(fitted, 1e-3 * np.nanmax(traces.g)) ** 2
    ends = _ends(law, time)
    edge = _EDGE * (ends[1] - ends[0])
    inside = (speed > ends[0] + edge) & (speed < ends[1] - edge)
    level, count = traces.of_level, np.bincount(traces.of_level, traces.sizes)
    squares = np.bincount(level, (weight * (y - fitted + rest) ** 2).sum(axis=1))
    exact = 1e-30 * float((weight * y**2).max())  # readings without any noise
    variance = np.maximum(squares / count, exact)
    likelihood = -0.5 * float((count * (np.log(2 * np.pi * variance) + 1)).sum())
    likelihood += 0.5 * float(np.log(weight[known]).sum())
    each = 1 if law == KEEPS else 2
    free = each * len(level) + count.size + (shared is not None and law != POWER)
    unbiased = squares / np.maximum(count - each * np.bincount(level), 1)
    sharp = _sharpness(weight, amplitude[:, None] * slope, shape)
    told = inside & (sharp > 0)
    error = np.where(told, np.sqrt(unbiased[level] / np.where(told, sharp, 1.0)), np.inf)
    return Courses(
        law, shared, proportional, speed, error, amplitude, np.where(known, fitted, np.nan), np.sqrt(variance),
        likelihood, free,
    )  # fmt: skip


def _rest(law: str, shared: float | None) -> float:
    return (shared or 0.0) if law == LEAK else 0.0


def _shape(law: str, time: Doubles, speed: Doubles | float, shared: float) -> tuple[Doubles, Doubles]:
    """Return the shape of a course, and its slope over the speed."""
    if law == KEEPS:
        return np.ones_like(time), np.zeros_like(time)
    with np.errstate(under="ignore"):
        if law == LEAK:
            passed = np.asarray(time * np.exp(-np.asarray(speed)))
            shape, slope = np.exp(-passed), passed
        else:
            passed = np.log(time / shared) if law == POWER else np.log1p(time / shared)
            shape, slope = np.exp(-speed * passed), -passed
        return shape, shape * slope


def _amplitude(y: Doubles, weight: Doubles, shape: Doubles) -> Doubles:
    return np.asarray((weight * shape * y).sum(axis=-1) / np.maximum((weight * shape**2).sum(axis=-1), 1e-300))


def _ends(law: str, time: Doubles) -> tuple[float, float]:
    """Return between which speeds those of a law are looked for."""
    if law == LEAK:
        return float(np.log(time[time > 0].min() / 10)), float(np.log(1000 * time.max()))
    return (-1.0, 1.0) if law == KEEPS else _NU


def _speeds(time: Doubles, y: Doubles, weight: Doubles, law: str, shared: float, start: Doubles | None) -> Doubles:
    """Return the speed of each trace with the least squares, its amplitude free (variable projection)."""
    if law == KEEPS:
        return np.zeros(len(y))
    low, high = _ends(law, time)

    def left(speed: Doubles) -> tuple[Doubles, Doubles]:
        """Return the sum of squares of each trace, and the step to where it would be least."""
        shape, slope = _shape(law, time, speed[:, None], shared)
        amplitude = _amplitude(y, weight, shape)[:, None]
        error = y - amplitude * shape
        sharp = _sharpness(weight, amplitude * slope, shape)
        step = (weight * error * amplitude * slope).sum(axis=1) / np.maximum(sharp, 1e-300)
        return (weight * error**2).sum(axis=1), step

    if start is None:
        tried = np.linspace(low, high, _TRIED)
        squares = np.array([left(np.full(len(y), speed))[0] for speed in tried])
        start = tried[squares.argmin(axis=0)]
    speed, part, still = start, np.ones(len(y)), 0
    squares, step = left(speed)
    for _ in range(_STEPS):
        there = np.clip(speed + part * step, low, high)
        new, onwards = left(there)
        better = new <= squares
        part = np.where(better, 1.0, part / 4)
        still = still + 1 if (squares - new <= _STILL * squares).all() else 0
        speed, squares = np.where(better, there, speed), np.where(better, new, squares)
        step = np.where(better, onwards, step)
        if still == _ENOUGH:
            break
    return speed


def _sharpness(weight: Doubles, slope: Doubles, shape: Doubles) -> Doubles:
    """Return half of the curvature of the sum of squares over the speed, the amplitude free."""
    cross = (weight * slope * shape).sum(axis=1) ** 2 / np.maximum((weight * shape**2).sum(axis=1), 1e-300)
    return np.asarray((weight * slope**2).sum(axis=1) - cross)
