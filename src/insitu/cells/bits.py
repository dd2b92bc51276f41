"""A digital weight: n binary cells hold the n bits of its code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from insitu.cells.encoding import LinearMap
from insitu.devices.base import Device
from insitu.errors import InputError, require_whole


@dataclass(frozen=True, kw_only=True)
class BitSlices:
    """weight = w_min + code (w_max - w_min) / (2**bits - 1), bit p of the code in plane p; a cell above mid-range reads 1."""

    bits: int = 2
    w_min: float = -1.0
    w_max: float = 1.0
    digital: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_whole("bits", self.bits, 1, 16)
        if not self.w_min < self.w_max:
            raise InputError(f"w_max: got {self.w_max!r}; must be above w_min, which is {self.w_min!r}")

    @property
    def planes(self) -> int:
        """Cells a weight."""
        return self.bits

    def map(self, device: Device) -> LinearMap:
        """Return the place values of the bits, as gains of cells that are either at g_min or at g_max."""
        span = (self.w_max - self.w_min) / ((2**self.bits - 1) * (device.g_max - device.g_min))
        gains = span * 2.0 ** np.arange(self.bits)
        return LinearMap(gains, np.ones(self.bits, np.int8), self.w_min)

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductances (bits, ...), S, of the nearest code."""
        unit = (np.clip(weights, self.w_min, self.w_max) - self.w_min) / (self.w_max - self.w_min)
        code = np.rint(unit * (2**self.bits - 1)).astype(np.int64)
        planes = np.stack([(code >> p) & 1 for p in range(self.bits)])
        return np.where(planes, device.g_max, device.g_min)
