"""Two devices a weight, read as a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from insitu.cells.encoding import LinearMap
from insitu.devices.base import Device
from insitu.errors import InputError


@dataclass(frozen=True, kw_only=True)
class DifferentialPair:
    """weight = w_max (g+ - g-) / (g_max - g_min), pulsed push-pull: up on one device and down on the other."""

    w_max: float = 1.0
    digital: ClassVar[bool] = False
    planes: ClassVar[int] = 2
    reach: ClassVar[float] = 1.0  #: largest weight, in units of the conductance range of a device

    def __post_init__(self) -> None:
        if not self.w_max > 0:
            raise InputError(f"w_max: got {self.w_max!r}; must be above 0")

    @property
    def w_min(self) -> float:
        """Lowest weight."""
        return -self.w_max

    def map(self, device: Device) -> LinearMap:
        """Return how the nominal device's conductances make a weight."""
        gain = self.w_max / (device.g_max - device.g_min)
        return LinearMap(np.array([gain, -gain]), np.array([1, -1], np.int8), 0.0)

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductances (2, ...), S, placed symmetrically about the middle of the range."""
        middle, gain = (device.g_min + device.g_max) / 2, self.map(device).gains[0]
        half = np.clip(weights, self.w_min, self.w_max) / (2 * gain)
        return np.stack([middle + half, middle - half])


@dataclass(frozen=True, kw_only=True)
class OneSidedPair(DifferentialPair):
    """A pair of devices that can only be raised gradually: up on g+ raises the weight, up on g- lowers it.

    The same sum as :class:`DifferentialPair`. A weight starts with one device at g_min; both rise in training, until they
    are RESET and the difference is written anew (:mod:`insitu.schemes.transfer`).
    """

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductances (2, ...), S, of which one is at g_min."""
        span = np.clip(weights, self.w_min, self.w_max) / self.map(device).gains[0]
        return device.g_min + np.stack([np.maximum(span, 0.0), np.maximum(-span, 0.0)])
