"""Retention: how conductance goes on its own, by drift or leak, from readings over time after a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from insitu.arraytypes import Doubles
from insitu.devices.imperfections import Retention
from insitu.errors import InputError
from insitu.measure.reliability.courses import DRIFT, KEEPS, LEAK, POWER, Courses, followed
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.population import population
from insitu.measure.reliability.sharing import likeliest, settled
from insitu.measure.reliability.speeds import Speed, speed_of
from insitu.measure.reliability.traces import Traces
from insitu.measure.searching import Estimate
from insitu.units import si

_FEWEST = 4  #: readings of a trace
_SURE = 3.0  #: standard errors from which on something is said
_WIDEST = 3.0  #: tau_cv that a device may have
LAWS = (KEEPS, POWER, DRIFT, LEAK)


@dataclass(frozen=True, kw_only=True)
class RetentionFit(Finding):
    """What was found, with what is behind it.

    Parameters
    ----------
    traces : that were fitted. courses : of the likeliest law.
    moving : the same, or those of the likeliest drift where nothing moves by more than chance. speed : of these.
    """

    traces: Traces
    courses: Courses
    moving: Courses
    speed: Speed


def fit_retention(
    traces: Traces, temperature: float | None = None, advance: Callable[[int], None] = lambda _: None
) -> RetentionFit:
    """Fit drift and leak to readings over time, and take the likelier.

    Parameters
    ----------
    traces : times count from the write.
    temperature : K, to which numbers are carried by what several temperatures say; None is the lowest that was measured.
    advance : told of each law that is done, as 1.

    Raises
    ------
    InputError : there are too few readings, times before the write, or a temperature to go to but none to come from.
    """
    traces, left = _usable(traces)
    reference = _reference(traces.temperature, temperature)
    tried: list[tuple[Courses, Estimate | None]] = []
    for law in LAWS:
        if law != POWER or np.nanmin(traces.at) > 0:
            tried += [likeliest(traces, law, proportional=way) for way in (False, True)]
        advance(1)
    n = int(traces.sizes.sum())
    tried.sort(key=lambda one: one[0].bic(n))
    courses, shared = tried[0]
    if shared is not None:
        courses, shared = settled(traces, courses)
    still = courses.law == KEEPS
    moving = next(one for one, _ in tried if one.law in (POWER, DRIFT)) if still else courses
    speed = speed_of(traces, moving, reference)
    estimates = {} if still else _numbers(traces, courses, shared, speed)
    fields = {key.partition(".")[2]: one.value for key, one in estimates.items() if key.startswith("retention.")}
    laws: dict[str, Mapping[str, Any]] = {}
    for one, _ in tried:
        row = {"law": one.law, "free": one.free, "log_likelihood": one.log_likelihood, "bic": one.bic(n)}
        laws.setdefault(one.law, row | {"noise": "in proportion" if one.proportional else "constant"})
    return RetentionFit(
        groups={"retention": Retention(**fields)},
        estimates=estimates,
        units={"activation_energy": "eV"},
        rows=_rows(traces, moving, speed),
        laws=list(laws.values()),
        sentences=tuple(filter(None, (left, *_sentences(traces, courses, shared, speed)))),
        conditions=_conditions(traces, speed.reference),
        traces=traces,
        courses=courses,
        moving=moving,
        speed=speed,
    )


def _usable(traces: Traces) -> tuple[Traces, str]:
    """Return the traces with enough readings, and a sentence on the others; refuse times before the write."""
    if np.nanmin(traces.at) < 0:
        k = int(np.argmin(np.nanmin(traces.at, axis=1)))
        raise InputError(
            f"time: {traces.named(k)} has one of {np.nanmin(traces.at[k]):g} s; times count from the write"
        )
    enough = (traces.sizes >= _FEWEST) & np.array([np.unique(t[~np.isnan(t)]).size > 2 for t in traces.at])
    if not enough.any():
        most = int(traces.sizes.max())
        raise InputError(
            f"time: {most} reading{'s' * (most != 1)} of {traces.named(int(traces.sizes.argmax()))} are too few; measure at "
            f"least {_FEWEST} after each write, at three times or more"
        )
    few = [traces.named(k) for k in np.flatnonzero(~enough).tolist()]
    said = (
        f"Left aside, for fewer than {_FEWEST} readings: {', '.join(few[:5])}{', ...' * (len(few) > 5)}." if few else ""
    )
    return traces.only(enough), said


def _reference(heat: Doubles, wanted: float | None) -> float | None:
    """Return the temperature to which numbers refer, K; None where none is known."""
    known = not np.isnan(heat).any()
    if wanted is not None and (not known or np.unique(heat).size < 2):
        raise InputError("temperature: needs readings at two temperatures or more, in a column temperature_K or _C")
    return wanted if wanted is not None or not known else float(heat.min())


def _numbers(traces: Traces, courses: Courses, shared: Estimate | None, speed: Speed) -> dict[str, Estimate]:
    """Return the numbers of a device, and those beside it, with their errors."""
    error = speed.error
    if shared is not None and shared.error is not None:
        ends = [max(shared.value + way * shared.error, 1e-300) for way in (1, -1)]
        there = [followed(traces, courses.law, one, proportional=courses.proportional) for one in ends]
        up, down = (speed_of(traces, one, speed.reference).mean for one in there)
        error = float(np.hypot(error, (up - down) / 2))
    n, few = len(set(traces.device)), speed.of.sd_error
    about = f"of {n} device{'s' * (n > 1)}"
    if courses.law == LEAK:
        assert shared is not None
        found = _leak(speed, error, about) | {"retention.rest": shared}
        return found | ({"activation_energy": Estimate(*speed.slope, 0.0)} if speed.slope else {})
    if speed.mean < -_SURE * error:
        return {"exponent": Estimate(speed.mean, error, 0.0, "no device has one below 0")}
    first = courses.shared or 0.0
    scale = shared or Estimate(first, None, first, "the first reading: a power has no scale")
    nu = Estimate(max(speed.mean, 0.0), error, 0.0)
    spread = {"retention.nu_sd": Estimate(speed.of.sd, few, 0.0, about)} if few else {}
    return {"retention.nu": nu, **spread, "retention.t0": scale}


def _leak(speed: Speed, error: float, about: str) -> dict[str, Estimate]:
    """Return tau and its spread, from mean and spread of ln tau."""
    sd, few = speed.of.sd, speed.of.sd_error
    cv = float(np.sqrt(np.expm1(sd**2))) if few else 0.0
    if cv > _WIDEST:
        cv, few, about = _WIDEST, None, f"{cv:.3g}, more than a device may have"
    tau = float(np.exp(speed.mean)) * float(np.sqrt(1 + cv**2))  # of the median, the mean of a log-normal one
    found = {"retention.tau": Estimate(tau, tau * float(np.hypot(error, sd * (few or 0.0))), 0.0)}
    unsure = few * (1 + cv**2) * sd / cv if few else None
    return found | ({"retention.tau_cv": Estimate(cv, unsure, 0.0, about)} if cv else {})


def _rows(traces: Traces, courses: Courses, speed: Speed) -> list[dict[str, Any]]:
    """Return one row a level and temperature."""
    rows, place = [], np.where(speed.found, traces.of_level, -1)
    for level in speed.levels.tolist():
        for heat in np.unique(traces.temperature[place == level]):
            mine = (place == level) & ((traces.temperature == heat) | np.isnan(heat))
            names = [traces.device[k] for k in np.flatnonzero(mine)]
            some = population(courses.speed[mine], courses.error[mine], np.ones((len(names), 1)), names)
            mean, error, sd = float(some.mean[0]), float(some.errors[0]), some.sd if mine.sum() > 1 else None
            row: dict[str, Any] = {"level": traces.levels[level]}
            row |= {} if np.isnan(heat) else {"temperature_K": float(heat)}
            row |= {"traces": int(mine.sum()), "first_S": float(np.mean(traces.g[mine, 0]))}
            if courses.law == LEAK:
                tau = float(np.exp(mean))
                row |= {"tau_s": tau, "error_s": tau * error, "spread": sd}
            else:
                row |= {"nu": mean, "error": error, "spread": sd}
            noise = float(courses.sd[level])
            rows.append(row | ({"noise": noise} if courses.proportional else {"noise_S": noise}))
    return rows


def _sentences(traces: Traces, courses: Courses, shared: Estimate | None, speed: Speed) -> list[str]:
    """Return what has to be known beside the numbers."""
    said, longest = [], si(float(np.nanmax(traces.at)), "s")
    lost = [traces.named(k) for k in np.flatnonzero(~speed.found).tolist()]
    if courses.law == KEEPS:
        most = abs(speed.mean) + 2 * speed.error
        said.append(
            f"Nothing drifts or leaks within {longest}: an exponent of drift is {speed.mean:.2g} ± {speed.error:.2g}, below "
            f"{most:.2g}. The device has no retention imperfection."
        )
    elif courses.law != LEAK and speed.mean < -_SURE * speed.error:
        said.append("Conductance rises with time, and a device can only drift down: nothing is put into the device.")
    if courses.law != KEEPS and lost:
        said.append(f"Left out, for they go too fast or too slowly to be timed: {', '.join(lost[:5])}.")
    if courses.law == LEAK and shared is not None and shared.error is None:
        said.append(f"Rest {si(shared.value, 'S')}: {shared.remark}; the time constants hold for that rest.")
    if speed.unlike and courses.law != KEEPS:
        said.append("Levels differ by more than chance, see the table. The device has the mean over levels for all.")
    if speed.slope and courses.law in (POWER, DRIFT):
        value, error = speed.slope
        said.append(
            f"The exponent changes by {100 * value:.2g} ± {100 * error:.2g} per 100 K. A power of time has no time scale, "
            "and with it no activation energy."
        )
    linked = _linked(traces, courses)
    if linked > 0:
        said.append(
            f"Successive errors of a trace hang together (correlation {linked:.2f}): cells wander, or follow another law. "
            "Trust the errors only as far as they come from several devices."
        )
    return said


def _linked(traces: Traces, courses: Courses) -> float:
    """Return the correlation of successive errors; 0 if chance explains it."""
    scale = courses.sd[traces.of_level][:, None] * (courses.fitted if courses.proportional else 1.0)
    z = (traces.g - courses.fitted) / scale
    pairs = z[:, 1:] * z[:, :-1]
    pairs = pairs[~np.isnan(pairs)]
    # two numbers fitted to a trace of n readings make its errors correlate by about -2 / n
    r = float(pairs.mean()) if pairs.size else 0.0
    return r if r > _SURE / np.sqrt(max(pairs.size, 1)) else 0.0


def _conditions(traces: Traces, reference: float | None) -> str:
    known = traces.at[traces.at > 0]
    span = f"retention from {si(float(known.min()), 's')} to {si(float(known.max()), 's')}"
    if reference is None:
        return f"{span}, at a temperature that the file does not give"
    heats = np.unique(traces.temperature)
    if heats.size == 1:
        return f"{span}, at {reference:.4g} K"
    return f"{span}, measured at {heats.min():.4g} to {heats.max():.4g} K, numbers at {reference:.4g} K"
