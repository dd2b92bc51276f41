"""One device a weight, read against a fixed reference current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from insitu.cells.encoding import LinearMap
from insitu.devices.base import Device
from insitu.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SingleDevice:
    """weight = w_min + (w_max - w_min) (g - g_min) / (g_max - g_min); the reference is where the weight is 0."""

    w_min: float = -1.0
    w_max: float = 1.0
    digital: ClassVar[bool] = False
    planes: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.w_min < self.w_max:
            raise InputError(f"w_max: got {self.w_max!r}; must be above w_min, which is {self.w_min!r}")

    def map(self, device: Device) -> LinearMap:
        """Return how the nominal device's conductance makes a weight."""
        gain = (self.w_max - self.w_min) / (device.g_max - device.g_min)
        return LinearMap(np.array([gain]), np.array([1], np.int8), self.w_min - gain * device.g_min)

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductance (1, ...) that holds each weight, S."""
        gains, _, offset = self.map(device)
        return np.expand_dims((np.clip(weights, self.w_min, self.w_max) - offset) / gains[0], 0)
