"""insitu: training neural networks inside the memory that stores their weights."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from insitu.arrays import Budget, Crossbar
    from insitu.cells import BitSlices, DifferentialPair, SingleDevice
    from insitu.devices.check import check_device
    from insitu.learning import ConventionalPruning, Schedule, SoftPruning, Stdp
    from insitu.ledger import Counts
    from insitu.networks.classifier import SpikingClassifier
    from insitu.networks.spiking import PoissonInput, SpikingRule, WinnerTakeAll

#: public name -> where it lives; imported on first use, so that ``import insitu`` is quick
_HOME = {
    "BitSlices": "insitu.cells",
    "Budget": "insitu.arrays",
    "ConventionalPruning": "insitu.learning",
    "Counts": "insitu.ledger",
    "Crossbar": "insitu.arrays",
    "DifferentialPair": "insitu.cells",
    "PoissonInput": "insitu.networks.spiking",
    "Schedule": "insitu.learning",
    "SingleDevice": "insitu.cells",
    "SoftPruning": "insitu.learning",
    "SpikingClassifier": "insitu.networks.classifier",
    "SpikingRule": "insitu.networks.spiking",
    "Stdp": "insitu.learning",
    "WinnerTakeAll": "insitu.networks.spiking",
    "check_device": "insitu.devices.check",
}

__all__ = [
    "BitSlices",
    "Budget",
    "ConventionalPruning",
    "Counts",
    "Crossbar",
    "DifferentialPair",
    "PoissonInput",
    "Schedule",
    "SingleDevice",
    "SoftPruning",
    "SpikingClassifier",
    "SpikingRule",
    "Stdp",
    "WinnerTakeAll",
    "check_device",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'insitu' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
