"""From measured pulses to a device: read them, fit a law with its uncertainties, say how good the device is."""

from insitu.measure.comparing import Candidate, compare
from insitu.measure.diagnosing import Diagnosis, diagnose
from insitu.measure.families import ABRUPT, GRADUAL, Family, families_for, family_of
from insitu.measure.fitting import Fit, fit
from insitu.measure.pulses import Pulses, pulses
from insitu.measure.reading import read_pulses

__all__ = [
    "ABRUPT",
    "GRADUAL",
    "Candidate",
    "Diagnosis",
    "Family",
    "Fit",
    "Pulses",
    "compare",
    "diagnose",
    "families_for",
    "family_of",
    "fit",
    "pulses",
    "read_pulses",
]
