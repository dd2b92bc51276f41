"""What the hidden layers of a perceptron in memory may be: convolutions and dense layers, each with its own cells, pools,
residual additions and normalisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Literal, get_args

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_bool, require_whole, suggest
from insitu.schemes import Scheme

How = Literal["max", "mean"]
Shape = tuple[int, ...]  #: of what a layer takes or gives, of one example: (height, width, maps), or (units,)


@dataclass(frozen=True)
class InArray:
    """What a layer of weights may have of its own; None is what the network has.

    Parameters
    ----------
    device, encoding, scheme, chip : see :class:`insitu.CrossbarClassifier`.
    neurons : whether its sums go through the neurons of the network; False hands on the sums, as in front of an addition.
    """

    device: Device | str | None = field(default=None, kw_only=True)
    encoding: Encoding | MultiConductance | None = field(default=None, kw_only=True)
    scheme: Scheme | None = field(default=None, kw_only=True)
    chip: Chip | None = field(default=None, kw_only=True)
    neurons: bool = field(default=True, kw_only=True)

    def own(self, of: dict[str, Any]) -> dict[str, Any]:
        """Return what the weights are made of: its own, and the rest as the network has it."""
        given = {name: value for name in of if (value := getattr(self, name)) is not None}
        if "device" in given:
            given = {"encoding": None} | given
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
        require_bool("hidden: Dense.neurons", self.neurons)

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
        require_bool("hidden: Conv.neurons", self.neurons)

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


@dataclass(frozen=True)
class Normalise:
    """Each example by itself to a mean of 0 and a variance of 1 over all its positions and maps, digital, and counted so.

    ``y = (x - mean) / sqrt(variance + 1e-5)``. It keeps nothing of other examples, so that one may be learned at a time, and
    has no gain or offset of its own: the rows of the array behind it, its bias among them, take their place.

    Parameters
    ----------
    groups : maps are dealt to so many groups, in order, and each is normalised by itself.
    neurons : whether what it gives goes through the neurons of the network.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, arXiv:1607.06450 (2016), eq. 3, for one group of units; Y. Wu and K. He, ECCV
    2018, section 3.1, for groups of maps. Both with a gain and an offset.
    """

    groups: int = field(default=1, kw_only=True)
    neurons: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        require_whole("hidden: Normalise.groups", self.groups, 1)
        require_bool("hidden: Normalise.neurons", self.neurons)

    def gives(self, comes: Shape, place: str) -> Shape:
        """Return the shape of what it gives for what comes in; InputError if it does not fit."""
        what = "maps" if len(comes) == 3 else "units"
        if comes[-1] % self.groups:
            raise InputError(
                f"{place}: {comes[-1]} {what} come in, but it wants as many in each of {self.groups} groups; give groups "
                f"that divide {comes[-1]}"
            )
        if prod(comes) == self.groups:
            raise InputError(
                f"{place}: {prod(comes)} numbers come in, one for each group, and one alone less its mean is 0; give it "
                "fewer groups"
            )
        return comes


@dataclass(frozen=True)
class Residual:
    """What comes in, added to what some layers make of it: ``y = layers(x) + x``, digital, and counted so.

    Around weights of 0 it is the identity, whose neurons give 0 for 0.

    Parameters
    ----------
    layers : inside, whole numbers as dense ones; what they give has to have the shape of what comes in.
    shortcut : a layer for what comes in to take on the way to the sum, such as ``Conv(32, 1, stride=2, neurons=False)`` where
        the layers inside change the shape; None is as it is.
    neurons : whether the sum goes through the neurons of the network.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, CVPR 2016, eqs 1 and 2.
    """

    layers: Sequence[int | Layer]
    shortcut: Layer | None = field(default=None, kw_only=True)
    neurons: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.layers, str) or not isinstance(self.layers, Sequence) or not self.layers:
            raise InputError(
                f"hidden: Residual.layers: got {self.layers!r}; allowed is a list of layers, such as "
                "[Conv(16, 3, padding=1), Conv(16, 3, padding=1)]"
            )
        object.__setattr__(self, "layers", tuple(one if isinstance(one, Layer) else Dense(one) for one in self.layers))
        if self.shortcut is not None and not isinstance(self.shortcut, Layer):
            raise InputError(
                f"hidden: Residual.shortcut: got {self.shortcut!r}; allowed is a layer, such as Conv(16, 1, neurons=False), "
                "or None"
            )
        require_bool("hidden: Residual.neurons", self.neurons)

    @property
    def inside(self) -> tuple[Layer, ...]:
        """The layers inside."""
        return tuple(self.layers)  # type: ignore[arg-type]  # whole numbers have become layers

    @property
    def beside(self) -> tuple[Layer, ...]:
        """What stands in the shortcut."""
        return () if self.shortcut is None else (self.shortcut,)

    def gives(self, comes: Shape, place: str) -> Shape:
        """Return the shape of what it gives for what comes in; InputError if it does not fit."""
        through = shape_behind(self.inside, comes, within(place))
        added = shape_behind(self.beside, comes, beside(place))
        if through != added:
            came = f"{_said(comes)} comes in" + (f", {_said(added)} through its shortcut" if self.beside else "")
            raise InputError(
                f"{place}: {came}, but its layers give {_said(through)}, and it wants two of the same shape to add; give "
                "its convolutions a padding that keeps the size and its last layer as many maps or units, or it a "
                f"shortcut that gives {_said(through)}, such as shortcut=Conv({through[-1]}, 1, neurons=False) with their "
                "stride"
            )
        return through


Layer = Dense | Conv | Pool | Normalise | Residual


def layer_name(layer: Layer) -> str:
    """Return what a layer is called in a message."""
    if isinstance(layer, Residual):
        return f"Residual({', '.join(type(one).__name__ for one in layer.inside)})"
    if isinstance(layer, Normalise):
        return "Normalise()" if layer.groups == 1 else f"Normalise(groups={layer.groups})"
    of = (
        layer.units
        if isinstance(layer, Dense)
        else layer.size
        if isinstance(layer, Pool)
        else f"{layer.maps}, {layer.size}"
    )
    return f"{type(layer).__name__}({of})"


def within(place: str) -> str:
    """Return how the place of a layer inside a residual one at ``place`` begins."""
    return f"{place}, inside: layer "


def beside(place: str) -> str:
    """Return how the place of a layer in the shortcut of a residual one at ``place`` begins."""
    return f"{place}, shortcut: layer "


def shape_behind(layers: Sequence[Layer], comes: Shape, place: str) -> Shape:
    """Return the shape of what layers give one behind the other; InputError says which does not fit what comes in."""
    for at, layer in enumerate(layers, 1):
        comes = layer.gives(comes, f"{place}{at}, {layer_name(layer)}")
    return comes


def with_weights(layer: Layer, change: Callable[[InArray], Any]) -> Layer:
    """Return a layer of which each that has weights, inside a residual one too, is what ``change`` makes of it."""
    if isinstance(layer, Residual):
        inside = tuple(with_weights(one, change) for one in layer.inside)
        return replace(layer, layers=inside, shortcut=next((with_weights(one, change) for one in layer.beside), None))
    return change(layer) if isinstance(layer, InArray) else layer


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


def shape_of(layers: Sequence[Layer] | None, image_shape: Any, features: int) -> Shape:
    """Return what the first of the layers gets: an image, or so many units if none is given.

    Raises
    ------
    InputError : an image is given, but is none of so many features, or none of the layers looks where a feature lies.
    """
    if image_shape is None:
        return (features,)
    if all(isinstance(one, Dense) for one in layers or ()):
        raise InputError(
            f"image_shape: got {image_shape!r}, but layers of neurons alone see no image; leave it out, or put a Conv or "
            "Pool of insitu.networks.layers into hidden"
        )
    return image_of(image_shape, features)


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


def _said(shape: Shape) -> str:
    return " x ".join(map(str, shape)) + (" maps" if len(shape) == 3 else " units")
