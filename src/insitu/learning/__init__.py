"""Signals: which change of a weight is wanted. They know neither devices nor what is wired to what."""

from insitu.learning.activity_difference import ActivityDifference
from insitu.learning.backprop import Backpropagation, FeedbackAlignment, Neurons
from insitu.learning.pruning import ConventionalPruning, Pruning, Schedule, SoftPruning
from insitu.learning.stdp import Stdp

__all__ = [
    "ActivityDifference",
    "Backpropagation",
    "ConventionalPruning",
    "FeedbackAlignment",
    "Neurons",
    "Pruning",
    "Schedule",
    "SoftPruning",
    "Stdp",
]
