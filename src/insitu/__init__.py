"""insitu: training neural networks inside the memory that stores their weights."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from insitu.arrays import Budget, Crossbar
    from insitu.arrays.transfer import ClosedLoop, Transfer
    from insitu.arrays.writing import IncrementalPulses, WriteVerify
    from insitu.cells import (
        BitSlices,
        DifferentialPair,
        MultiConductance,
        OneSidedPair,
        ReferencedDevice,
        Significance,
        SingleDevice,
    )
    from insitu.devices.check import check_device
    from insitu.learning import ConventionalPruning, Schedule, SoftPruning, Stdp
    from insitu.learning.activity_difference import ActivityDifference
    from insitu.learning.backprop import DeterministicPulses, ExactUpdate, Neurons, StochasticPulses
    from insitu.learning.mixed_precision import MixedPrecision
    from insitu.learning.open_loop import OpenLoop
    from insitu.learning.tiki_taka import TikiTaka
    from insitu.ledger import Counts
    from insitu.networks.associative import AssociativeMemory
    from insitu.networks.classifier import SpikingClassifier
    from insitu.networks.crossbar_classifier import CrossbarClassifier
    from insitu.networks.energy import EnergyRule
    from insitu.networks.energy_classifier import EnergyClassifier
    from insitu.networks.hopfield import BinaryRule
    from insitu.networks.spiking import PoissonInput, SpikingRule, WinnerTakeAll
    from insitu.reports.page import open_run

#: public name -> where it lives; imported on first use, so that ``import insitu`` is quick
_HOME = {
    "ActivityDifference": "insitu.learning.activity_difference",
    "AssociativeMemory": "insitu.networks.associative",
    "BinaryRule": "insitu.networks.hopfield",
    "BitSlices": "insitu.cells",
    "Budget": "insitu.arrays",
    "ClosedLoop": "insitu.arrays.transfer",
    "ConventionalPruning": "insitu.learning",
    "Counts": "insitu.ledger",
    "Crossbar": "insitu.arrays",
    "CrossbarClassifier": "insitu.networks.crossbar_classifier",
    "DeterministicPulses": "insitu.learning.backprop",
    "DifferentialPair": "insitu.cells",
    "EnergyClassifier": "insitu.networks.energy_classifier",
    "EnergyRule": "insitu.networks.energy",
    "ExactUpdate": "insitu.learning.backprop",
    "IncrementalPulses": "insitu.arrays.writing",
    "MixedPrecision": "insitu.learning.mixed_precision",
    "MultiConductance": "insitu.cells",
    "Neurons": "insitu.learning.backprop",
    "OneSidedPair": "insitu.cells",
    "OpenLoop": "insitu.learning.open_loop",
    "PoissonInput": "insitu.networks.spiking",
    "ReferencedDevice": "insitu.cells",
    "Schedule": "insitu.learning",
    "Significance": "insitu.cells",
    "SingleDevice": "insitu.cells",
    "SoftPruning": "insitu.learning",
    "SpikingClassifier": "insitu.networks.classifier",
    "SpikingRule": "insitu.networks.spiking",
    "Stdp": "insitu.learning",
    "StochasticPulses": "insitu.learning.backprop",
    "TikiTaka": "insitu.learning.tiki_taka",
    "Transfer": "insitu.arrays.transfer",
    "WinnerTakeAll": "insitu.networks.spiking",
    "WriteVerify": "insitu.arrays.writing",
    "check_device": "insitu.devices.check",
    "open_run": "insitu.reports.page",
}

__all__ = [
    "ActivityDifference",
    "AssociativeMemory",
    "BinaryRule",
    "BitSlices",
    "Budget",
    "ClosedLoop",
    "ConventionalPruning",
    "Counts",
    "Crossbar",
    "CrossbarClassifier",
    "DeterministicPulses",
    "DifferentialPair",
    "EnergyClassifier",
    "EnergyRule",
    "ExactUpdate",
    "IncrementalPulses",
    "MixedPrecision",
    "MultiConductance",
    "Neurons",
    "OneSidedPair",
    "OpenLoop",
    "PoissonInput",
    "ReferencedDevice",
    "Schedule",
    "Significance",
    "SingleDevice",
    "SoftPruning",
    "SpikingClassifier",
    "SpikingRule",
    "Stdp",
    "StochasticPulses",
    "TikiTaka",
    "Transfer",
    "WinnerTakeAll",
    "WriteVerify",
    "check_device",
    "open_run",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'insitu' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
