"""Endurance: after how many writes cells stop, from windows over cycles; cells that are still alive count as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from insitu.arraytypes import Doubles
from insitu.devices.imperfections import Endurance
from insitu.errors import require_between
from insitu.measure.families import Free
from insitu.measure.reading.series import Series
from insitu.measure.reliability.faulty import with_faults
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.windows import Window, windows_of
from insitu.measure.searching import AT_LOW, OPEN, Estimate, maximise, one_by_one
from insitu.measure.spreading import standard_error

_SIGMA = Free(0.5, 0.01, 10.0, True)  #: of the logarithm of the cycles
_WIDEST = 10.0  #: writes_cv that a device may have
_MANY = 2  #: failures from which on a distribution is fitted


@dataclass(frozen=True, kw_only=True)
class EnduranceFit(Finding):
    """What was found, with what is behind it.

    Parameters
    ----------
    windows : of the devices. part : of the first window, under which one is closed.
    median, sigma : of the log-normal distribution of the cycles that devices survive, sigma that of their logarithm; None
        where too few failed.
    """

    windows: tuple[Window, ...]
    part: float
    median: float | None
    sigma: float | None


def fit_endurance(series: Series, window: float = 0.5, writes_a_cycle: float = 2.0) -> EnduranceFit:
    """Fit a log-normal distribution of lifetimes to windows over cycles, by maximum likelihood.

    A device that failed did so between two cycles at which it was read, and one that did not will later than its last: the
    likelihood is that of intervals, some of them open.

    Parameters
    ----------
    window : part of the first one, under which one is closed. writes_a_cycle : pulses that a cell takes in a cycle.

    Raises
    ------
    InputError : there are not two states, or too few readings, or an option is beyond its limits.
    """
    require_between("window", window, 0.01, 0.99, optional=False)
    require_between("writes_a_cycle", writes_a_cycle, 1, 1e6, optional=False)
    windows, none = windows_of(series, window)
    failed = [one for one in windows if one.failed]
    found = _lifetimes(windows) if len(failed) >= _MANY else {}
    if not found or found["median"].remark == OPEN:
        found = {}
    fields = _numbers(windows, found, writes_a_cycle)
    group = {key.partition(".")[2]: one.value for key, one in fields.items()}
    closing, beside = _closing(windows), {}
    if closing is not None:
        beside["window_closing"] = Estimate(*closing, 0.0, "part of the window, a decade of cycles")
    longest = max(one.cycles[-1] for one in windows)
    least = writes_a_cycle * sorted(one.last_open for one in windows)[(len(windows) - 1) // 2]
    bound = "" if fields else f"at least {least:,.0f} writes of the median device; "
    closed = f"closed below {window:g} of the first window"
    measured = EnduranceFit(
        groups={"endurance": Endurance(**group)} if group else {},
        estimates=fields | beside,
        units={},
        rows=[_row(one) for one in windows],
        laws=(),
        sentences=tuple(_sentences(windows, least if not fields else None, closing)),
        conditions=f"{bound}endurance over {longest:,.0f} cycles of {writes_a_cycle:g} writes, {closed}",
        windows=tuple(windows),
        part=window,
        median=found["median"].value if found else None,
        sigma=found["sigma"].value if found else None,
    )
    return with_faults(measured, none, len(windows))


def _lifetimes(windows: Sequence[Window]) -> dict[str, Estimate]:
    """Return median and sigma of the cycles that devices survive."""
    with np.errstate(divide="ignore"):
        low, high = (np.log([getattr(one, name) for one in windows]) for name in ("last_open", "first_closed"))
    known = np.r_[low[np.isfinite(low)], high[np.isfinite(high)]]
    middle = float(np.exp(np.median(low)))
    median = Free(middle, float(np.exp(known.min())) / 10, float(np.exp(known.max())) * 1e4, True)

    def score(numbers: dict[str, float]) -> float:
        return _log_likelihood(low - np.log(numbers["median"]), high - np.log(numbers["median"]), numbers["sigma"])

    starts = [{"median": middle * far, "sigma": wide} for far in (1.0, 10.0) for wide in (0.2, 1.0)]
    found = dict(maximise(one_by_one(score), {"median": median, "sigma": _SIGMA}, starts).estimates)
    n = sum(one.failed for one in windows)
    wider = (n / (n - 1)) ** 0.5  # as for any deviation of n values from their own mean
    sigma = found["sigma"]
    error = None if sigma.error is None else wider * sigma.error
    return found | {"sigma": replace(sigma, value=wider * sigma.value, error=error)}


def _log_likelihood(low: Doubles, high: Doubles, sigma: float) -> float:
    """Return the logarithm of the probability that normal numbers lie each between two ends."""
    from scipy.stats import norm

    a, b = low / sigma, high / sigma
    a, b = np.where(a > 0, -b, a), np.where(a > 0, -a, b)  # the tail in which small differences are kept
    below, above = norm.logcdf(a), norm.logcdf(b)
    with np.errstate(divide="ignore"):
        return float((above + np.log1p(-np.exp(below - above))).sum())


def _numbers(windows: Sequence[Window], found: dict[str, Estimate], each: float) -> dict[str, Estimate]:
    """Return the numbers of a device; none where only a lower bound was measured."""
    failed, n = [one for one in windows if one.failed], len(windows)
    if not found:  # the median device is known to fail within an interval, or not at all
        low = each * max(float(np.median([one.last_open for one in windows])), 1.0)
        high = each * float(np.median([one.first_closed for one in windows]))
        if not np.isfinite(high):
            return {}
        about = f"between {low:,.0f} and {high:,.0f}: " + ("of one device" if n == 1 else "read at too few cycles")
        return {"endurance.writes": Estimate(float(np.sqrt(low * high)), None, high, about)}
    median, sigma = found["median"], found["sigma"]
    said = f"{len(failed)} of {n} devices failed" + ", so beyond what was measured" * (2 * len(failed) < n)
    error = None if median.error is None else each * median.error
    writes = {"endurance.writes": Estimate(each * median.value, error, each * median.start, said)}
    if sigma.remark == AT_LOW:
        return writes
    cv = float(np.sqrt(np.expm1(sigma.value**2)))
    if cv > _WIDEST:
        return writes | {"endurance.writes_cv": Estimate(_WIDEST, None, cv, f"{cv:.3g}, more than a device may have")}
    error = None if sigma.error is None else sigma.error * sigma.value * (1 + cv**2) / cv
    return writes | {"endurance.writes_cv": Estimate(cv, error, cv, sigma.remark or f"of {n} devices")}


def _slope(window: Window) -> float | None:
    """Return how much the open window changes, as a part of the first, a decade of cycles; None if that is not seen."""
    mine = (window.cycles > 0) & (window.cycles <= window.last_open)
    decades = np.log10(window.cycles[mine])
    if decades.size < 4 or np.ptp(decades) < 1:
        return None
    return float(np.polyfit(decades, window.relative[mine], 1)[0])


def _closing(windows: Sequence[Window]) -> tuple[float, float | None] | None:
    """Return by which part of the first a window closes a decade of cycles while it is open, with its error."""
    slopes = np.array([slope for one in windows if (slope := _slope(one)) is not None])
    return (-float(slopes.mean()), standard_error(slopes)) if slopes.size else None


def _row(window: Window) -> dict[str, Any]:
    return {
        "device": window.name,
        "cycles": float(window.cycles[-1]),
        "first_window_S": window.opened,
        "open_until": window.last_open,
        "closed_at": window.first_closed if window.failed else None,
        "closing": None if (slope := _slope(window)) is None else -slope,
    }


def _sentences(
    windows: Sequence[Window],
    least: float | None,
    closing: tuple[float, float | None] | None,
) -> list[str]:
    """Return what has to be known beside the numbers; ``least`` is the lower bound, where there is nothing but one."""
    said, n, failed = [], len(windows), sum(one.failed for one in windows)
    if least is not None:
        how = f"None of {n} devices" if not failed else f"Only {failed} of {n} devices"
        said.append(
            f"{how} failed: the median device survives at least {least:,.0f} writes, and how many more was not measured. The "
            "device gets no number from it."
        )
    if closing is not None and closing[1] is not None and abs(closing[0]) > 2 * closing[1]:
        way, size = ("closes", closing[0]) if closing[0] > 0 else ("opens", -closing[0])
        said.append(
            f"The window {way} by {100 * size:.2g} ± {100 * closing[1]:.2g} % a decade of cycles; a device has no such field."
        )
    return said
