"""How a network that is larger than one crossbar is laid over several tiles."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.arrays.crossbar import Crossbar
from insitu.errors import require_whole


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """Crossbar tiles of fixed size; the devices of a weight lie side by side in one row.

    Parameters
    ----------
    rows, columns : of one tile, in cells.
    """

    rows: int = 64
    columns: int = 64

    def __post_init__(self) -> None:
        require_whole("tiles.rows", self.rows, 1)
        require_whole("tiles.columns", self.columns, 1)

    def grid(self, array: Crossbar) -> tuple[int, int]:
        """Return how many tiles lie (below, beside) each other; partial sums of tiles below each other are added."""
        cells = array.columns * array.encoding.planes
        return -(-array.rows // self.rows), -(-cells // self.columns)

    def count(self, *arrays: Crossbar) -> int:
        """Return the number of tiles that these arrays take, none shared."""
        return sum(below * beside for below, beside in map(self.grid, arrays))

    def describe(self, array: Crossbar) -> str:
        """Return the layout in words."""
        below, beside = self.grid(array)
        number = below * beside
        return (
            f"{array.rows} x {array.columns} weights of {array.encoding.planes} cell(s) on {number} "
            f"tile{'s' * (number != 1)} of {self.rows} x {self.columns} ({below} x {beside})"
        )
