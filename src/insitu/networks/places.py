"""Where the patches of an image lie, what drives the rows of an array there, and to which region their spikes count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, require_between, require_bool, require_whole
from insitu.networks.layers import positions

_FULL = 255  #: intensity of a white pixel


@dataclass(frozen=True)
class Places:
    """The positions of a patch in an image, and its rows, in the order (row of the patch, column, colour, ON before OFF).

    Parameters
    ----------
    image : (height, width, colours) of an image, pixels.
    size, stride : of a patch, along both axes, and from one to the next, pixels.
    regions : the image is divided into so many parts along each axis, in which spikes are counted apart.
    off : whether each pixel drives a second row, the more, the darker it is.
    blank : a patch whose brightest pixel is not above this part of the full intensity is not shown; None shows all.
    """

    image: tuple[int, int, int]
    size: int
    stride: int = 1
    regions: int = 3
    off: bool = True
    blank: float | None = 0.2

    def __post_init__(self) -> None:
        require_whole("size", self.size, 1)
        require_whole("stride", self.stride, 1)
        require_whole("regions", self.regions, 1)
        require_between("blank", self.blank, 0, 1)
        require_bool("off", self.off)
        if self.regions > min(self.across):
            high, wide = self.across
            raise InputError(
                f"regions: got {self.regions} along each axis, but there are {high} x {wide} positions; give fewer regions, "
                "a smaller size or a smaller stride"
            )

    @property
    def across(self) -> tuple[int, int]:
        """How many positions there are along each axis; InputError if the image is smaller than a patch."""
        height, width, _ = self.image
        if min(height, width) < self.size:
            raise InputError(
                f"size: got a patch of {self.size} x {self.size} pixels, but an image has {height} x {width}; give a "
                "smaller size"
            )
        return positions(self.image, self.size, self.stride, 0, "size")

    @property
    def count(self) -> int:
        """How many positions there are."""
        high, wide = self.across
        return high * wide

    @property
    def channels(self) -> int:
        """Inputs of a pixel."""
        return self.image[2] * (1 + self.off)

    @property
    def inputs(self) -> int:
        """Inputs of an image."""
        return self.image[0] * self.image[1] * self.channels

    @property
    def rows(self) -> int:
        """Inputs of a patch: rows of the array."""
        return self.size**2 * self.channels

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(positions,) the first input of each patch."""
        high, wide = (np.arange(n, dtype=np.int64) * self.stride for n in self.across)
        return ((high[:, None] * self.image[1] + wide) * self.channels).ravel()

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """(rows,) of the input of each row from the first input of a patch."""
        i, one = np.arange(self.size, dtype=np.int64), np.arange(self.channels, dtype=np.int64)
        return ((i[:, None, None] * self.image[1] + i[:, None]) * self.channels + one).ravel()

    @cached_property
    def region(self) -> NDArray[np.int64]:
        """(positions,) the region of each position."""
        high, wide = (np.arange(n, dtype=np.int64) * self.regions // n for n in self.across)
        return (high[:, None] * self.regions + wide).ravel()

    def lines(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the intensities (n, inputs) of images (n, pixels): of ON inputs as they are, of OFF inputs what is missing
        to white."""
        if not self.off:
            return np.ascontiguousarray(images)
        return np.stack([images, _FULL - images], axis=2).reshape(-1, self.inputs)

    def busy(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return (n, positions) whether each patch of images (n, pixels) is shown."""
        if self.blank is None:
            return np.ones((len(images), self.count), np.uint8)
        brightest = images.reshape(-1, *self.image).max(axis=3)
        for axis, length in ((1, self.image[0]), (2, self.image[1])):
            along: Any = (slice(None),) * axis
            last = length - self.size
            parts = [brightest[(*along, slice(i, i + last + 1, self.stride))] for i in range(self.size)]
            brightest = np.maximum.reduce(parts)
        return np.asarray(brightest > self.blank * _FULL, np.uint8).reshape(-1, self.count)

    def patches(self, lines: NDArray[np.uint8], chosen: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Return the patches (n, k, rows) of images, as :meth:`lines` (n, inputs), at the positions chosen (n, k)."""
        where = self.starts[chosen][..., None] + self.offsets
        return np.asarray(lines[np.arange(len(lines))[:, None, None], where])

    def compiled(self) -> Any:
        """Return it as kernels want it."""
        from insitu.kernels.cache import load

        of = load("wta_patches", "patches of the spiking network")
        return of.Places(self.starts, self.offsets, self.region)
