"""Zero-shifting: an array is read against where alternating pulses take its own cells."""

from __future__ import annotations

import numpy as np

from insitu.arrays.crossbar import Crossbar
from insitu.arrays.wired import follow
from insitu.devices.compiled import kernels
from insitu.errors import InputError
from insitu.random import Stream, normal, offset

_REFERENCE = 8  # which property of a cell: the "time" of its random number, after those of arrays.aging
_SAMPLES = 9  # values of a uniform random number over which a pulse is averaged; a normal one enters laws linearly


def zero_shift(array: Crossbar, pairs: int, error: float = 0.0) -> None:
    """Give all cells pairs of pulses, up and down, and let what they then hold read as 0.

    ``weights = chop (part - reference)``. Alternating pulses bring a cell to its symmetry point, where up and down cancel,
    and a copy of it is the reference (H. Kim et al., arXiv 1907.10228 (2019)); a cell whose steps hardly depend on its
    state gets there very slowly. Pulses are mean ones, faulty cells stay, and nothing is counted. Devices that only rise
    get none: a pair of them reads as 0 where both are equal.

    Parameters
    ----------
    array : made with ``stacked=True``; its ``base`` takes the reference, (rows, columns), with the polarity of its rows.
    pairs : 0 leaves the cells where they are.
    error : standard deviation of the reference, in units of weight.
    """
    if not array.stacked:
        raise InputError("zero_shift: allowed is an array made with stacked=True, whose base can hold the reference")
    z = (np.arange(_SAMPLES) + 0.5) / _SAMPLES if array.device.draw == "uniform" else np.zeros(1)
    kernels(array.device, "alternate").alternate(array.address, z, pairs)
    array.stick()
    follow(array)
    reference = array.part
    if error:
        stream = Stream.FABRICATE + offset(array.index)
        error_of = error * normal(array.seed, stream, reference.size, _REFERENCE)
        reference = reference + error_of.reshape(reference.shape).astype(np.float32)
    array.base[:] = -array.chop[:, None] * reference
    array.refresh()
