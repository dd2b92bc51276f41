"""The layers of a network in their places: what comes into each, which array it has, and what drives its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from insitu.cells import MultiConductance
from insitu.errors import InputError
from insitu.learning.activity_difference import form_of
from insitu.memory import CELL, require_room
from insitu.networks.layers import Conv, Dense, Layer, Pool, Shape
from insitu.networks.patches import fold, unfold
from insitu.schemes import Weights

Floats = NDArray[np.float32]


@dataclass
class Stage:
    """A layer in its place.

    Parameters
    ----------
    layer : what it is. comes, gives : shapes of an example before and behind it.
    array : its place among the arrays; of a pool, that of the array below it, to which its operations are counted.
    """

    layer: Layer
    comes: Shape
    gives: Shape
    array: int

    @property
    def spots(self) -> int:
        """Positions at which an array is read for one example."""
        return prod(self.gives[:-1])

    @property
    def rows(self) -> int:
        """Rows of its array, the bias among them."""
        inputs = self.layer.size**2 * self.comes[2] if isinstance(self.layer, Conv) else prod(self.comes)
        return inputs + 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of its array."""
        return self.rows, self.gives[-1]

    def lines(self, x: Floats) -> Floats:
        """Return what drives the rows (n x spots, rows - 1) for examples x (n, ...)."""
        if isinstance(self.layer, Conv):
            x = unfold(x, self.layer.size, self.layer.stride, self.layer.padding)
        return x.reshape(-1, self.rows - 1)

    def back(self, e: Floats) -> Floats:
        """Return what comes back to each unit (n, *comes) of what came back to the rows (n x spots, rows - 1)."""
        if not isinstance(self.layer, Conv):
            return e.reshape(-1, *self.comes)
        size = self.layer.size
        patches = e.reshape(-1, *self.gives[:2], size, size, self.comes[2])
        return fold(patches, self.comes, self.layer.stride, self.layer.padding)


def laid(comes: Shape, layers: Sequence[Layer]) -> list[Stage]:
    """Return the layers in their places, each with what comes in; InputError says which does not fit what comes in."""
    stages, array = [], -1
    for place, layer in enumerate(layers):
        gives = layer.gives(comes, f"hidden: layer {place + 1}, {type(layer).__name__}({_first(layer)})")
        array += not isinstance(layer, Pool)
        stages.append(Stage(layer, comes, gives, max(array, 0)))
        comes = gives
    return stages


def arrays_of(stages: Sequence[Stage], seed: int) -> list[Weights]:
    """Return the weights of each layer that has them; no two arrays share random numbers, whatever parts each is made of."""
    shapes = [one.shape for one in stages if not isinstance(one.layer, Pool)]
    said = " + ".join(f"{rows} x {columns}" for rows, columns in shapes)
    require_room(f"hidden: {said}", CELL * sum(rows * columns for rows, columns in shapes), "give them fewer units")
    found: list[Weights] = []
    free = 0  # the first address of random numbers that no array has
    for stage in stages:
        layer = stage.layer
        if isinstance(layer, Pool):
            continue
        addresses = 1 + (len(layer.encoding.parts) if isinstance(layer.encoding, MultiConductance) else 1)
        index = -(-free // addresses)
        free = (index + 1) * addresses
        try:
            form = form_of(layer.scheme)  # type: ignore[arg-type]  # it refuses None
            found.append(
                Weights(
                    layer.device, stage.rows, stage.gives[-1], layer.scheme, form=form, encoding=layer.encoding,  # type: ignore[arg-type]
                    chip=layer.chip, bias=True, seed=seed, index=index,
                )
            )  # fmt: skip
        except InputError as error:
            raise InputError(f"array {len(found) + 1}, {type(layer).__name__}({_first(layer)}): {error}") from error
    return found


def spread_over(numbers: NDArray[np.uint64], spots: int, begin: int) -> NDArray[np.uint64]:
    """Return a number (n x spots,) for each position of examples ``numbers`` (n,) that count from ``begin``."""
    start = np.uint64(begin)
    found = (numbers - start)[:, None] * np.uint64(spots) + np.arange(spots, dtype=np.uint64)
    return np.asarray(start + found.ravel())


def _first(layer: Layer) -> str:
    if isinstance(layer, Dense):
        return str(layer.units)
    return str(layer.size) if isinstance(layer, Pool) else f"{layer.maps}, {layer.size}"
