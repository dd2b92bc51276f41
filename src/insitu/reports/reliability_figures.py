"""The figures of what cells do beside answering pulses: retention, endurance, noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.devices.imperfections import ReadNoise
from insitu.measure.reliability.courses import KEEPS, LEAK
from insitu.measure.reliability.endurance import EnduranceFit
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.noise import NoiseFit
from insitu.measure.reliability.resting import JUMPS, WANDERS, WHITE
from insitu.measure.reliability.retention import RetentionFit
from insitu.measure.reliability.speeds import over_heat
from insitu.measure.reliability.windows import Window
from insitu.reports import canvas
from insitu.reports.canvas import BLACK, DOWN, NEUTRAL, UP, Axes, Figure, legend_above, own_style, series_color, titled
from insitu.units import micro

_SHOWN = 40  #: traces of a level, devices
_MARK: dict[str, Any] = {"fmt": "o", "ms": 4, "lw": 1}
_LONGEST = 2000  #: readings of a trace that are drawn
_WAYS = {WHITE: "white", WANDERS: "wanders", JUMPS: "jumps"}


@own_style()
def reliability_figure(finding: Finding, title: str) -> Figure:
    """Return the figure of a finding of any kind."""
    if isinstance(finding, RetentionFit):
        return _retention(finding, title)
    if isinstance(finding, EnduranceFit):
        return _endurance(finding, title)
    assert isinstance(finding, NoiseFit)
    return _noise(finding, title)


def _unit(most: float) -> tuple[float, str]:
    """Return by what conductances are multiplied, and the unit that they are in then."""
    for factor, unit in ((1e12, "pS"), (1e9, "nS"), (1e6, "µS")):
        if most * factor < 1000:
            return factor, unit
    return 1e3, "mS"


def _over(axis: Any, values: NDArray[np.float64], decades: float = 2) -> None:
    """Make an axis logarithmic where values span so many decades."""
    low, high = values.min(), values.max()
    canvas.scaled(axis, log=bool(low > 0 and high > low * 10**decades))


def _retention(found: RetentionFit, title: str) -> Figure:
    """Draw readings under the courses, the speed of each trace, and it over temperature, or errors over time."""
    figure, (left, middle, right) = titled(micro(title), 14, 4.8, 1, 3, width_ratios=(4, 3, 3))
    traces, courses, speed = found.traces, found.courses, found.speed
    factor, unit = _unit(float(np.nanmax(traces.g)))
    times, of = traces.at[traces.at > 0], traces.of_level
    logarithmic = times.max() > 100 * times.min()
    for level, name in enumerate(traces.levels):
        color = series_color(level)
        for at, k in enumerate(np.flatnonzero(of == level)[:_SHOWN].tolist()):
            t, g = traces.at[k], traces.g[k] * factor
            left.plot(t, g, ".", color=color, ms=4, label=micro(name or "readings") if not at else None)
            ends = np.nanmin(t[t > 0]) if logarithmic else np.nanmin(t), np.nanmax(t)
            grid = np.geomspace(*ends, 100) if logarithmic else np.linspace(*ends, 100)
            left.plot(grid, courses.at(k, grid) * factor, color=color, lw=0.8, alpha=0.6)
    left.set(xlabel="time since the write (s)", ylabel=f"conductance ({unit})")
    if logarithmic:
        left.set_xscale("log")
    _over(left.yaxis, traces.g[~np.isnan(traces.g)] * factor, 1)
    legend_above(left, columns=4, fontsize=9)
    _draw_speeds(middle, found)
    if speed.slope and courses.law != KEEPS:
        _draw_heat(right, found)
    else:
        scale = courses.sd[of][:, None] * (courses.fitted if courses.proportional else 1.0)
        z = (traces.g - courses.fitted) / scale
        for level in range(len(traces.levels)):
            right.plot(traces.at[of == level].ravel(), z[of == level].ravel(), ".", color=series_color(level), ms=3)
        right.axhline(0, color="0.6", lw=0.8)
        right.set(xlabel="time since the write (s)", ylabel="error of the fit, in deviations of a reading")
        if logarithmic:
            right.set_xscale("log")
    return figure


def _shown_speeds(found: RetentionFit) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Return what the speed of each trace is for people, with relative or absolute errors, and its name."""
    speed, error = found.moving.speed, found.moving.error
    if found.moving.law == LEAK:
        return np.exp(speed), np.exp(speed) * error, "time constant tau (s)"
    return speed, error, "exponent of drift nu"


