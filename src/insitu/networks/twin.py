"""The floating-point twin of a network in memory: the same code on ideal cells."""

from __future__ import annotations

from insitu.cells import MultiConductance, Significance
from insitu.devices.library import load
from insitu.learning.backprop import ExactUpdate
from insitu.learning.open_loop import OpenLoop

_FLOAT_RANGE = 64.0  # largest weight of the network that is not limited by its devices


def float_cell() -> MultiConductance:
    """Return the cell of a floating-point network: one ideal pair a weight, of a range that no weight leaves."""
    ideal = load("ideal").device
    return MultiConductance(parts=(Significance(device=ideal),), unit=(ideal.g_max - ideal.g_min) / _FLOAT_RANGE)


def float_method() -> OpenLoop:
    """Return plain stochastic gradient descent."""
    return OpenLoop(pulses=ExactUpdate(), transfer=None)
