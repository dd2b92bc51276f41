"""Rules that emit pulses: they know neither devices nor networks, only weights, spikes and coincidences."""

from insitu.learning.pruning import ConventionalPruning, Pruning, SoftPruning
from insitu.learning.stdp import Stdp

__all__ = ["ConventionalPruning", "Pruning", "SoftPruning", "Stdp"]
