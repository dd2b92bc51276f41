"""The figure of a fit: measured pulses under the device that was fitted to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device, Spread
from insitu.devices.response import mean_response, response_samples, step_statistics
from insitu.measure.comparing import Candidate
from insitu.measure.families import SWITCH
from insitu.measure.fitting import Fit
from insitu.measure.pulses import Pulses
from insitu.measure.residuals import standardised
from insitu.measure.straying import tidied
from insitu.measure.varying import GROWTH, SIDES, conditions_of
from insitu.reports.canvas import BLACK, BLUE, DOWN, NEUTRAL, UP, Axes, Figure, legend_above, own_style, titled
from insitu.reports.device_plot import conductance_scale
from insitu.units import micro

_SHOWN, _CELLS, _BINS = 2000, 60, 14  # pulses of a device, simulated cells, bins of conductance
_STRIDE = 4000  # dots


@own_style()
def fit_figure(candidates: Sequence[Candidate], pulses: Pulses) -> Figure:
    """Return four panels: readings and simulated cells, steps over conductance, errors of forecasts, laws compared.

    Parameters
    ----------
    candidates : the best first.
    """
    fit = candidates[0].fit
    title = micro(f"{fit.family.name.capitalize()} law, fitted to {pulses.describe()}")
    figure, tiles = titled(title, 12, 8.4, 2, 2, width_ratios=(3, 2), height_ratios=(3, 2))
    (over_pulses, over_state), (errors, laws) = tiles
    _draw_readings(over_pulses, fit, pulses)
    (_draw_levels if fit.family.name == SWITCH else _draw_steps)(over_state, fit, pulses)
    _draw_errors(errors, fit, pulses)
    _draw_laws(laws, candidates)
    return figure


def _draw_readings(axes: Axes, fit: Fit, pulses: Pulses) -> None:
    """Draw the first device, and the range of 90 of 100 cells simulated from its first reading on, with noise of readings."""
    scale, unit = conductance_scale(fit.device)
    own = pulses.only([0])
    train = own.polarity[:_SHOWN]
    at = np.arange(1, train.size + 1)
    cell = dict(zip(("g_min", "g_max", "step_up", "step_down"), fit.cells[:, 0].tolist(), strict=True))
    if fit.device.one_sided:
        del cell["step_down"]
    numbers = {key: one.value for key, one in fit.estimates.items() if key not in cell}
    device = fit.family.device(numbers | cell, fit.signs)
    start = min(max(float(own.before[0]), device.g_min), device.g_max)
    if fit.conditions:  # the device has one amplitude
        line, called = _grown(device, fit, own, start)[:_SHOWN], "without noise, each pulse at its amplitude and width"
    else:
        cells = response_samples(device, train.tolist(), _CELLS, 1, g0=start)[:, 1:]
        rng = np.random.default_rng(1)
        noise = fit.device.read_noise.of(cells) * rng.standard_normal(cells.shape)
        jump = fit.jumps.jump if fit.jumps and own.names[0] in fit.jumps.names else 0.0
        cells = cells * (1 + jump * (rng.integers(0, 2, cells.shape) - 0.5)) + noise
        low, high = np.quantile(cells, (0.05, 0.95), axis=0)
        band = f"90 % of {_CELLS} cells simulated from it"
        axes.fill_between(at, low * scale, high * scale, color=NEUTRAL, lw=0, label=band)
        random = device.draw == "uniform"  # without noise it would switch at the first pulse
        line, called = (
            (cells.mean(axis=0), "their mean")
            if random
            else (mean_response(device, train.tolist(), start)[1:], "without noise")
        )
    axes.plot(at, line * scale, color=BLACK, lw=1.5, label=called)
    for sign, color, name in ((1, UP, "read after up pulses"), (-1, DOWN, "after down pulses")):
        here = train == sign
        axes.plot(at[here], own.after[:_SHOWN][here] * scale, ".", color=color, ms=2.5, label=name)
    if fit.tails is not None:
        _mark_strays(axes, fit, pulses, scale)
    called = f" of {own.names[0]}, the first of {len(pulses.names)} devices" if len(pulses.names) > 1 else ""
    axes.set(xlabel=f"pulse{called}", ylabel=f"conductance ({unit})", xlim=(0, train.size + 1))
    if fit.family.logarithmic:
        axes.set_yscale("log")
    legend_above(axes, columns=2, fontsize=9)


def _grown(device: Device, fit: Fit, pulses: Pulses, start: float) -> NDArray[np.float64]:
    """Return (n,) the conductance of a cell without noise after each pulse, whose step is that at its amplitude and width."""
    conditions, g, path = conditions_of(pulses), start, np.empty(pulses.of.size)
    assert conditions is not None
    numbers = {name: one.value for name, one in fit.estimates.items() if name.startswith(GROWTH)}
    factors = conditions.factors(numbers).tolist()
    devices = [
        replace(device, **{(step := f"step_{SIDES[sign]}"): getattr(device, step) * factor}) if factor != 1 else device
        for sign, factor in zip(conditions.sign.tolist(), factors, strict=True)
    ]
    for k, (c, sign) in enumerate(zip(conditions.of.tolist(), pulses.polarity.tolist(), strict=True)):
        path[k] = g = float(mean_response(devices[c], [sign], g)[1])
    return path


def _mark_strays(axes: Axes, fit: Fit, pulses: Pulses, scale: float) -> None:
    """Ring the readings that are far off, and draw those beyond the others at the edge."""
    assert fit.tails is not None
    rows = fit.tails.rows[(pulses.of[fit.tails.rows] == 0)]
    first = int(np.flatnonzero(pulses.of == 0)[0])
    rows = rows[rows - first < _SHOWN]
    others = np.delete(pulses.after[pulses.of == 0], rows - first)
    room = 0.05 * float(np.ptp(others))
    low, high = float(others.min()) - room, float(others.max()) + room
    axes.set_ylim((low - room) * scale, (high + room) * scale)
    if rows.size:
        seen = np.clip(pulses.after[rows], low, high) * scale
        label = "five deviations off, at the edge if beyond"
        axes.plot(rows - first + 1, seen, "o", color=BLACK, mfc="none", ms=7, label=label)


def _draw_steps(axes: Axes, fit: Fit, pulses: Pulses) -> None:
    """Draw each change at the middle of its two readings, means of bins, and the law with all its scatter.

    Changes and steps of a law of ln G are those relative to the conductance.
    """
    scale, unit = conductance_scale(fit.device)
    logarithmic = fit.family.logarithmic
    pulses = tidied(pulses) if fit.tails is not None else pulses  # strays would be all that means show
    pulses = pulses.at_device()
    change, middle = pulses.after - pulses.before, (pulses.after + pulses.before) / 2
    device = fit.device
    quiet = device.without("spread") if device.spread != Spread() else device
    spaced, high = (np.geomspace, 1.0) if logarithmic else (np.linspace, scale)
    grid = spaced(device.g_min, device.g_max, 101)
    size = grid if logarithmic else np.ones(grid.size)
    change = change / middle if logarithmic else change
    read = fit.device.read_noise.of(grid)
    tall = 0.0
    for sign, color, name in ((1, UP, "up"), (-1, DOWN, "down")):
        mine = pulses.polarity == sign
        if not mine.any() or (device.one_sided and sign < 0):
            continue
        every = max(1, int(mine.sum()) // _STRIDE)
        axes.plot(middle[mine][::every] * scale, change[mine][::every] * high, ".", color=color, ms=2, alpha=0.15)
        mean, sd = step_statistics(quiet, sign, grid.tolist())
        mean, whole = mean / size, np.sqrt(sd**2 + 2 * read**2) / size
        axes.plot(grid * scale, mean * high, color=color, lw=2, label=f"{name}: law")
        axes.fill_between(grid * scale, (mean - whole) * high, (mean + whole) * high, color=color, alpha=0.15, lw=0)
        edges = spaced(*pulses.range, _BINS + 1)
        where = np.digitize(middle[mine], edges[1:-1])
        some = [k for k in range(_BINS) if (where == k).sum() >= 5]
        means = np.array([change[mine][where == k].mean() for k in some])
        error = np.array([change[mine][where == k].std() / np.sqrt((where == k).sum()) for k in some])
        at = np.array([middle[mine][where == k].mean() for k in some])
        at, means, error = at * scale, means * high, error * high
        axes.errorbar(at, means, error, fmt="o", color=color, mfc="white", ms=5, label=f"{name}: means")
        near = max(4 * np.abs(mean).max() * high, 1.2 * (np.abs(means) + error).max(initial=0.0))
        tall = max(tall, float(min((np.abs(mean).max() + 1.5 * whole.max()) * high, near)))
    axes.axhline(0, color="0.6", lw=0.8)
    called = "pulse as the device takes it" if fit.conditions else "pulse"
    of = "relative to it" if logarithmic else unit
    axes.set(xlabel=f"conductance, mean of both readings ({unit})", ylabel=f"change by one {called} ({of})")
    if logarithmic:
        axes.set_xscale("log")
    axes.set_ylim(-tall * (not device.one_sided or device.read_noise.on), tall)
    legend_above(axes, columns=2, fontsize=9)


def _draw_levels(axes: Axes, fit: Fit, pulses: Pulses) -> None:
    """Draw how often each conductance was read after pulses up and down, under the levels of the device."""
    scale, unit = conductance_scale(fit.device)
    edges = np.linspace(*pulses.range, 61) * scale
    for sign, color, name in ((1, UP, "up"), (-1, DOWN, "down")):
        mine = pulses.polarity == sign
        if mine.any():
            p = getattr(fit.device, f"probability_{name}")
            label = f"after {name} pulses; they switch with {p:.3g}"
            axes.hist(pulses.after[mine] * scale, edges.tolist(), color=color, alpha=0.5, label=label)
    for level in (fit.device.g_min, fit.device.g_max):
        axes.axvline(level * scale, color=BLACK, lw=1, ls=":")
    axes.set(xlabel=f"conductance ({unit}); dotted: levels of the device", ylabel="readings", yscale="log")
    legend_above(axes, fontsize=9)


def _draw_errors(axes: Axes, fit: Fit, pulses: Pulses) -> None:
    z = standardised(fit, pulses)
    edges = np.linspace(-5, 5, 51)
    axes.hist(z.clip(-5, 5), edges.tolist(), density=True, color=BLUE, alpha=0.5, label="forecasts of readings")
    axes.plot(edges, np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi), color=BLACK, lw=1.5, label="normal")
    unit = "expected deviations" if fit.tails is None and fit.jumps is None else "deviations of a normal number as rare"
    axes.set(xlabel=f"error of a forecast, in {unit}", ylabel="density", yscale="log", ylim=(1e-4, 1))
    legend_above(axes, fontsize=9)


def _draw_laws(axes: Axes, candidates: Sequence[Candidate]) -> None:
    """Draw how much worse the others are, in the measure by which the best was chosen."""
    held = candidates[0].held_out is not None
    score = [(c.held_out if held else -c.bic) or 0.0 for c in candidates]
    worse = np.array([score[0] - one for one in score])
    axes.barh(range(len(candidates)), worse, color=[BLUE] + [NEUTRAL] * (len(candidates) - 1))
    names = [f"{c.fit.family.name}{' (at its limit)' * c.strained}" for c in candidates]
    axes.set_yticks(range(len(candidates)), names, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("ln L a pulse of devices held out, below the best" if held else "BIC, above that of the best")
