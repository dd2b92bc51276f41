"""Transfer: what training wrote into the least significant array moves into the more significant ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.crossbar import Crossbar
from insitu.arrays.stack import Stack
from insitu.devices.base import parameters
from insitu.devices.response import mean_change
from insitu.errors import InputError, require_between, require_whole
from insitu.random import Stream, normal, uniform

Inversion = Literal["array", "rows"]

_USABLE = 0.25  # a device counts as saturated where its mean SET step has fallen to this part of the first


@dataclass(frozen=True, kw_only=True)
class ClosedLoop:
    """Write and verify (closed-loop tuning, CLT), or one write without a look.

    Parameters
    ----------
    tolerance : error that a verify accepts, in units of weight; None writes exactly, as an ideal array would.
    iterations : most rounds of pulses a weight.
    burst : most pulses between two verifies; their number is in proportion to the error.
    blind : RESET every weight and send as many pulses as its mean response asks for, once, without verify.

    References
    ----------
    US patent 11,436,479 (pulse duration in proportion to the error, matched weights skipped); the knobs are those that
    G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018) study. The values are ours.
    """

    tolerance: float | None = 0.03
    iterations: int = 10
    burst: int = 5
    blind: bool = False

    def __post_init__(self) -> None:
        require_between("closed_loop.tolerance", self.tolerance, 0, 1e6)
        require_whole("closed_loop.iterations", self.iterations, 1, 10_000)
        require_whole("closed_loop.burst", self.burst, 1, 10_000)


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """When and how weights are carried to the more significant arrays.

    Parameters
    ----------
    every : images between two transfers.
    closed_loop : how the more significant arrays are written.
    inversion : swap the polarity of the least significant array, of all rows at every transfer ("array") or of each row
        with ``probability`` ("rows"); None never. A step that is larger up than down then errs in both directions alike.
    probability : see ``inversion``.
    offset : weight by which the more significant part is written low, so that the least significant one has room upward.
    groups : transfer the rows in that many groups, one after the other, evenly over the interval; 1 is all at once.
    charge_cv : error of a charge, relative to the range of a cell; None is exact. The least significant cells are charged
        through their transmission gate to what the others miss.
    pulses : whether what the others miss is written by blind pulses instead, for cells that cannot be charged.

    References
    ----------
    S. Ambrogio et al., Nature 558, 60 (2018), Extended Data Fig. 9: target = W - offset - zero point, at every 8,000
    images. Inversion: US patents 11,074,499 and 11,915,132. Row-wise random chopping: M. Rasch et al., Nat. Commun. 15
    (2024), s41467-024-51221-z.
    """

    every: int = 8000
    closed_loop: ClosedLoop = field(default_factory=ClosedLoop)
    inversion: Inversion | None = "array"
    probability: float = 0.5
    offset: float = 0.0
    groups: int = 1
    charge_cv: float | None = None
    pulses: bool = False

    def __post_init__(self) -> None:
        require_whole("transfer.every", self.every, 1)
        require_whole("transfer.groups", self.groups, 1, self.every)
        require_between("transfer.offset", self.offset, 0, 1e3, optional=False)
        require_between("transfer.probability", self.probability, 0, 1, optional=False)
        require_between("transfer.charge_cv", self.charge_cv, 0, 1)
        if self.inversion not in (None, "array", "rows"):
            raise InputError(f"transfer.inversion: got {self.inversion!r}; allowed is 'array', 'rows' or None")


@dataclass(frozen=True)
class Outcome:
    """What a transfer did; outcomes add.

    Parameters
    ----------
    weights : transferred. resets : devices that were RESET.
    missed : weights that the closed loop left outside its tolerance.
    clipped : weights of which a part was lost, because it did not fit into the least significant cell.
    """

    weights: int = 0
    resets: int = 0
    missed: int = 0
    clipped: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def warning(self) -> str | None:
        """What to say if more than a few weights lost a part: at least 0.1 % of them."""
        if self.clipped < 1e-3 * self.weights or not self.clipped:
            return None
        return (
            f"{100 * self.clipped / self.weights:.2g} % of the weights lost a part when they were written: it is beyond the "
            "range of the devices; change the gain of the MSP, lower the unit (S of a weight of 1), or transfer sooner"
        )


def transfer(stack: Stack, how: Transfer, number: int, rows: NDArray[np.intp] | None = None) -> Outcome:
    """Carry the weights of some rows (all if None) from the least significant array to the others.

    W is kept in the periphery; the least significant cells are charged to their middle, the polarity is inverted, the
    others are tuned to ``W - zero - s offset`` (zero: what the charged cells amount to, s: the polarity), most
    significant first, and what is still missing goes back to the least significant cells.

    Parameters
    ----------
    number : of this transfer; its random numbers depend on it.
    """
    rows = np.arange(stack.lowest.rows) if rows is None else rows
    wanted = stack.weights[rows].copy()
    return load_weights(stack, wanted, how, number, rows)


def load_weights(
    stack: Stack, wanted: NDArray[np.float32], how: Transfer, number: int, rows: NDArray[np.intp] | None = None
) -> Outcome:
    """Write weights (rows, columns) that the periphery holds into all levels of a stack; see :func:`transfer`."""
    low = stack.lowest
    rows = np.arange(low.rows) if rows is None else rows
    if how.inversion == "array":
        low.chop[rows] *= -1
    elif how.inversion == "rows":
        u = uniform(low.seed, Stream.CHOP + 16 * low.index, low.rows, number)[rows]
        low.chop[rows[u < how.probability]] *= -1
    sign = low.chop[rows, None]
    if how.pulses:
        part = low.part[rows]
        zero = np.zeros_like(part)
    else:
        low.charge(rows)
        part = zero = low.part[rows]
    outcome = Outcome(weights=wanted.size)
    missing = wanted - sign * (zero + np.float32(how.offset))
    for level in stack.levels[:-1]:
        missed, resets = _tune(level, missing, how, number, rows)
        outcome += Outcome(missed=missed, resets=resets)
        missing = missing - level.weights[rows]
    stack.refresh()
    rest = sign * (wanted - low.base[rows])  # what the least significant part has to be
    if how.pulses:
        pulses = np.zeros((low.columns, low.rows), np.int64)
        pulses[:, rows] = np.rint((rest - part) / nominal_step(low)).T
        low.compiled("transfer").blind(low.state, rows, pulses, low.counts)
        clipped = 0
    else:
        clipped = _charge(low, rest, part, how, number, rows)
    return outcome + Outcome(clipped=clipped)


def _tune(
    level: Crossbar, wanted: NDArray[np.float32], how: Transfer, number: int, rows: NDArray[np.intp]
) -> tuple[int, int]:
    """Write ``wanted`` (rows, columns) into some rows of an array; return weights missed and devices RESET."""
    loop = how.closed_loop
    if loop.tolerance is None:
        exact = level.weights.copy()
        exact[rows] = wanted
        level.set_weights(exact)
        return 0, 0
    if loop.blind and not level.device.one_sided:
        raise InputError(
            f"closed_loop.blind: {type(level.device).__name__} has no RESET from which a blind write could start; allowed is "
            "a one-sided device, or blind = False"
        )
    targets = np.zeros((level.columns, level.rows), np.float32)
    targets[:, rows] = wanted.T
    tally = np.zeros(2, np.int64)
    options = _options(level, loop, number, how.offset)
    level.compiled("transfer").closed_loop(level.state, rows, targets, options, level.counts, tally)
    return int(tally[0]), int(tally[1])


def _options(array: Crossbar, loop: ClosedLoop, number: int, floor: float = 0.0) -> NDArray[np.float64]:
    """Return what the kernels want to know about closed-loop tuning, in the order of insitu.kernels.transfer."""
    device, tolerance = array.device, 0.0 if loop.tolerance is None else loop.tolerance
    hint = f"{type(device).__name__} holds weights of up to so much here"
    require_between("closed_loop.tolerance", tolerance, 0, array.encoding.w_max, hint=hint)
    if device.one_sided and mean_change(device, parameters(device), device.g_max, -1) > -0.5 * device.step_down:
        raise InputError(
            f"{type(device).__name__}: a RESET leaves more than half of its range; a device that cannot be RESET cannot "
            "be transferred to; allowed is one whose step(g, -1, ...) leads near to g_min"
        )
    noise, rounds = device.read_noise, (tolerance, loop.iterations, 10_000 if loop.blind else loop.burst)
    read = (noise.cv or 0.0, noise.sd or 0.0, float(number) * (loop.iterations + 1))
    return np.array([*rounds, usable_top(array), floor, float(loop.blind), *read])


def refresh_pairs(array: Crossbar, loop: ClosedLoop, number: int) -> Outcome:
    """RESET the pairs of one-sided devices that are about to saturate, and write their difference anew.

    A pair is due when one device is above 3/4 and the other above 1/4 of what is usable (the rule of the PCM unit cell of
    aihwkit); without it, training on a pair comes to a stop (G. Burr et al., IEEE Trans. Electron Devices 62, 3498 (2015)).
    """
    span = usable_top(array) - array.device.g_min
    used = (array.g - array.device.g_min) / span
    columns, rows = np.nonzero((used.max(axis=0) > 0.75) & (used.min(axis=0) > 0.25))
    targets = array.part[rows, columns].astype(np.float64)
    if loop.tolerance is None:
        low, high = np.broadcast_to(array.cell[:2], (2, *array.g.shape))[:, :, columns, rows]
        array.g[:, columns, rows] = np.clip(array.encoding.encode(targets, array.device), low, high)
        array.stick()
        array.refresh()
        return Outcome(weights=rows.size)
    tally = np.zeros(2, np.int64)
    array.compiled("transfer").rewrite(
        array.state, rows, columns, targets, _options(array, loop, number), array.counts, tally
    )
    return Outcome(weights=rows.size, missed=int(tally[0]), resets=int(tally[1]))


def _charge(
    low: Crossbar,
    rest: NDArray[np.float32],
    part: NDArray[np.float32],
    how: Transfer,
    number: int,
    rows: NDArray[np.intp],
) -> int:
    """Charge the cells of some rows to the part ``rest`` (rows, columns) from ``part``; return how many do not hold it."""
    shift = (rest - part).T[None] * _shares(low)[:, None, None]  # of the conductance of each plane
    if how.charge_cv:
        z = normal(low.seed, Stream.CHARGE + 16 * low.index, low.g.size, number).reshape(low.g.shape)[:, :, rows]
        span = low.device.g_max - low.device.g_min
        shift = shift + (how.charge_cv * span * z * (low.map.signs != 0)[:, None, None]).astype(np.float32)
    limits = np.broadcast_to(low.cell[:2], (2, *low.g.shape))[:, :, :, rows]
    wanted = low.g[:, :, rows] + shift
    if low.device.one_sided:  # one device at g_min, the other above it by the whole part
        wanted = low.encoding.encode(rest.T, low.device).astype(np.float32)
    held = np.clip(wanted, limits[0], limits[1])
    low.g[:, :, rows] = held
    low.stick()
    low.refresh()
    return int((np.abs(held - wanted) > 1e-3 * (limits[1] - limits[0])).any(axis=0).sum())


def _shares(array: Crossbar) -> NDArray[np.float32]:
    """Return by how much to move the conductance of each plane for a change of the part by 1 (planes,), S."""
    moved = array.map.signs != 0
    return (np.sign(array.map.gains) * moved / np.abs(array.map.gains[moved]).sum()).astype(np.float32)


def usable_top(array: Crossbar) -> float:
    """Return the conductance of the nominal cell, S, at which its mean SET step has fallen to a quarter of the first."""
    p = parameters(array.device)
    grid = np.linspace(p.g_min, p.g_max, 257)
    steps = np.array([mean_change(array.device, p, g, 1) for g in grid.tolist()])
    below = np.flatnonzero(steps < _USABLE * steps[0])
    return float(grid[below[0]]) if below.size else float(p.g_max)


def nominal_step(array: Crossbar) -> float:
    """Return the mean change of a weight by one pulse, up and down, from where a weight of 0 has its cells."""
    p, device = parameters(array.device), array.device
    g = array.encoding.encode(np.zeros(1), device)[:, 0]
    total = 0.0
    for gain, sign, at in zip(array.map.gains, array.map.signs, g.tolist(), strict=True):
        for polarity in (1, -1):
            if sign != 0 and not (device.one_sided and polarity < 0):
                total += abs(gain * mean_change(device, p, at, polarity))
    step = total / 2  # of a one-sided pair, one device goes up for either direction of the weight
    if not step > 0:
        raise InputError(f"{type(device).__name__}: a pulse does not move the cell from the middle of its range")
    return step
