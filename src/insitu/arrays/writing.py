"""How a controller brings an array to its targets: closed loop, or by pulses of which it expects a mean step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.crossbar import Crossbar
from insitu.cells import Encoding
from insitu.devices.base import Device, parameters
from insitu.devices.response import mean_change
from insitu.errors import InputError, require_between, require_whole


class Writing(Protocol):
    """A frozen way to write."""

    def write(self, array: Crossbar, targets: NDArray[np.float32], written: NDArray[np.float32]) -> int:
        """Bring the array towards its targets; return how many weights were touched.

        Parameters
        ----------
        targets, written : (rows, columns) the wanted weights, and what the controller believes to have written, which
            this updates.
        """


@dataclass(frozen=True, kw_only=True)
class WriteVerify:
    """Closed loop: a weight whose target has left the dead band about its last target is written and verified.

    On a device with a statistical law of programming, and on one without any imperfection, a write puts each cell of the
    weight at ``target + error_sd z`` (:class:`insitu.devices.base.Programming`), z drawn anew at every write. On any other
    device, the weight is pulsed until it reads within ``tolerance`` of its target.

    Parameters
    ----------
    dead_band : of the target of a cell, S; None is the tolerance of the device's own programming, or none.
    tolerance : of a weight, as a fraction of the range of weights, where the loop is carried out pulse by pulse.
    limit : most pulses a weight in such a loop.
    """

    dead_band: float | None = None
    tolerance: float = 0.05
    limit: int = 1000

    def __post_init__(self) -> None:
        require_between("dead_band", self.dead_band, 0, 1, unit="S")
        require_between("tolerance", self.tolerance, 1e-6, 1, optional=False)
        require_whole("limit", self.limit, 1)

    def write(self, array: Crossbar, targets: NDArray[np.float32], written: NDArray[np.float32]) -> int:
        """Write what has left the dead band, see :class:`Writing`."""
        device, encoding = array.device, array.encoding
        low, high = encoding.w_min, encoding.w_max
        law = device.programming
        band = self.dead_band if self.dead_band is not None else law.tolerance or 0.0
        if law.error_sd is None and device != device.without("all"):
            siemens = (device.g_max - device.g_min) / (high - low)
            rows, columns = np.nonzero(np.abs(targets - written) * siemens > band)
            wanted = targets[rows, columns].astype(float)
            room = self.tolerance * (high - low)
            array.kernels.tune_weights(array.state, rows, columns, wanted, room, self.limit, array.counts)
            written[rows, columns] = targets[rows, columns]
            return int(rows.size)
        from insitu.kernels.targets import write_targets

        ends = encoding.encode(np.array([low, high]), device)
        slope = (ends[:, 1] - ends[:, 0]) / (high - low)
        at_zero = ends[:, 0] - slope * low
        error_sd, tries = law.error_sd or 0.0, law.tries or 1
        return int(write_targets(array.state, targets, written, at_zero, slope, band, error_sd, tries, array.counts))


@dataclass(frozen=True, kw_only=True)
class IncrementalPulses:
    """Open loop: as many pulses as the wanted change holds mean steps; what is left waits in the controller.

    Parameters
    ----------
    most : pulses a weight and call; what is wanted beyond that waits too.
    """

    most: int = 10

    def __post_init__(self) -> None:
        require_whole("most", self.most, 1, 10_000)

    def write(self, array: Crossbar, targets: NDArray[np.float32], written: NDArray[np.float32]) -> int:
        """Pulse every weight that is a step or more away, see :class:`Writing`."""
        step = mean_step(array.device, array.encoding)
        pulses = np.trunc((targets - written) / step).astype(np.int64)
        np.clip(pulses, -self.most, self.most, out=pulses)
        rows, columns = np.nonzero(pulses)
        if not rows.size:
            return 0
        number = pulses[rows, columns]
        times = np.abs(number)
        at = [np.repeat(where, times) for where in (rows, columns, np.sign(number))]
        array.kernels.pulse_weights(array.state, *at, array.counts)
        written += (step * pulses).astype(np.float32)
        return int(rows.size)


def mean_step(device: Device, encoding: Encoding) -> float:
    """Return by how much one pulse moves a weight whose devices are in the middle of their range, mean of up and down.

    Raises
    ------
    InputError
        If a pulse in one of the directions does not move the device there.
    """
    gains, signs, _ = encoding.map(device)
    p, middle = parameters(device), (device.g_min + device.g_max) / 2
    moved = {d: abs(mean_change(device, p, middle, d)) for d in (1, -1)}
    for direction, name in ((1, "an up"), (-1, "a down")):
        if not moved[direction] > 1e-9 * (device.g_max - device.g_min):
            raise InputError(
                f"device {type(device).__name__}: {name} pulse does not move it in the middle of its range, so it cannot "
                'be trained by increments; use write.method = "verify"'
            )
    steps = [sum(abs(g) * moved[d * int(s)] for g, s in zip(gains, signs, strict=True) if s) for d in (1, -1)]
    return float(np.mean(steps))
