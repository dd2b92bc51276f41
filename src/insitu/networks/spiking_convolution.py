"""A spiking network that learns patches of images: one array for all positions, whose spikes are counted by region."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device
from insitu.errors import InputError, require_kind, require_whole
from insitu.kernels.cache import load
from insitu.kernels.threads import in_parts
from insitu.networks.places import Places
from insitu.networks.spiking import SpikingNetwork, SpikingRule, presentations_of
from insitu.random import Stream, uniform

_AT_ONCE = 1000  # images, so that memory stays small
_MOST = 1 << 20  # presentations that belong to one image: see presentations_of
_COUNTED = 65_535  # spikes of a map in a region
_PLACES = 1 << 32  # of random numbers of one time


class SpikingConvolution(SpikingNetwork):
    """One array that is driven with the patch of one position after the other: at each, its columns, the maps, compete.

    A patch is to it what an image is to a :class:`SpikingNetwork`. While learning, a few positions of each image are
    shown, drawn with replacement from those that are not blank; while listening, all that are not blank.

    Parameters
    ----------
    device, rule : see :class:`SpikingNetwork`.
    places : where the patches lie. maps : columns of the array.
    shown_positions : patches of each image that are learned.
    options : scheme, encoding, chip, budget and seed of :class:`SpikingNetwork`.

    Attributes
    ----------
    seen : images learned so far; ``shown`` counts their patches.
    """

    def __init__(
        self,
        device: Device | None,
        places: Places,
        maps: int,
        rule: SpikingRule,
        *,
        shown_positions: int,
        **options: Any,
    ) -> None:
        require_kind("rule", rule, SpikingRule, "for example SpikingRule()")
        require_whole("maps", maps, 1)
        require_whole("positions", shown_positions, 1, 1 << 16)
        repeats = rule.wta.presentations
        if places.count * repeats > _MOST:
            raise InputError(
                f"rule.wta.presentations: {repeats} of {places.count:,} positions are more than {_MOST:,} patches of an "
                "image; give fewer, or a larger stride"
            )
        spikes = int(np.bincount(places.region).max()) * repeats * rule.wta.spikes
        if spikes > _COUNTED:
            raise InputError(
                f"regions: a region has {spikes:,} output spikes, and a counter goes to {_COUNTED:,}; give more regions, "
                "fewer presentations, or a larger stride"
            )
        super().__init__(device, places.rows, maps, rule, **options)
        self.places, self.shown_positions, self.seen = places, shown_positions, 0

    @property
    def pooled(self) -> int:
        """Counters of spikes of an image: regions x maps."""
        return self.places.regions**2 * self.synapses.columns

    def learn_images(self, images: NDArray[np.uint8]) -> None:
        """Show some patches of images (n, pixels), image by image, learning."""
        self._check_images(images)
        for start in range(0, len(images), _AT_ONCE):
            part = images[start : start + _AT_ONCE]
            some, chosen = self._drawn(self.places.busy(part))
            patches = self.places.patches(self.places.lines(part[some]), chosen)
            self.learn(patches.reshape(-1, self.places.rows))
            self.seen += len(part)

    def count_spikes(self, images: NDArray[np.uint8]) -> NDArray[np.uint16]:
        """Return how often each map fires in each region (n, regions x maps) of images (n, pixels), weights frozen.

        The trains of a pixel are drawn once, and all patches see them. They, and the noise of reads, depend on the pixels of
        the image and the seed alone, so a count does not depend on what else is in the batch.
        """
        self._check_images(images)
        pooled = np.zeros((len(images), self.pooled), np.uint16)
        for start in range(0, len(images), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            self._listen(images[part], pooled[part])
        return pooled

    def _listen(self, images: NDArray[np.uint8], pooled: NDArray[np.uint16]) -> None:
        from insitu.kernels.state import entry

        places, heard = self.places, self.synapses.heard
        show = self.rule.show(self.rule.wta.presentations)
        lines, busy, numbers = places.lines(images), places.busy(images), presentations_of(images)
        respond, where = entry(load("wta_patches", "patches of the spiking network").respond), places.compiled()

        def listen(part: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            counts = np.zeros_like(heard)
            pixels = self.kernels.neurons(np.zeros(1), np.zeros(1, np.int64), places.inputs)
            neurons = self.kernels.neurons(self.bias, self.fired, places.rows)
            respond(
                self.synapses.reading.address, lines[part], busy[part], numbers[part], pixels, neurons, show, where,
                pooled[part], counts,
            )  # fmt: skip
            return counts, neurons.room.drive

        with self.listening():
            for counts, drive in in_parts(listen, len(images)):
                heard += counts
                self.synapses.note(drive)

    def _drawn(self, busy: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return which of the next images (n,) have anything to show, and the positions (those, k) to show of each."""
        first, k, many = self.seen * self.shown_positions, self.shown_positions, busy.sum(axis=1, dtype=np.int64)
        place = (first + np.arange(len(busy) * k)) % _PLACES
        u = uniform(self.synapses.seed, Stream.POSITION, place).reshape(-1, k)
        some = np.flatnonzero(many)
        found = np.argsort(busy[some] == 0, axis=1, kind="stable")  # those to show come first
        return some, np.take_along_axis(found, (u[some] * many[some, None]).astype(np.intp), axis=1)

    def _check_images(self, images: NDArray[np.uint8]) -> None:
        pixels = int(np.prod(self.places.image))
        if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != pixels:
            raise InputError(f"images: got {images.dtype} of shape {images.shape}; allowed is uint8 (n, {pixels})")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        return super().arrays() | {"seen": np.array(self.seen)}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        if "seen" not in arrays:
            raise InputError("restore: 'seen' is missing; these are not the arrays of a SpikingConvolution")
        super().restore(arrays)
        self.seen = int(arrays["seen"])
