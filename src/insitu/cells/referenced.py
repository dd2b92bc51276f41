"""One device a weight, read against a reference device that its column shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from insitu.cells.encoding import LinearMap
from insitu.cells.pair import DifferentialPair
from insitu.devices.base import Device


@dataclass(frozen=True, kw_only=True)
class ReferencedDevice(DifferentialPair):
    """weight = 2 w_max (g - g_ref) / (g_max - g_min); training never pulses the reference, one device a column.

    The reference is a real cell: it has its own spread, and it leaks as the others do, which cancels the common part of
    the leak (S. Ambrogio et al., Nature 558, 60 (2018): g minus g_shared).
    """

    reach: ClassVar[float] = 0.5

    def map(self, device: Device) -> LinearMap:
        """Return how the nominal device and its reference make a weight."""
        gain = 2 * self.w_max / (device.g_max - device.g_min)
        return LinearMap(np.array([gain, -gain]), np.array([1, 0], np.int8), 0.0)

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductances (2, ...), S: the reference in the middle of the range."""
        middle = np.full(np.shape(weights), (device.g_min + device.g_max) / 2)
        return np.stack([middle + np.clip(weights, self.w_min, self.w_max) / self.map(device).gains[0], middle])
