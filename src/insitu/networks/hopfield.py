"""Binary units of +1 and -1, updated block by block until none changes (the asynchronous rule of a Hopfield chip)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.errors import InputError, require_between, require_whole
from insitu.random import Stream, uniform
from insitu.schemes import Weights


class Settled(NamedTuple):
    """Where a recall ended."""

    states: Floats  #: (batch, units) of +1 and -1
    sweeps: int  #: over all units, of the slowest example
    settled: NDArray[np.bool_]  #: (batch,) whether an example went through a whole sweep without a change


@dataclass(frozen=True, kw_only=True)
class BinaryRule:
    """How binary units are updated: ``s_i = sign(sum_j w_ij s_j + drive x_i + hysteresis s_i)``, 0 keeps its state.

    Parameters
    ----------
    blocks : parts into which the units are divided at random in every sweep; the units of a part are updated together,
        from one read. 5 blocks of 12 for 60 units, as in the control code of the HPE chip.
    sweeps : limit; a recall ends when a sweep changes nothing.
    drive : in units of weight, of the input x that goes on driving its own unit during recall; 0: x is only the start.
    hysteresis : (first sweep, last sweep), in units of weight; in between it moves linearly. Negative values make units
        flip easily, so (-1, 1) anneals.
    """

    blocks: int = 5
    sweeps: int = 12
    drive: float = 1.0
    hysteresis: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        require_whole("blocks", self.blocks, 1)
        require_whole("sweeps", self.sweeps, 1)
        require_between("drive", self.drive, 0, 1000, optional=False)
        for value in self.hysteresis:
            require_between("hysteresis", value, -1000, 1000, optional=False)


def recall(
    weights: Weights | NDArray[np.floating],
    start: Floats,
    rule: BinaryRule,
    *,
    numbers: NDArray[np.uint64] | None = None,
    seed: int = 0,
    time: int = 0,
    record: list[float] | None = None,
) -> Settled:
    """Let states settle from ``start`` (batch, units).

    Parameters
    ----------
    weights : (units, units) on a crossbar, or plain numbers for a comparison in software.
    numbers : (batch,) of the examples, the address of the noise of their reads; None is for plain numbers.
    seed, time : address of the random order of the units: the order is that of all examples alike.
    record : gets the mean energy after every sweep.
    """
    from insitu.kernels.settling import decide

    chip = weights if isinstance(weights, Weights) else None
    matrix = weights.values if isinstance(weights, Weights) else np.asarray(weights, np.float32)
    start = start.astype(np.float32)
    states, units, drive = start.copy(), start.shape[1], np.float32(rule.drive)
    if rule.blocks > units:
        raise InputError(f"blocks: got {rule.blocks}; there are only {units} units to divide")
    edges = np.linspace(0, units, rule.blocks + 1).astype(int).tolist()
    orders = uniform(seed, Stream.ORDER, rule.sweeps * units, time).reshape(rule.sweeps, units).argsort(axis=1)
    noise = chip.spread_of_binary() if chip is not None else np.zeros(units, np.float32)
    active, sweep = np.arange(len(states)), 0
    first, last = rule.hysteresis
    for sweep, order in enumerate(orders, 1):
        hold = np.float32(first + (last - first) * (sweep - 1) / max(rule.sweeps - 1, 1))
        s, x = states[active][:, order], start[active][:, order]
        ordered, spread = matrix[order][:, order], noise[order][None]
        before = s.copy()
        for block, (begin, end) in enumerate(itertools.pairwise(edges)):
            part = slice(begin, end)
            of = ordered[:, part]
            u = s @ of
            if chip is not None:
                assert numbers is not None
                chip.heard_binary(
                    u, s, order, part, spread[:, part], numbers[active], rule.blocks * (sweep - 1) + block
                )
            decide(u, s, x, begin, drive, hold)
        states[active[:, None], order] = s
        if record is not None:
            record.append(float(energy(matrix, states, start, rule.drive).mean()))
        changed = (s != before).any(axis=1)
        if first == last or sweep == rule.sweeps:  # while annealing, a quiet sweep is not the end
            active = active[changed]
        if not active.size:
            break
    settled = np.ones(len(states), bool)
    settled[active] = False
    return Settled(states, sweep, settled)


def energy(matrix: NDArray[np.floating], states: Floats, start: Floats, drive: float) -> NDArray[np.float64]:
    """Return ``-1/2 s^T W s - drive x s`` of each example (batch,)."""
    pairs = np.sum((states @ matrix) * states, axis=1, dtype=float)
    return np.asarray(-pairs / 2 - drive * np.sum(start * states, axis=1, dtype=float))
