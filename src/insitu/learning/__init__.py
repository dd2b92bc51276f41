"""Rules that emit pulses: they know neither devices nor networks, only weights, spikes and coincidences."""

from insitu.learning.mixed_precision import MixedPrecision
from insitu.learning.open_loop import OpenLoop
from insitu.learning.pruning import ConventionalPruning, Pruning, Schedule, SoftPruning
from insitu.learning.stdp import Stdp
from insitu.learning.tiki_taka import TikiTaka

__all__ = [
    "ConventionalPruning",
    "MixedPrecision",
    "OpenLoop",
    "Pruning",
    "Schedule",
    "SoftPruning",
    "Stdp",
    "TikiTaka",
]
