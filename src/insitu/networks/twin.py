"""The floating-point twin of a network in memory: the same code on weights that are numbers."""

from __future__ import annotations

from typing import Any

from insitu.cells import DifferentialPair
from insitu.devices.library import load
from insitu.schemes import Exact

_RANGE = 64.0  # largest weight of the network that is not limited by its devices


def float_twin() -> dict[str, Any]:
    """Return device, encoding and scheme of a floating-point network: weights are numbers, of a range that none leaves."""
    return {"device": load("ideal").device, "encoding": DifferentialPair(w_max=_RANGE), "scheme": Exact()}
