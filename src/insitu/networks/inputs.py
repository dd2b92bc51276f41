"""From images to input intensities: which pixels are worth an input, and how bright is bright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.errors import DataError, InputError, require_between


def active_pixels(images: NDArray[np.number], *, fraction: float = 0.05, threshold: float = 1.0) -> NDArray[np.bool_]:
    """Return which pixels (p,) exceed ``threshold`` in more than ``fraction`` of the images (n, p).

    With the defaults, the 60,000 training images of MNIST (0 to 255) keep 397 of 784 pixels, the number that Shi et al.
    2018 state (Fig. 3a); the rule that gives it is inferred.
    """
    require_between("fraction", fraction, 0, 1)
    mask: NDArray[np.bool_] = (images > threshold).mean(axis=0) > fraction
    if not mask.any():
        raise DataError(
            f"no pixel exceeds {threshold:g} in more than {100 * fraction:g} % of the images, so no input is left; "
            "lower the fraction or check the scale of the images"
        )
    return mask


@dataclass(frozen=True)
class InputMap:
    """Which pixels are inputs, and the pixel value of full intensity.

    Parameters
    ----------
    mask : (pixels,) True where a pixel is an input.
    full : pixel value that is sent at the full rate, above 0; a pixel of 0 and below is silent.
    """

    mask: NDArray[np.bool_]
    full: float

    def __post_init__(self) -> None:
        if not 0 < self.full < np.inf:
            raise InputError(f"full_intensity: got {self.full!r}; the pixel value of the full rate is above 0")

    def clipped(self, images: NDArray[np.number]) -> float:
        """Return the fraction of the input values of images (n, pixels) that are below 0 or above full."""
        chosen = images[:, self.mask]
        return float(((chosen < 0) | (chosen > self.full)).mean())

    def __call__(self, images: NDArray[np.number]) -> NDArray[np.uint8]:
        """Return the intensities (n, inputs) of images (n, pixels), in 1/255 of full."""
        chosen = images[:, self.mask]
        if chosen.dtype == np.uint8 and self.full == 255:
            return np.ascontiguousarray(chosen)
        return np.asarray(np.rint(np.clip(chosen / self.full, 0, 1) * 255), np.uint8)
