"""Random numbers without a state: every number is a pure function of where it is used.

A number is addressed by (seed, stream, place, time): Philox4x32-10 turns the address into 128 random bits. Noise of a
pulse has the cell as its place and the *write count of that cell* as its time, so the result does not depend on the number
of threads, the split into batches, the order in which other cells are written, or a stop and resume, and there is no
generator state to save (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11).

The counter words are (time low, place, time high, stream); the key is the 64-bit seed.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

#: Raised whenever the meaning of an address changes: equal seeds then give other bits. Written into every manifest.
STREAM_VERSION = 3

_AT_ONCE = 2**16  # numbers drawn at a time: one takes 150 bytes on the way

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


class Stream(IntEnum):
    """What a random number is for; streams never share numbers. An array adds :func:`offset` of its index to its own."""

    INPUT = 0  #: Poisson input spikes: place = pixel, time = presentation
    WINNER = 1  #: choice of the neuron that fires: place = spike of the presentation, time = presentation
    ORDER = 2  #: order of the images: place = image, time = epoch
    WEIGHTS = 3  #: initial weights: place = weight
    PULSE = 4  #: c2c noise of a pulse: place = cell, time = write count of the cell
    FABRICATE = 5  #: d2d spread, faults, endurance: place = cell, time = which property
    GATE = 6  #: which coincidences become a pulse: place = cell, time = spike count of the neuron
    ROUND = 7  #: stochastic rounding of digital weights: place = weight, time = spike count of the neuron
    PRUNE = 8  #: order of random pruning: place = weight
    TRAIN = 9  #: pulse trains of an update: place = row, or rows + column, time = example
    VERIFY = 10  #: read noise of closed-loop tuning: place = cell, time = verify read of the array
    CHOP = 11  #: random polarity of rows: place = row, time = transfer
    WRITE = 12  #: programming error of a closed-loop write: place = cell, time = write count of the cell
    READ = 13  #: noise of a read: place = line + lines * which read of the example, time = number of the example
    CORRUPT = 14  #: distortion of patterns: place = unit of the batch, time = batch
    CHARGE = 15  #: error of a charge: place = cell, time = transfer
    SCHEME = 16  #: random number of a scheme: place = weight, time = update
    FEEDBACK = 17  #: fixed feedback weights: place = weight
    RESIDUAL = 18  #: noise of the reads after a closed loop: place = weight, time = closed loop of the array
    POSITION = 19  #: which patches of an image are learned: place = patch


#: content numbers start here: examples that are only listened to never share noise with those that are learned
LISTENING = 1 << 48


def offset(index: int) -> int:
    """Return what the array of this index adds to its streams, of which there are fewer than 32."""
    return 32 * index


def content_numbers(examples: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Return a number (n,) for each example (n, features) that follows from its content alone: its CRC-32.

    It is the number under which noise is drawn for an example that is only listened to, so that an answer depends neither
    on the rest of the batch nor on how often it was asked.
    """
    import zlib

    rows = np.ascontiguousarray(examples)
    crc = np.fromiter((zlib.crc32(row) for row in rows), np.uint64, rows.shape[0])
    return np.uint64(LISTENING) + crc


def check_seed(seed: int) -> int:
    """Return seed if it is an integer from 0 to 2**64 - 1, else raise InputError."""
    from insitu.errors import require_whole

    require_whole("seed", seed, 0, 2**64 - 1)
    return int(seed)


def philox(counter: NDArray[np.uint64], key: int) -> NDArray[np.uint64]:
    """Return the Philox4x32-10 words of an array of counters.

    Parameters
    ----------
    counter : (..., 4) words, each under 2**32.
    key : the 64-bit key; its low half is the first key word.

    Returns
    -------
    (..., 4) words under 2**32, as uint64.
    """
    c0, c1, c2, c3 = (np.asarray(counter, np.uint64)[..., i] for i in range(4))
    k0, k1 = np.uint64(key & 0xFFFFFFFF), np.uint64(key >> 32)
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return np.stack([c0, c1, c2, c3], axis=-1)


def words(seed: int, stream: int, place: NDArray[np.integer] | int, time: int = 0) -> NDArray[np.uint64]:
    """Return (n, 4) random 32-bit words for an array of n places, or for the places 0..place-1, at one time."""
    where = place if isinstance(place, np.ndarray) else np.arange(place)
    counter = np.empty((where.size, 4), np.uint64)
    counter[:, 0], counter[:, 2] = time & 0xFFFFFFFF, time >> 32
    counter[:, 1], counter[:, 3] = where.ravel(), stream
    return philox(counter, seed)


def uniform(seed: int, stream: int, place: NDArray[np.integer] | int, time: int = 0) -> NDArray[np.float64]:
    """Return uniform numbers in (0, 1), 53 bits each, shape (n,)."""
    where = place.ravel() if isinstance(place, np.ndarray) else np.arange(place)
    u = np.empty(where.size)
    for start in range(0, where.size, _AT_ONCE):
        w = words(seed, stream, where[start : start + _AT_ONCE], time)
        u[start : start + _AT_ONCE] = (
            (w[:, 0] >> np.uint64(5)) * 67108864.0 + (w[:, 1] >> np.uint64(6)) + 0.5
        ) / 9007199254740992.0
    return np.asarray(np.minimum(u, 1 - 2.0**-53, out=u))  # the largest sum rounds up to 1


def normal(seed: int, stream: int, place: NDArray[np.integer] | int, time: int = 0) -> NDArray[np.float64]:
    """Return standard normal numbers, shape (n,), by inversion."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniform(seed, stream, place, time)))


def permutation(seed: int, n: int, epoch: int) -> NDArray[np.intp]:
    """Return the order in which n images are shown in an epoch: the ranks of n uniform numbers."""
    return np.argsort(uniform(seed, Stream.ORDER, n, epoch), kind="stable")
