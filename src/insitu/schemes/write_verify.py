"""Closed loop: a controller keeps targets, and writes and verifies the weights whose target has moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.closed_loop import ClosedLoop
from insitu.errors import InputError, require_between
from insitu.kernels.cache import load
from insitu.schemes.base import Kernels, Scheme

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class WriteVerify(Scheme):
    """A weight whose target has left the dead band about what is known to be written is written and verified.

    On a device with a statistical law of programming, a write puts each cell at ``target + error_sd z``
    (:class:`insitu.devices.base.Programming`), z drawn anew at every write. On any other device the loop is carried out pulse
    by pulse; what its last verify has read is what the controller knows, so that a write that failed is tried again when
    its target has moved on.

    Parameters
    ----------
    dead_band : as a fraction of the range of weights; None is the tolerance of the device's own programming, else that of the
        loop.
    loop : how a weight is tuned pulse by pulse.
    """

    dead_band: float | None = None
    loop: ClosedLoop = field(default_factory=ClosedLoop)
    kept: ClassVar[int] = 3
    uses: ClassVar[tuple[str, ...]] = ("tune",)
    by_law: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("dead_band", self.dead_band, 0, 1)
        if not isinstance(self.loop, ClosedLoop):
            raise InputError(f"loop: got {self.loop!r}; allowed is ClosedLoop(...)")

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        of = load("targets", "write and verify")
        return Kernels(of.update, of.column, of.dense)

    def memory(self, weights: Weights) -> NDArray[np.float32]:
        """Return targets, those that were tried and what was found: the weights as they are."""
        return np.stack([weights.values] * self.kept)

    def aim(self, memory: NDArray[np.float32], values: NDArray[np.float32]) -> None:
        """Make these the targets."""
        memory[0] = values

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the range of targets, the dead band and the closed loop."""
        loop = weights.array.loop(self.loop, 0)
        return [weights.low, weights.high, self.band(weights), *map(float, loop[:-1])]

    def band(self, weights: Weights) -> float:
        """Return the dead band in units of weight."""
        array = weights.array
        law, span = array.device.programming, array.encoding.w_max - array.encoding.w_min
        if self.dead_band is not None:
            return self.dead_band * span
        if array.by_law:
            return (law.tolerance or 0.0) / (array.device.g_max - array.device.g_min) * span
        return self.loop.tolerance_of(array.encoding)
