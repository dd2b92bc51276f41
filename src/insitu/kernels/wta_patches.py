"""A spiking network that listens to the patches of images, and counts its output spikes for each part of the image.

The trains of an image are drawn once, and the array is driven with those of one patch after the other: an image of P inputs
costs P trains, not one for each of the R rows at each of the N positions. What is left is the cost of N output spikes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64, njit, types, uint8, uint16, uint64
from numpy.typing import NDArray

from insitu.kernels.memory import read_at
from insitu.kernels.state import DIGITAL_OPS, KERNEL, SPIKES_IN, SPIKES_OUT
from insitu.kernels.wta import NEURONS_TYPE, SHOW_TYPE, encode, fire, spike_count


class Places(NamedTuple):
    """Where the patches of an image lie among its inputs."""

    starts: NDArray[np.int64]  #: (positions,) the first input of each patch
    offsets: NDArray[np.int64]  #: (rows,) of the input of each row of the array from that
    region: NDArray[np.int64]  #: (positions,) to which part of the image a patch counts


_WHOLES = int64[::1]
_PLACES_TYPE = types.NamedTuple([_WHOLES] * 3, Places)


@njit(
    types.void(
        uint64, uint8[:, ::1], uint8[:, ::1], uint64[::1], NEURONS_TYPE, NEURONS_TYPE, SHOW_TYPE, _PLACES_TYPE,
        uint16[:, ::1], _WHOLES,
    ),
    **KERNEL,
)  # fmt: skip
def respond(read, images, busy, numbers, pixels, neurons, show, places, pooled, counts):
    """Listen to the patches of images with frozen weights.

    Parameters
    ----------
    images, busy : (n, inputs) intensities; (n, positions) whether a patch is shown.
    numbers : (n,) of the first presentation of each image, the time of its random numbers: those of the trains by
        presentation, those of the reads and winners by position and presentation.
    pixels : room for the trains of an image. neurons : room for a patch, and the bias.
    pooled : (n, regions x maps) what is added to: the output spikes of each map in each region.
    """
    r, room, trains, maps = read_at(read), neurons.room, pixels.room, neurons.bias.size
    for m in range(images.shape[0]):
        for repeat in range(show.presentations):
            encode(images[m], show, numbers[m] + np.uint64(repeat), r.key, trains)
            counts[SPIKES_IN] += spike_count(trains.spikes)
            for p in range(places.starts.size):
                if not busy[m, p]:
                    continue
                start, first = places.starts[p], places.region[p] * maps
                for i in range(places.offsets.size):
                    room.spikes[i] = trains.spikes[start + places.offsets[i]]
                number = numbers[m] + np.uint64(p * show.presentations + repeat)
                for shot in range(show.spikes):
                    k = fire(r, neurons.bias, number, shot, show, room, counts)
                    pooled[m, first + k] += np.uint16(1)
                counts[SPIKES_OUT] += show.spikes
                counts[DIGITAL_OPS] += show.spikes  # a counter goes up
