"""Crossbars: state, reading, programming, and whether a network fits."""

from insitu.arrays.budget import Budget
from insitu.arrays.crossbar import Crossbar

__all__ = ["Budget", "Crossbar"]
