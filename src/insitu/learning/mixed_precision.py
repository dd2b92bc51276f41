"""Mixed precision: gradients add up in a digital memory, devices hold the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insitu.arrays.stack import Stack
from insitu.arrays.transfer import nominal_step
from insitu.errors import require_between, require_whole
from insitu.learning.methods import Beside, Method, Wiring


@dataclass(frozen=True, kw_only=True)
class MixedPrecision(Method):
    """``chi += rate x d``; where ``|chi| >= epsilon``, ``n = trunc(chi / epsilon)`` blind pulses, ``chi -= n epsilon``.

    chi is a digital memory of the size of the weights, and x d is exact: no row or column fires, the periphery multiplies.
    Nothing verifies what a pulse did, so errors of the devices stay until the gradient notices.

    Parameters
    ----------
    epsilon : weight that a pulse stands for, in mean steps of the device, up and down, from where a weight is 0.
    burst : most pulses a weight and example; the rest waits in chi.

    References
    ----------
    S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020): epsilon is the granularity of the device. The limit of a burst
    is ours: it keeps a network that diverges from pulsing for ever.
    """

    epsilon: float = 1.0
    burst: int = 31

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("mixed_precision.epsilon", self.epsilon, 1e-6, 1e6, optional=False)
        require_whole("mixed_precision.burst", self.burst, 1, 10_000)

    def beside(self, stack: Stack, index: int) -> Beside:
        """Return the digital memory chi."""
        return Beside(np.zeros((stack.lowest.rows, stack.lowest.columns), np.float32))

    def wiring(self, stack: Stack, beside: Beside) -> Wiring:
        """Return what the training loop wants for one layer."""
        low = stack.lowest
        epsilon = self.epsilon * nominal_step(low)
        return Wiring(
            weights=low.weights,
            state=low.state,
            taker=low.state,
            update=low.compiled("accumulate").update,
            carry=None,
            memory=beside.memory,
            vector=lambda rate: [epsilon, float(self.burst)],
        )
