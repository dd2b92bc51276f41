"""The layers of a network in their places: what comes into each, which array it has, and what drives its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.cells import MultiConductance
from insitu.devices.loading import named
from insitu.errors import InputError
from insitu.learning.activity_difference import form_of
from insitu.memory import CELL, require_room
from insitu.networks.layers import Conv, InArray, Layer, Residual, Shape, beside, layer_name, within
from insitu.networks.patches import fold, unfold
from insitu.schemes import Weights


@dataclass
class Stage:
    """A layer in its place.

    Parameters
    ----------
    layer : what it is. comes, gives : shapes of an example before and behind it.
    array : its place among the arrays; of a layer without one, that of the array below it, to which its operations are
        counted.
    inside, beside : of a residual layer, the layers inside and in its shortcut. bare : whether no array lies below it, so
        that nothing wants what would come back from it.
    """

    layer: Layer
    comes: Shape
    gives: Shape
    array: int
    inside: Sequence[Stage] = ()
    beside: Sequence[Stage] = ()
    bare: bool = False

    @property
    def lowest(self) -> bool:
        """Whether no array lies below it, as of the first array in a network that was pickled before stages said so."""
        return self.bare or (isinstance(self.layer, InArray) and self.array == 0)

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


def laid(
    comes: Shape, layers: Sequence[Layer], *, where: str = "hidden: layer ", arrays: int = 0, bare: bool = True
) -> list[Stage]:
    """Return the layers in their places, each with what comes in; InputError says which does not fit what comes in.

    Parameters
    ----------
    where : how the place of a layer begins in a message. arrays : that come before, in order. bare : whether none of them
        lies below.
    """
    stages = []
    for at, layer in enumerate(layers, 1):
        place = f"{where}{at}, {layer_name(layer)}"
        stage = Stage(layer, comes, layer.gives(comes, place), 0, bare=bare)
        if isinstance(layer, Residual):
            inside = stage.inside = laid(comes, layer.inside, where=within(place), arrays=arrays, bare=bare)
            behind = arrays + len(list(weighed(inside)))
            stage.beside = laid(comes, layer.beside, where=beside(place), arrays=behind, bare=bare)
        own = len(list(weighed([stage])))
        arrays, bare = arrays + own, bare and not own
        stage.array = max(arrays - 1, 0)
        stages.append(stage)
        comes = stage.gives
    return stages


def weighed(stages: Sequence[Stage]) -> Iterator[Stage]:
    """Go through those that have an array, in the order of their arrays."""
    for stage in stages:
        if isinstance(stage.layer, InArray):
            yield stage
        yield from weighed(stage.inside)
        yield from weighed(stage.beside)


def arrays_of(stages: Sequence[Stage], seed: int) -> list[Weights]:
    """Return the weights of each layer that has them; no two arrays share random numbers, whatever parts each is made of."""
    shapes = [one.shape for one in weighed(stages)]
    said = " + ".join(f"{rows} x {columns}" for rows, columns in shapes)
    require_room(f"hidden: {said}", CELL * sum(rows * columns for rows, columns in shapes), "give them fewer units")
    found: list[Weights] = []
    free = 0  # the first address of random numbers that no array has
    for stage in weighed(stages):
        layer: InArray = stage.layer  # type: ignore[assignment]  # it has weights
        addresses = 1 + (len(layer.encoding.parts) if isinstance(layer.encoding, MultiConductance) else 1)
        index = -(-free // addresses)
        free = (index + 1) * addresses
        try:
            form = form_of(layer.scheme)  # type: ignore[arg-type]  # it refuses None
            found.append(
                Weights(
                    named(layer.device), stage.rows, stage.gives[-1], layer.scheme, form=form,  # type: ignore[arg-type]
                    encoding=layer.encoding, chip=layer.chip, bias=True, seed=seed, index=index,
                )
            )  # fmt: skip
        except InputError as error:
            raise InputError(f"array {len(found) + 1}, {layer_name(stage.layer)}: {error}") from error
    return found


def spread_over(numbers: NDArray[np.uint64], spots: int, begin: int) -> NDArray[np.uint64]:
    """Return a number (n x spots,) for each position of examples ``numbers`` (n,) that count from ``begin``."""
    start = np.uint64(begin)
    found = (numbers - start)[:, None] * np.uint64(spots) + np.arange(spots, dtype=np.uint64)
    return np.asarray(start + found.ravel())
