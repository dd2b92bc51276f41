"""insitu: training neural networks inside the memory that stores their weights."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from insitu.arrays import Budget, Crossbar
    from insitu.arrays.closed_loop import ClosedLoop
    from insitu.cells import (
        BitSlices,
        DifferentialPair,
        MultiConductance,
        OneSidedPair,
        ReferencedDevice,
        Significance,
        SingleDevice,
    )
    from insitu.chip import Chip
    from insitu.devices.check import check_device
    from insitu.learning import ConventionalPruning, Schedule, SoftPruning, Stdp
    from insitu.learning.activity_difference import ActivityDifference
    from insitu.learning.backprop import FeedbackAlignment, Neurons
    from insitu.ledger import Counts
    from insitu.networks.associative import AssociativeMemory
    from insitu.networks.classifier import SpikingClassifier
    from insitu.networks.crossbar_classifier import CrossbarClassifier
    from insitu.networks.energy import EnergyRule
    from insitu.networks.energy_classifier import EnergyClassifier
    from insitu.networks.hopfield import BinaryRule
    from insitu.networks.spiking import PoissonInput, SpikingRule, WinnerTakeAll
    from insitu.reports.page import open_run
    from insitu.schemes import (
        BlindPulses,
        DeterministicTrains,
        Exact,
        MixedPrecision,
        StochasticTrains,
        TikiTaka,
        Transfer,
        Weights,
        WriteVerify,
    )

#: public name -> where it lives; imported on first use, so that ``import insitu`` is quick
_HOME = {
    "ActivityDifference": "insitu.learning.activity_difference",
    "AssociativeMemory": "insitu.networks.associative",
    "BinaryRule": "insitu.networks.hopfield",
    "BitSlices": "insitu.cells",
    "BlindPulses": "insitu.schemes",
    "Budget": "insitu.arrays",
    "Chip": "insitu.chip",
    "ClosedLoop": "insitu.arrays.closed_loop",
    "ConventionalPruning": "insitu.learning",
    "Counts": "insitu.ledger",
    "Crossbar": "insitu.arrays",
    "CrossbarClassifier": "insitu.networks.crossbar_classifier",
    "DeterministicTrains": "insitu.schemes",
    "DifferentialPair": "insitu.cells",
    "EnergyClassifier": "insitu.networks.energy_classifier",
    "EnergyRule": "insitu.networks.energy",
    "Exact": "insitu.schemes",
    "FeedbackAlignment": "insitu.learning.backprop",
    "MixedPrecision": "insitu.schemes",
    "MultiConductance": "insitu.cells",
    "Neurons": "insitu.learning.backprop",
    "OneSidedPair": "insitu.cells",
    "PoissonInput": "insitu.networks.spiking",
    "ReferencedDevice": "insitu.cells",
    "Schedule": "insitu.learning",
    "Significance": "insitu.cells",
    "SingleDevice": "insitu.cells",
    "SoftPruning": "insitu.learning",
    "SpikingClassifier": "insitu.networks.classifier",
    "SpikingRule": "insitu.networks.spiking",
    "Stdp": "insitu.learning",
    "StochasticTrains": "insitu.schemes",
    "TikiTaka": "insitu.schemes",
    "Transfer": "insitu.schemes",
    "Weights": "insitu.schemes",
    "WinnerTakeAll": "insitu.networks.spiking",
    "WriteVerify": "insitu.schemes",
    "check_device": "insitu.devices.check",
    "open_run": "insitu.reports.page",
}

__all__ = [
    "ActivityDifference",
    "AssociativeMemory",
    "BinaryRule",
    "BitSlices",
    "BlindPulses",
    "Budget",
    "Chip",
    "ClosedLoop",
    "ConventionalPruning",
    "Counts",
    "Crossbar",
    "CrossbarClassifier",
    "DeterministicTrains",
    "DifferentialPair",
    "EnergyClassifier",
    "EnergyRule",
    "Exact",
    "FeedbackAlignment",
    "MixedPrecision",
    "MultiConductance",
    "Neurons",
    "OneSidedPair",
    "PoissonInput",
    "ReferencedDevice",
    "Schedule",
    "Significance",
    "SingleDevice",
    "SoftPruning",
    "SpikingClassifier",
    "SpikingRule",
    "Stdp",
    "StochasticTrains",
    "TikiTaka",
    "Transfer",
    "Weights",
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
