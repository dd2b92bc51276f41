"""How conductances make a weight."""

from insitu.cells.bits import BitSlices
from insitu.cells.encoding import Encoding, LinearMap
from insitu.cells.pair import DifferentialPair
from insitu.cells.single import SingleDevice

__all__ = ["BitSlices", "DifferentialPair", "Encoding", "LinearMap", "SingleDevice"]
