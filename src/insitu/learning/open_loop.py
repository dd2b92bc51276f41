"""Open-loop tuning: blind pulses change the weights themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.arrays.stack import Stack
from insitu.arrays.transfer import nominal_step
from insitu.kernels.cache import load
from insitu.learning.backprop import ExactUpdate, Pulses, StochasticPulses
from insitu.learning.methods import Beside, Method, Wiring


@dataclass(frozen=True, kw_only=True)
class OpenLoop(Method):
    """Blind pulses on the least significant devices after every example: ``w += rate x d``, on average.

    With several significances and a transfer now and then this is the method of the 2018 papers; with one it is plain
    analogue gradient descent, for one-sided devices with an occasional refresh of pairs.

    Parameters
    ----------
    pulses : how x and delta become pulses.

    References
    ----------
    S. Ambrogio et al., Nature 558, 60 (2018); G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018). One pair: G. W. Burr et
    al., IEEE Trans. Electron Devices 62, 3498 (2015).
    """

    pulses: Pulses = field(default_factory=StochasticPulses)

    def beside(self, stack: Stack, index: int) -> Beside:
        """Return nothing: the devices are all that this method needs."""
        return Beside()

    def wiring(self, stack: Stack, beside: Beside) -> Wiring:
        """Return what the training loop wants for one layer."""
        low = stack.lowest
        if isinstance(self.pulses, ExactUpdate):
            numbers = [sum(encoding.w_max for encoding in stack.cell.encodings)]
            update = load("perceptron", "the perceptron").update_exact
        else:
            numbers, update = self.pulses.vector(nominal_step(low)), low.compiled("outer").update
        return Wiring(low.weights, low.state, low.state, update, None, beside.memory, lambda rate: numbers)
