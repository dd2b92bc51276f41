"""From features to input intensities: which pixels are worth an input, and how bright is bright; or populations of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.scaling import FULL, Scaling
from insitu.errors import DataError, InputError, require_between

Coding = Literal["auto", "intensity", "population"]
_INPUTS, _FEWEST = 400, 4  #: of a population code in all, about as many as MNIST has; of a feature
_WIDTH = 0.15  #: of a tuning curve, in ranges of the feature; on held-back parts of three tables, docs/your-data.md


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

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return int(self.mask.sum())

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


@dataclass(frozen=True)
class PopulationCode:
    """Each feature as a population of inputs, with tuning curves evenly spaced over the range of the feature.

    Input i of a feature z in 0 to 1 has the intensity ``exp(-((z - c_i) / width)**2 / 2)``, so that whatever the feature is,
    some inputs are active; as intensities, a small value and a feature that says little look alike.

    Parameters
    ----------
    scaling : the range of each feature. features : how many there are.

    References
    ----------
    S. M. Bohte, J. N. Kok and H. La Poutre, Neurocomputing 48, 17 (2002), section 4: receptive fields of this form; their
    number and width are ours.
    """

    scaling: Scaling
    features: int

    @property
    def units(self) -> int:
        """Inputs of a feature: the fewer features, the more."""
        return max(_FEWEST, -(-_INPUTS // self.features))

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return self.features * self.units

    def __call__(self, X: NDArray[np.number]) -> NDArray[np.uint8]:
        """Return the intensities (n, inputs) of X (n, features), in 1/255 of full."""
        centres, out = np.linspace(0, 1, self.units), np.empty((len(X), self.features, self.units), np.uint8)
        for first in range(0, len(X), 1024):  # double precision of a part at a time
            part = slice(first, first + 1024)
            z = self.scaling(X[part])[..., None] / FULL
            out[part] = np.rint(255 * np.exp(-(((z - centres) / _WIDTH) ** 2) / 2))
        return out.reshape(len(X), self.inputs)
