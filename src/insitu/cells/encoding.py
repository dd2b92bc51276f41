"""What an encoding is: how many devices make a weight, and how their conductances add up to it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device


class LinearMap(NamedTuple):
    """weight = offset + sum over planes of gains[p] * g[p].

    ``signs[p]`` is the polarity of the pulse on plane p that raises the weight; 0 is a reference, which takes no pulse and is
    one cell for all rows of a column, unless the encoding has a ``reference`` that is "column".
    """

    gains: NDArray[np.float64]  #: (planes,) 1/S
    signs: NDArray[np.int8]  #: (planes,)
    offset: float


class Encoding(Protocol):
    """A weight encoding: frozen, and blind to what the network is for."""

    digital: ClassVar[bool]

    @property
    def planes(self) -> int:
        """Devices a weight."""

    @property
    def w_min(self) -> float:
        """Lowest weight."""

    @property
    def w_max(self) -> float:
        """Highest weight."""

    def map(self, device: Device) -> LinearMap:
        """Return how the nominal device's conductances make a weight."""

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductances (planes, ...) of the nominal device, S, that hold weights of shape (...)."""
