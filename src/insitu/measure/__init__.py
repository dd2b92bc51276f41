"""From measured pulses to a device: read them, fit a law with its uncertainties, say how good the device is."""

from insitu.measure.comparing import compare
from insitu.measure.diagnosing import diagnose
from insitu.measure.families import ABRUPT, GRADUAL, families_for, family_of
from insitu.measure.fitting import fit
from insitu.measure.pulses import Pulses, pulses
from insitu.measure.reading import read_pulses

__all__ = [
    "ABRUPT",
    "GRADUAL",
    "Pulses",
    "compare",
    "diagnose",
    "families_for",
    "family_of",
    "fit",
    "pulses",
    "read_pulses",
]
