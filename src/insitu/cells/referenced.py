"""One device a weight, read against a reference that is a device too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from insitu.cells.encoding import LinearMap
from insitu.cells.pair import DifferentialPair
from insitu.devices.base import Device
from insitu.errors import InputError, suggest

Reference = Literal["cell", "column"]


@dataclass(frozen=True, kw_only=True)
class ReferencedDevice(DifferentialPair):
    """weight = 2 w_max (g - g_ref) / (g_max - g_min); training never pulses the reference.

    A reference is a real cell in the middle of its range: it has its own spread, loses in its wires what its neighbour
    loses, and leaks and drifts as it does, which cancels the common part.

    Parameters
    ----------
    reference : "cell", one for all rows of a column (S. Ambrogio et al., Nature 558, 60 (2018): g minus g_shared), so that
        what is wrong with it is wrong with all weights of the column; or "column", a cell beside each cell, as in a column of
        references, of which the errors are apart and average out in a sum.
        The noise of a read is drawn for each row either way.
    """

    reference: Reference = "cell"
    reach: ClassVar[float] = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reference not in get_args(Reference):
            raise InputError(f"reference: got {self.reference!r}; {suggest(str(self.reference), get_args(Reference))}")

    def map(self, device: Device) -> LinearMap:
        """Return how the nominal device and its reference make a weight."""
        gain = 2 * self.w_max / (device.g_max - device.g_min)
        return LinearMap(np.array([gain, -gain]), np.array([1, 0], np.int8), 0.0)

    def encode(self, weights: NDArray[np.floating], device: Device) -> NDArray[np.float64]:
        """Return the conductances (2, ...), S: the reference in the middle of the range."""
        middle = np.full(np.shape(weights), (device.g_min + device.g_max) / 2)
        return np.stack([middle + np.clip(weights, self.w_min, self.w_max) / self.map(device).gains[0], middle])
