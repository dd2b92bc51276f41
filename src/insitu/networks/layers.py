"""What the hidden layers of a perceptron in memory may be: convolutions, pools and dense layers, each with its own cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, get_args

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.devices.loading import named
from insitu.errors import InputError, require_whole, suggest
from insitu.schemes import Scheme

How = Literal["max", "mean"]
Shape = tuple[int, ...]  #: of what a layer takes or gives, of one example: (height, width, maps), or (units,)


@dataclass(frozen=True)
class InArray:
    """What a layer of weights may have of its own; None is what the network has.

    Parameters
    ----------
    device, encoding, scheme, chip : see :class:`insitu.CrossbarClassifier`.
    """

    device: Device | str | None = field(default=None, kw_only=True)
    encoding: Encoding | MultiConductance | None = field(default=None, kw_only=True)
    scheme: Scheme | None = field(default=None, kw_only=True)
    chip: Chip | None = field(default=None, kw_only=True)

    def own(self, of: dict[str, Any]) -> dict[str, Any]:
        """Return what the weights are made of: its own, and the rest as the network has it."""
        given = {name: value for name in of if (value := getattr(self, name)) is not None}
        if "device" in given:
            given = {"encoding": None} | given | {"device": named(self.device)}
        return of | given


@dataclass(frozen=True)
class Dense(InArray):
    """Neurons that see all that comes in: one array of inputs + 1 rows, the bias last.

    Parameters
    ----------
    units : neurons.
    """

    units: int

    def __post_init__(self) -> None:
        require_whole("hidden: Dense.units", self.units, 1)

    def gives(self, comes: Shape, place: str) -> Shape:
        """Return the shape of what it gives for what comes in."""
        return (self.units,)


@dataclass(frozen=True)
class Conv(InArray):
    """A convolution: one array of size x size x maps below + 1 rows, driven with the patch of one position after the other.

    Rows are in the order (row of the patch, column, map), the bias last.

    Parameters
    ----------
    maps : it gives, the columns of the array. size : of the patch, along both axes, pixels.
    stride : pixels between two positions. padding : pixels of zeros around the image.
    """

    maps: int
    size: int
    stride: int = field(default=1, kw_only=True)
    padding: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        for name in ("maps", "size", "stride"):
            require_whole(f"hidden: Conv.{name}", getattr(self, name), 1)
        require_whole("hidden: Conv.padding", self.padding, 0, max(self.size - 1, 0))

    def gives(self, comes: Shape, place: str) -> Shape:
        """Return the shape of what it gives for what comes in; InputError if it does not fit."""
        return (*positions(comes, self.size, self.stride, self.padding, place), self.maps)


@dataclass(frozen=True)
class Pool:
    """The largest or the mean of each patch of each map, digital, and counted so; of a largest that is shared, the first.

    Parameters
    ----------
    size : of a patch, along both axes, pixels. stride : between two patches, pixels; None is the size. What is left at the
        right and at the bottom is dropped.
    how : max or mean.
    """

    size: int
    stride: int | None = field(default=None, kw_only=True)
    how: How = field(default="max", kw_only=True)

    def __post_init__(self) -> None:
        require_whole("hidden: Pool.size", self.size, 1, 128)
        if self.stride is not None:
            require_whole("hidden: Pool.stride", self.stride, 1)
        if self.how not in get_args(How):
            raise InputError(f"hidden: Pool.how: got {self.how!r}; {suggest(str(self.how), get_args(How))}")

    def gives(self, comes: Shape, place: str) -> Shape:
        """Return the shape of what it gives for what comes in; InputError if it does not fit."""
        return (*positions(comes, self.size, self.stride or self.size, 0, place), comes[2])


Layer = Dense | Conv | Pool


def positions(comes: Shape, size: int, stride: int, padding: int, place: str) -> tuple[int, int]:
    """Return how many patches lie along each axis of what comes in (height, width, maps).

    Raises
    ------
    InputError : it is no image, or smaller than a patch.
    """
    if len(comes) != 3:
        raise InputError(
            f"{place}: {prod(comes)} units without a place come in, but it wants an image; put it before the dense layers, "
            "and give image_shape=(height, width), or (height, width, colours)"
        )
    height, width = (side + 2 * padding for side in comes[:2])
    if min(height, width) < size:
        raise InputError(
            f"{place}: an image of {height} x {width} pixels comes in, padding included, but it wants at least {size} x "
            f"{size}; give it a smaller size, or leave out a pool or a stride below it"
        )
    return (height - size) // stride + 1, (width - size) // stride + 1


def as_layers(hidden: Any) -> tuple[Layer, ...] | None:
    """Return the hidden layers, whole numbers as dense ones; None if they are whole numbers only, or no layers at all."""
    if isinstance(hidden, str) or not isinstance(hidden, Sequence) or not any(isinstance(h, Layer) for h in hidden):
        return None
    return tuple(one if isinstance(one, Layer) else Dense(one) for one in hidden)


def image_of(shape: Any, features: int | None = None) -> tuple[int, int, int]:
    """Return (height, width, colours) of an image, from (height, width) or that.

    Raises
    ------
    InputError : it is something else, or does not hold so many features.
    """
    if not isinstance(shape, tuple | list) or len(shape) not in (2, 3):
        raise InputError(f"image_shape: got {shape!r}; allowed is (height, width), or (height, width, colours)")
    for side in shape:
        require_whole("image_shape", side, 1)
    if features is not None and prod(shape) != features:
        raise InputError(
            f"image_shape: got {tuple(shape)}, which is {prod(shape)} pixels, but X has {features} features; allowed is "
            "the shape that X had before it was made flat, colours last"
        )
    height, width, *colours = shape
    return height, width, colours[0] if colours else 1
