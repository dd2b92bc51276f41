"""How conductances make a weight."""

from insitu.cells.bits import BitSlices
from insitu.cells.encoding import Encoding, LinearMap
from insitu.cells.multiple import MultiConductance, Significance
from insitu.cells.pair import DifferentialPair, OneSidedPair
from insitu.cells.referenced import ReferencedDevice
from insitu.cells.single import SingleDevice

__all__ = [
    "BitSlices",
    "DifferentialPair",
    "Encoding",
    "LinearMap",
    "MultiConductance",
    "OneSidedPair",
    "ReferencedDevice",
    "Significance",
    "SingleDevice",
]
