"""Rules that emit pulses: they know neither devices nor networks, only weights, spikes and coincidences."""

from insitu.learning.pruning import ConventionalPruning, Pruning, Schedule, SoftPruning
from insitu.learning.stdp import Stdp

__all__ = ["ConventionalPruning", "Pruning", "Schedule", "SoftPruning", "Stdp"]
