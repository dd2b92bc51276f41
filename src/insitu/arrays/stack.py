"""One matrix of weights held by several arrays of decreasing significance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.aging import age
from insitu.arrays.crossbar import Crossbar
from insitu.cells import MultiConductance


class Stack:
    """rows x columns weights, each the sum of its parts in the arrays of a :class:`insitu.cells.MultiConductance`.

    Parameters
    ----------
    cell : the parts of a weight, most significant first.
    rows, columns : inputs and outputs.
    seed, index : of the random numbers; ``index`` tells the stacks of one network apart.

    Attributes
    ----------
    levels : one :class:`Crossbar` a part. The last one is programmed in training and has the effective ``weights``.
    """

    def __init__(self, cell: MultiConductance, rows: int, columns: int, *, seed: int = 0, index: int = 0) -> None:
        self.cell = cell
        last = len(cell.parts) - 1
        self.levels = tuple(
            Crossbar(
                part.device,
                rows,
                columns,
                encoding=encoding,
                seed=seed,
                index=index * (last + 1) + level,
                stacked=level == last,
            )
            for level, (part, encoding) in enumerate(zip(cell.parts, cell.encodings, strict=True))
        )
        self.refresh()

    @property
    def lowest(self) -> Crossbar:
        """The array that training programs."""
        return self.levels[-1]

    @property
    def weights(self) -> NDArray[np.float32]:
        """(rows, columns) effective weights, always current."""
        return self.lowest.weights

    @property
    def planes(self) -> int:
        """Devices that a read of one weight drives."""
        return sum(level.encoding.planes for level in self.levels)

    def refresh(self) -> None:
        """Recompute the effective weights from the conductances of all levels."""
        if len(self.levels) > 1:
            np.sum([level.weights for level in self.levels[:-1]], axis=0, out=self.lowest.base)
        self.lowest.refresh()

    def age(self, seconds: float) -> None:
        """Let time pass for all levels."""
        changed = [age(level, seconds) for level in self.levels]
        if any(changed[:-1]):
            self.refresh()

    @property
    def counts(self) -> NDArray[np.int64]:
        """Events of all levels together, in the order of insitu.kernels.state.COUNTS."""
        return np.sum([level.counts for level in self.levels], axis=0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that training changed, for a checkpoint."""
        return {f"{n}.{name}": a for n, level in enumerate(self.levels) for name, a in level.arrays().items()}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a stack made with the same parameters and seed."""
        for n, level in enumerate(self.levels):
            prefix = f"{n}."
            level.restore({k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)})
