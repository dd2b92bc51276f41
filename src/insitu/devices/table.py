"""The table step: the mean and the scatter of a step straight from measured pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_whole
from insitu.units import si

_PULSES_A_NODE = 5


@dataclass(frozen=True, kw_only=True)
class TableStep(Device):
    """The step is read from a table over the range, with linear interpolation.

    With ``x = (g - g_min) / (g_max - g_min)`` and the tables m(x) (mean) and s(x) (standard deviation)

    ``up: g + step_up (m_up(x) + c2c_cv z s_up(x))``, ``down: g - step_down (m_down(x) + c2c_cv z s_down(x))``.

    Parameters
    ----------
    up, down : mean step at n equally spaced conductances from g_min to g_max, in units of step_up and step_down, each
        at least 0; n >= 2, equal in both.
    up_sd, down_sd : standard deviation of a step, likewise. None means equal to the mean, so that c2c_cv is the
        relative spread as in every other family; with measured deviations, c2c_cv = 1 is the cell as measured.

    References
    ----------
    A conductance change looked up by state is the "jump-table" of S. Sidler et al., "Large-scale neural networks
    implemented with non-volatile memory as the synaptic weight element: impact of conductance response", ESSDERC
    (2016), which tabulates the whole distribution; here mean and standard deviation.
    """

    up: tuple[float, ...]
    down: tuple[float, ...]
    up_sd: tuple[float, ...] | None = None
    down_sd: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, default in (("up", None), ("down", None), ("up_sd", self.up), ("down_sd", self.down)):
            table = default if getattr(self, name) is None else getattr(self, name)
            if not isinstance(table, tuple | list) or len(table) != len(self.up) or len(table) < 2:
                raise InputError(f"{name}: got {table!r}; allowed is a tuple of at least 2 numbers, as many as in up")
            for i, value in enumerate(table):
                require_between(f"{name}[{i}]", value, 0, 1e6)
            object.__setattr__(self, name, tuple(map(float, table)))

    @staticmethod
    def step(g: float, polarity: int, p: Any, z: float) -> float:
        """Return the conductance after one pulse, S."""
        last = len(p.up) - 1
        u = max((g - p.g_min) / (p.g_max - p.g_min), 0.0) * last
        i = min(int(u), last - 1)
        right = u - i
        left = 1.0 - right
        noise = p.c2c_cv * z
        # both directions are read, so that the compiled loop has no branch
        up = left * (p.up[i] + noise * p.up_sd[i]) + right * (p.up[i + 1] + noise * p.up_sd[i + 1])
        down = left * (p.down[i] + noise * p.down_sd[i]) + right * (p.down[i + 1] + noise * p.down_sd[i + 1])
        change: float = p.step_up * up if polarity > 0 else -p.step_down * down
        return g + change

    @classmethod
    def from_pulses(
        cls, g_before: ArrayLike, g_after: ArrayLike, polarity: ArrayLike, *, nodes: int = 16, **fields: Any
    ) -> TableStep:
        """Build the table from measured pulses by means and standard deviations in bins of conductance.

        A pulse is binned by the middle of its two readings, not by the first: read noise would otherwise make every
        high reading look like the start of a fall. The mean of a bin is placed at its mean conductance before the pulse
        and interpolated to the nodes. Read noise does count into the standard deviations. A mean of the wrong sign
        within three standard errors of zero becomes 0; where noise hides the mean like this, take fewer nodes.

        Parameters
        ----------
        g_before, g_after : (n,) conductance read before and after each pulse, S.
        polarity : (n,) +1 for up, -1 for down pulses.
        nodes : conductances in the table, from g_min to g_max; each wants at least 5 pulses of either polarity.
        **fields : other fields of the device; g_min and g_max default to the extremes of the readings, c2c_cv to 1.

        Raises
        ------
        InputError
            On unequal shapes, readings that are not finite, polarities other than +1 and -1, too few pulses, or a mean
            step that clearly goes the wrong way.
        """
        values, grid, steps = binned_steps(g_before, g_after, polarity, nodes, fields)
        for name, (where, bins) in steps.items():
            mean = np.interp(grid, where, np.array([step.mean() for step in bins]).clip(0))
            sd = np.interp(grid, where, [step.std(ddof=1) for step in bins])
            scale = float(mean.mean())
            values |= {f"step_{name}": scale, name: tuple(mean / scale), f"{name}_sd": tuple(sd / scale)}
        return cls(**values)


#: of one direction: mean conductances before the pulse of its bins (b,), rising, and the steps of each bin
Bins = tuple[NDArray[np.float64], list[NDArray[np.float64]]]


def binned_steps(
    g_before: ArrayLike, g_after: ArrayLike, polarity: ArrayLike, nodes: int, fields: dict[str, Any]
) -> tuple[dict[str, Any], NDArray[np.float64], dict[str, Bins]]:
    """Return checked pulses by conductance, for a device that is a table: see :meth:`TableStep.from_pulses`.

    Returns
    -------
    The fields of the device, with the range that they or else the readings give; the conductances of the nodes
    (nodes,), S; and under ``up`` and ``down`` the bins, with steps in S, positive in the direction of the pulse.
    """
    before, after, sign = checked_pulses(g_before, g_after, polarity)
    require_whole("nodes", nodes, 2, 256)
    for name, direction in (("up", 1), ("down", -1)):
        count, wanted = int((sign == direction).sum()), _PULSES_A_NODE * nodes
        if count < wanted:
            raise InputError(
                f"polarity: {count} {name} pulses are too few for {nodes} nodes; measure {wanted} or lower nodes"
            )
    both = np.concatenate([before, after])
    values: dict[str, Any] = {"g_min": float(both.min()), "g_max": float(both.max()), "c2c_cv": 1.0} | fields
    if not values["g_min"] < values["g_max"]:
        raise InputError(f"g_before, g_after: the range from {values['g_min']:g} S to {values['g_max']:g} S is empty")
    grid = np.linspace(values["g_min"], values["g_max"], nodes)
    steps = {}
    for name, direction in (("up", 1), ("down", -1)):
        chosen = sign == direction
        steps[name] = _binned(before[chosen], direction * (after - before)[chosen], grid, direction)
        if not any(step.mean() > 0 for step in steps[name][1]):
            raise InputError(f"polarity: the {name} pulses do not move the conductance; a table needs steps")
    return values, grid, steps


def checked_pulses(
    g_before: ArrayLike, g_after: ArrayLike, polarity: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return readings before and after pulses, S, and polarities, each (n,); InputError if they are none."""
    try:
        before, after, sign = (np.asarray(a, np.float64) for a in (g_before, g_after, polarity))
    except (TypeError, ValueError) as error:
        raise InputError(f"g_before, g_after, polarity: allowed are arrays of numbers ({error})") from error
    if before.ndim != 1 or not before.shape == after.shape == sign.shape:
        shapes = f"{before.shape}, {after.shape} and {sign.shape}"
        raise InputError(f"g_before, g_after, polarity: got shapes {shapes}; allowed is (n,), one value a pulse")
    for name, values in (("g_before", before), ("g_after", after)):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise InputError(
                f"{name}: {bad.size} readings are not finite, the first at pulse {bad[0]}; remove those pulses"
            )
    if (wrong := sign[~np.isin(sign, (1.0, -1.0))]).size:
        raise InputError(f"polarity: got {wrong[0]:g}; allowed are +1 (up) and -1 (down)")
    return before, after, sign


def _binned(before: NDArray[np.float64], step: NDArray[np.float64], grid: NDArray[np.float64], direction: int) -> Bins:
    """Return the steps, in the direction of the pulse, gathered about the nodes; refuse a mean that goes the wrong way."""
    middle = before + direction * step / 2
    nearest = np.rint((middle - grid[0]) / (grid[1] - grid[0])).clip(0, grid.size - 1).astype(int)
    members = [np.flatnonzero(nearest == k) for k in range(grid.size)]
    members = sorted((b for b in members if b.size >= 3), key=lambda b: float(before[b].mean()))
    where, bins = np.array([before[b].mean() for b in members]), [step[b] for b in members]
    for g, found in zip(where, bins, strict=True):
        mean = found.mean()
        if mean < -3 * found.std(ddof=1) / np.sqrt(found.size) - 1e-12 * grid[-1]:
            name = "up" if direction > 0 else "down"
            raise InputError(
                f"polarity: {name} pulses near {si(g, 'S')} move the conductance by {si(direction * mean, 'S')} on "
                "average, the wrong way; are the polarities swapped?"
            )
    return where, bins
