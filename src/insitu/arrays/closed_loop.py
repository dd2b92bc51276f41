"""The options of a closed loop: pulses, a look, pulses again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from insitu.cells import Encoding
from insitu.devices.base import Device, parameters
from insitu.devices.response import mean_change
from insitu.errors import InputError, require_between, require_whole

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

    References
    ----------
    US patent 11,436,479 (pulse duration in proportion to the error, matched weights skipped); the knobs are those that
    G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018) study. The values are ours.
    """

    tolerance: float | None = 0.02
    iterations: int = 10
    burst: int = 5
    blind: bool = False
    fresh: bool = False
    floor: float = 0.0

    def __post_init__(self) -> None:
        require_between("closed_loop.tolerance", self.tolerance, 0, 1)
        require_whole("closed_loop.iterations", self.iterations, 1, 10_000)
        require_whole("closed_loop.burst", self.burst, 1, 10_000)
        require_between("closed_loop.floor", self.floor, 0, 1e6, optional=False)

    def require(self, device: Device) -> None:
        """Raise InputError if cells of this device cannot be written in this way."""
        if self.blind and not device.one_sided:
            raise InputError(
                f"closed_loop.blind: {type(device).__name__} has no RESET to start from; allowed is blind=False, which looks"
            )
        if device.one_sided and self.tolerance is not None and not _resets(device):
            raise InputError(
                f"device: a RESET of {type(device).__name__}, which only rises gradually, leaves more than half of its "
                "range, so it cannot be written again; allowed is one whose step(g, -1, ...) leads near to g_min"
            )

    def tolerance_of(self, encoding: Encoding) -> float:
        """Return the tolerance in units of weight."""
        return (self.tolerance or 0.0) * (encoding.w_max - encoding.w_min)


def _resets(device: Device) -> bool:
    """Return whether a mean pulse down from the top takes away half of the range."""
    return mean_change(device, parameters(device), device.g_max, -1) <= -0.5 * (device.g_max - device.g_min)


@lru_cache(maxsize=64)
def usable_top(device: Device) -> float:
    """Return the conductance of the nominal cell, S, at which its mean SET step has fallen to a quarter of the first."""
    p = parameters(device)
    grid = np.linspace(p.g_min, p.g_max, 257)
    steps = np.array([mean_change(device, p, g, 1) for g in grid.tolist()])
    below = np.flatnonzero(steps < _USABLE * steps[0])
    return float(grid[below[0]]) if below.size else float(p.g_max)
