"""Zero-shifting: an array is read against the symmetry points of its own cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from insitu.arrays.crossbar import Crossbar
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.random import Stream, normal

_REFERENCE = 8  # which property of a cell: the "time" of its random number, after those of arrays.aging
_SAMPLES = 9  # values of the noise over which a step is averaged


def zero_shift(array: Crossbar, error: float = 0.0) -> None:
    """Put all cells at their symmetry points, and let what they then hold read as 0: ``weights = chop (part - reference)``.

    Alternating pulses drive a cell to the point where up and down cancel; a copy of it is the reference (H. Kim et al., arXiv
    1907.10228 (2019)). The points are computed from the parameters of each cell, and no pulse is counted. Devices that
    only rise have none: they stay, and a pair of them reads as 0 where both are equal.

    Parameters
    ----------
    array : stacked; its ``base`` takes the reference, (rows, columns), with the polarity of its rows.
    error : standard deviation of the reference about the symmetry point, in units of weight.
    """
    if not array.stacked:
        raise InputError("zero_shift: allowed is an array made with stacked=True, whose base can hold the reference")
    points = np.empty_like(array.g)
    array.compiled("symmetry").symmetry_points(array.state, _noise(array.device), points)
    array.g[:] = points
    array.stick()
    reference = array.part
    if error:
        stream = Stream.FABRICATE + 16 * array.index
        z = normal(array.seed, stream, reference.size, _REFERENCE).reshape(reference.shape)
        reference = reference + (error * z).astype(np.float32)
    array.base[:] = -array.chop[:, None] * reference
    array.refresh()


def _noise(device: Device) -> NDArray[np.float64]:
    """Return equally likely values of the random number that a step draws; 0 if it draws none."""
    if not device.noisy:
        return np.zeros(1)
    u = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    return u if device.draw == "uniform" else ndtri(u)
