"""How a wanted change of weights reaches the devices: one published scheme a file, and the weights that they train."""

from insitu.schemes.agad import Agad
from insitu.schemes.base import Scheme
from insitu.schemes.blind_pulses import BlindPulses, DeterministicTrains, StochasticTrains
from insitu.schemes.error_aware import ErrorAware
from insitu.schemes.exact import Exact
from insitu.schemes.fast_array import FastArray
from insitu.schemes.mixed_precision import MixedPrecision
from insitu.schemes.per_weight import PerWeight
from insitu.schemes.residual import ResidualTransfer
from insitu.schemes.sign_pulses import SignPulses
from insitu.schemes.tiki_taka import TikiTaka
from insitu.schemes.transfer import Transfer
from insitu.schemes.weights import Weights
from insitu.schemes.write_verify import WriteVerify

__all__ = [
    "Agad",
    "BlindPulses",
    "DeterministicTrains",
    "ErrorAware",
    "Exact",
    "FastArray",
    "MixedPrecision",
    "PerWeight",
    "ResidualTransfer",
    "Scheme",
    "SignPulses",
    "StochasticTrains",
    "TikiTaka",
    "Transfer",
    "Weights",
    "WriteVerify",
]