def _draw_speeds(axes: Axes, found: RetentionFit) -> None:
    """Draw the speed of each trace by level, side by side by device."""
    value, error, name = _shown_speeds(found)
    traces, good = found.traces, found.speed.found
    devices = list(dict.fromkeys(traces.device))
    for level in range(len(traces.levels)):
        mine = np.flatnonzero(good & (traces.of_level == level))
        at = [level + 0.6 * ((devices.index(traces.device[k]) + 0.5) / len(devices) - 0.5) for k in mine]
        axes.errorbar(at, value[mine], error[mine], **_MARK, color=series_color(level))
    axes.set_xticks(range(len(traces.levels)), [micro(one) or "all" for one in traces.levels])
    axes.set(
        xlabel="level; a point a trace, devices from left to right", ylabel=name, xlim=(-0.6, len(traces.levels) - 0.4)
    )
    if found.moving.law == LEAK:
        _over(axes.yaxis, value[good], 0.7)


def _draw_heat(axes: Axes, found: RetentionFit) -> None:
    """Draw the speed of each trace over temperature: an Arrhenius plot of time constants, or exponents."""
    value, error, name = _shown_speeds(found)
    traces, speed = found.traces, found.speed
    leaks = found.moving.law == LEAK
    x = 1000 / traces.temperature if leaks else traces.temperature
    for level, place in enumerate(speed.levels.tolist()):
        mine = speed.found & (traces.of_level == place)
        axes.errorbar(x[mine], value[mine], error[mine], **_MARK, color=series_color(place))
        heat = np.linspace(traces.temperature.min(), traces.temperature.max(), 50)
        line = speed.of.mean[level] + speed.of.mean[-1] * over_heat(heat, speed.reference or 0.0, found.moving.law)
        axes.plot(1000 / heat if leaks else heat, np.exp(line) if leaks else line, color=series_color(place), lw=1)
    axes.set(xlabel="1000 / temperature (1/K)" if leaks else "temperature (K)", ylabel=name)
    if leaks:
        axes.set_yscale("log")
        energy, unsure = found.estimates["activation_energy"].value, found.estimates["activation_energy"].error or 0.0
        axes.set_title(f"activation energy {energy:.3g} ± {unsure:.2g} eV", loc="left", fontsize=10)


def _endurance(found: EnduranceFit, title: str) -> Figure:
    """Draw both states of each device over cycles, and how many windows are still open."""
    from scipy.stats import norm

    figure, (left, right) = titled(micro(title), 12, 4.8, 1, 2, width_ratios=(3, 2))
    windows = found.windows
    factor, unit = _unit(max(float(one.high.max()) for one in windows))
    for at, one in enumerate(windows[:_SHOWN]):
        cycles = np.maximum(one.cycles, 1)
        for g, color, name in ((one.high, UP, "high state"), (one.low, DOWN, "low state")):
            left.plot(cycles, g * factor, "-", color=color, lw=0.8, alpha=0.6, label=None if at else name)
    some = [one for one in windows[:_SHOWN] if one.failed]
    closed = [one.first_closed for one in some]
    heights = [float(one.high[one.cycles == one.first_closed][0]) * factor for one in some]
    if some:
        left.plot(closed, heights, "x", color=BLACK, ms=6, label="closed for good")
    left.set(xlabel="cycles", ylabel=f"conductance ({unit})", xscale="log")
    every = np.concatenate([g for one in windows for g in (one.low, one.high)])
    _over(left.yaxis, every[every > 0] * factor, 1)
    legend_above(left, columns=3, fontsize=9)
    last = max(float(one.cycles[-1]) for one in windows)
    first = min(one.last_open for one in windows) / 10
    grid = np.geomspace(max(first, 1), max(last, found.median or 0.0) * 3, 300)
    latest, earliest = (_open(windows, end)(grid) for end in ("first_closed", "last_open"))
    right.fill_between(grid, 100 * earliest, 100 * latest, color=NEUTRAL, lw=0, step="pre", label="measured")
    if found.median is not None and found.sigma is not None:
        fitted = norm.sf(np.log(grid / found.median) / found.sigma)
        right.plot(grid, 100 * fitted, color=series_color(0), lw=1.5, label="log-normal")
    right.axvline(last, color=BLACK, lw=1, ls=":", label="last cycle")
    right.set(xlabel="cycles", ylabel="windows that are open (%)", xscale="log", ylim=(0, 105))
    legend_above(right, fontsize=9)
    return figure


