"""The options of a closed loop: pulses, a look, pulses again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from insitu.arrays.growing import growth_of
from insitu.cells import Encoding
from insitu.devices.base import Device, parameters
from insitu.devices.response import mean_change
from insitu.errors import InputError, require_between, require_bools, require_whole

_USABLE = 0.25  # a device counts as used up where its mean SET step has fallen to this part of the first


@dataclass(frozen=True, kw_only=True)
class ClosedLoop:
    """Write and verify (closed-loop tuning, CLT), or one write without a look.

    Parameters
    ----------
    tolerance : error that a verify accepts, as a fraction of the range of weights that the array holds; None writes exactly,
        as an ideal array would.
    iterations : most rounds of pulses a weight.
    burst : most pulses between two verifies; their number is in proportion to the error.
    blind : RESET every weight and send as many pulses as its mean response asks for, once, without verify; for one-sided
        devices.
    fresh : RESET one-sided devices first, whatever they hold.
    floor : a one-sided pair whose target is smaller, in units of weight, is only RESET.
    growth : by which the amplitude of pulses grows from turn to turn of a write, V (incremental step pulse programming,
        ISPP): in turn k = 0, 1, ... it is ``V0 + k growth``, and steps are those of such pulses, see
        :class:`insitu.devices.pulse.Pulse`. It begins again at V0 where the error changes its sign, and after a RESET, whose
        own amplitude stays. 0 is equal pulses.
    max_volts : largest amplitude, V; None is ten times V0. Beyond what was measured on the device, it is said.

    References
    ----------
    US patent 11,436,479 (pulse duration in proportion to the error, matched weights skipped); the knobs are those that
    G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018) study. The values are ours. Growing pulses: K.-D. Suh et al.,
    IEEE J. Solid-State Circuits 30, 1149 (1995), doi 10.1109/4.475701, of flash memory; that they begin again at V0 is ours.
    """

    tolerance: float | None = 0.02
    iterations: int = 10
    burst: int = 5
    blind: bool = False
    fresh: bool = False
    floor: float = 0.0
    growth: float = 0.0
    max_volts: float | None = None

    def __post_init__(self) -> None:
        require_between("closed_loop.tolerance", self.tolerance, 0, 1)
        require_whole("closed_loop.iterations", self.iterations, 1, 10_000)
        require_whole("closed_loop.burst", self.burst, 1, 10_000)
        require_bools(self, ("blind", "fresh"), "closed_loop.")
        require_between("closed_loop.floor", self.floor, 0, 1e6, optional=False)
        require_between("closed_loop.growth", self.growth, 0, 10, unit="V", optional=False)
        require_between("closed_loop.max_volts", self.max_volts, 0.01, 10_000, unit="V")
        if self.growth and (self.blind or self.tolerance is None):
            how = "blind=True sends one burst" if self.blind else "tolerance=None writes exactly"
            raise InputError(
                f"closed_loop.growth: got {self.growth:g} V, but {how}, without turns; allowed is 0, or a tolerance"
            )
        if self.max_volts is not None and not self.growth:
            raise InputError(
                f"closed_loop.max_volts: got {self.max_volts:g} V, but pulses do not grow; set closed_loop.growth too"
            )

    def require(self, device: Device, encoding: Encoding) -> None:
        """Raise InputError if cells of this device cannot be written in this way."""
        growth_of(self.growth, self.max_volts, device, encoding)
        if self.blind and not device.one_sided:
            raise InputError(
                f"closed_loop.blind: {type(device).__name__} has no RESET to start from; allowed is blind=False, which looks"
            )

    def idle(self, device: Device, encoding: Encoding) -> dict[str, str]:
        """Return the fields that do nothing in a write of cells of this device, and why."""
        name, law = type(device).__name__, device.programming.error_sd is not None and not encoding.digital
        exact, turns = self.tolerance is None, ("iterations", "burst", "fresh", "floor")
        for there, names, why in (
            (encoding.digital, ("tolerance", *turns[1:]), "a code of bits is written, and verified, as a whole"),
            (exact, (*turns, "blind"), "closed_loop.tolerance is None, which writes exactly, without turns"),
            (
                law,
                ("tolerance", *turns, "blind"),
                f"this {name} is written by a law (programming.error_sd), without turns",
            ),
            (self.blind, ("tolerance", *turns), "closed_loop.blind is True, which sends one burst and does not look"),
            (not device.one_sided, turns[2:], f"the cells of this {name} move both ways, and are not RESET"),
        ):
            if there:
                return dict.fromkeys(names, why)
        return {}

    def tolerance_of(self, encoding: Encoding) -> float:
        """Return the tolerance in units of weight."""
        return (self.tolerance or 0.0) * (encoding.w_max - encoding.w_min)


@lru_cache(maxsize=64)
def usable_top(device: Device) -> float:
    """Return the conductance of the nominal cell, S, at which its mean SET step has fallen to a quarter of the first."""
    p = parameters(device)
    grid = np.linspace(p.g_min, p.g_max, 257)
    steps = np.array([mean_change(device, p, g, 1) for g in grid.tolist()])
    below = np.flatnonzero(steps < _USABLE * steps[0])
    return float(grid[below[0]]) if below.size else float(p.g_max)
