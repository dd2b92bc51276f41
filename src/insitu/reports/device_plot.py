"""The pulse response of a device on one picture: conductance over pulses, and step against state."""

from __future__ import annotations

from collections import Counter
from os import PathLike
from pathlib import Path

import numpy as np

from insitu.devices import response
from insitu.devices.base import Device
from insitu.devices.library.parameter_set import ParameterSet
from insitu.devices.switch import StochasticSwitch
from insitu.reports.canvas import BLACK, DOWN, UP, Axes, legend_above, own_style, require_picture, save_as, titled

_CELLS = "#9aa7b1"
_N_CELLS, _CYCLES, _SEED = 12, 3, 1


@own_style()
def plot_pulse_response(parameter_set: ParameterSet, path: str | PathLike[str]) -> Path:
    """Draw how a device answers pulses and write it as a PNG or SVG file.

    Left: conductance over pulses for three cycles of up (LTP) and down (LTD) pulses, each long enough to cross 95 % of
    the range; the nominal cell without noise, and twelve cells with their own d2d spread and c2c noise. Right: change
    of conductance by one pulse against the conductance, mean and c2c band, both directions (of a one-sided cell SET only).

    Parameters
    ----------
    parameter_set : the device with its name and provenance.
    path : where to write, ending in .png or .svg.

    Returns
    -------
    Path of the picture.

    Raises
    ------
    InputError
        If the path ends otherwise.
    RunError
        If the file cannot be written.
    """
    path = Path(path)
    require_picture(path)
    tags = Counter(value.tag for value in parameter_set.provenance.values())
    origin = ", ".join(f"{count} {tag}" for tag, count in tags.items())
    title = f"{parameter_set.name}: {parameter_set.summary}\norigin of its {tags.total()} numbers: {origin}"
    figure, (over_pulses, over_state) = titled(title, 11, 4.6, 1, 2, fontsize=10, width_ratios=(3, 2))
    _draw_response(over_pulses, parameter_set.device)
    _draw_steps(over_state, parameter_set.device)
    return save_as(figure, path)


def conductance_scale(device: Device) -> tuple[float, str]:
    """Return factor and unit in which the conductances of a device are drawn."""
    return (1e6, "µS") if device.g_max >= 1e-7 else (1e9, "nS")


def _draw_response(axes: Axes, device: Device) -> None:
    scale, unit = conductance_scale(device)
    n_up, n_down = (max(4, _pulses_a_half_cycle(device, polarity)) for polarity in (1, -1))
    train = ([1] * n_up + [-1] * n_down) * _CYCLES
    pulse = np.arange(len(train) + 1)
    for cycle in range(_CYCLES):
        start = cycle * (n_up + n_down)
        axes.axvspan(start, start + n_up, color=UP, alpha=0.08, lw=0, label="_" * (cycle > 0) + "up pulses (LTP)")
    scatter = ["c2c"] * device.noisy + ["d2d"] * any(vars(device.spread).values())
    if scatter:
        cells = response.response_samples(device, train, _N_CELLS, _SEED) * scale
        lines = axes.plot(pulse, cells.T, color=_CELLS, lw=0.7, drawstyle="steps-post")
        lines[0].set_label(f"{_N_CELLS} cells, {' and '.join(scatter)}")
    mean = response.mean_response(device, train, device.g_min) * scale
    axes.plot(pulse, mean, color=BLACK, lw=1.8, drawstyle="steps-post", label="nominal cell, noise off")
    for bound in (device.g_min, device.g_max):
        axes.axhline(bound * scale, color="0.6", lw=0.8, ls=":", zorder=0)
    axes.set(xlabel="pulse", ylabel=f"conductance ({unit})", xlim=(0, len(train)))
    legend_above(axes, 3, fontsize=8)


def _pulses_a_half_cycle(device: Device, polarity: int) -> int:
    chance = 1.0
    if isinstance(device, StochasticSwitch):
        chance = max(device.probability_up if polarity > 0 else device.probability_down, 0.01)
    return min(round(response.pulses_to_cross(device, polarity) / chance), 5000)


def _draw_steps(axes: Axes, device: Device) -> None:
    scale, unit = conductance_scale(device)
    levels = device.levels if isinstance(device, StochasticSwitch) else None
    grid = np.linspace(device.g_min, device.g_max, levels or 101)
    lowest, highest = np.inf, 0.0
    directions = ((1, UP, "-", "up (LTP)"), (-1, DOWN, "--", "down (LTD)"))
    for polarity, color, style, name in directions[: 1 if device.one_sided else 2]:  # a RESET is no step
        g = grid[:-1] if levels and polarity > 0 else grid[1:] if levels else grid  # the last level has nowhere to go
        mean, sd = response.step_statistics(device, polarity, g.tolist())
        mean, sd = polarity * mean * scale, sd * scale
        axes.plot(g * scale, mean, style, marker="o" * bool(levels), color=color, lw=1.8, label=f"{name}, mean")
        if sd.any():
            axes.fill_between(g * scale, mean - sd, mean + sd, color=color, alpha=0.18, lw=0, label="± 1 sd, c2c")
        lowest, highest = min([lowest, *mean[mean > 0]]), max([highest, *(mean + sd)])
        small = np.median(mean)
    if 0 < lowest < highest / 50 and small < highest / 20:
        axes.set_yscale("log")
        axes.set_ylim(lowest / 3, highest * 2)
    else:
        axes.set_ylim(0, 1.1 * highest or 1.0)
    balance = response.symmetry_point(device)
    if balance is not None and not levels and not device.one_sided:
        axes.axvline(balance * scale, color="0.4", lw=0.9, ls=":", label=f"balance at {balance * scale:.3g} {unit}")
    axes.set(xlabel=f"conductance before the pulse ({unit})", ylabel=f"size of one step ({unit})")
    margin = 0.03 * (grid[-1] - grid[0])
    axes.set_xlim((grid[0] - margin) * scale, (grid[-1] + margin) * scale)
    legend_above(axes, 3, fontsize=8)