def _open(windows: Sequence[Window], end: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the part of the windows that is open (Kaplan and Meier), each closed at one end of the cycles where it may."""
    from scipy.stats import CensoredData, ecdf

    closed = [max(getattr(one, end), 1.0) for one in windows if one.failed]
    alive = [one.last_open for one in windows if not one.failed]
    survival: Callable[[NDArray[np.float64]], NDArray[np.float64]] = ecdf(CensoredData(closed, right=alive)).sf.evaluate
    return survival


def _noise(found: NoiseFit, title: str) -> Figure:
    """Draw one trace of each kind, the deviation of a reading over the conductance, and the jumps."""
    figure, (left, middle, right) = titled(micro(title), 14, 4.8, 1, 3, width_ratios=(4, 3, 3))
    g = np.array([one.mean for one in found.found])
    factor, unit = _unit(float(g.max()))
    apart = 100 * max(float(np.nanmax(np.abs(row / np.nanmean(row) - 1))) for row in found.traces.g)
    for color, (kind, words) in enumerate(_WAYS.items()):
        mine = [k for k, one in enumerate(found.found) if one.kind == kind]
        if not mine:
            continue
        k = mine[0]
        row = found.traces.g[k][~np.isnan(found.traces.g[k])][:_LONGEST]
        label = micro(f"{words}: {found.traces.named(k)} ({len(mine)} of {g.size})")
        above = apart * len(left.lines)
        left.plot(100 * (row / g[k] - 1) + above, ".-", color=series_color(color), ms=2, lw=0.4, label=label)
        sd = np.array([found.found[j].sd for j in mine])
        unsure = np.array([found.found[j].error for j in mine])
        middle.errorbar(g[mine] * factor, sd * factor, sd * unsure * factor, **_MARK, color=series_color(color))
    left.set(xlabel="reading", ylabel="off its mean (%); one trace above the other")
    legend_above(left, columns=1, fontsize=9)
    noise = found.groups["read_noise"]
    assert isinstance(noise, ReadNoise)
    grid = np.geomspace(g.min() / 1.2, g.max() * 1.2, 50)
    middle.plot(grid * factor, noise.of(grid) * factor, color=BLACK, lw=1.5, label="cv g + sd")
    middle.set(xlabel=f"conductance ({unit})", ylabel=f"deviation of a reading ({unit})", xscale="log", yscale="log")
    for axis in (middle.xaxis, middle.yaxis):
        canvas.plain_log(axis)
    legend_above(middle, fontsize=9)
    jumps = [one for one in found.found if one.jump is not None]
    if jumps:
        size, unsure = (np.array([getattr(one, name) or 0.0 for one in jumps]) for name in ("jump", "jump_error"))
        at = np.array([one.mean for one in jumps]) * factor
        right.errorbar(at, 100 * size, 100 * unsure, **_MARK, color=series_color(2))
        right.set(ylim=(0, None))
    else:
        right.text(0.5, 0.5, "no trace jumps", ha="center", va="center", transform=right.transAxes)
    right.set(xlabel=f"conductance ({unit})", ylabel="distance of the two levels (% of the mean)")
    return figure
