"""Whether a network fits into a memory, with the arithmetic shown."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.errors import BudgetError, InputError, require_whole
from insitu.memory import CELL, require_room


@dataclass(frozen=True)
class Budget:
    """The cells of a memory, for example ``Budget(512 * 1024)`` for a 512 kbit array of single-bit cells."""

    cells: int

    def __post_init__(self) -> None:
        require_whole("cells", self.cells, 1, 2**48)

    def most_columns(self, rows: int, planes: int) -> int:
        """Return the largest number of columns (neurons) that fits."""
        return self.cells // (rows * planes)

    def most_planes(self, rows: int, columns: int) -> int:
        """Return the largest number of cells a weight that fits."""
        return self.cells // (rows * columns)

    def require(self, rows: int, columns: int, planes: int) -> None:
        """Raise BudgetError, with the arithmetic and the remedies, unless rows x columns x planes cells fit."""
        need = rows * columns * planes
        if need <= self.cells:
            return
        fits = self.most_planes(rows, columns)
        alternative = f", or {columns} neurons at {fits} cell(s) a weight" if fits else ""
        raise BudgetError(
            f"the network does not fit: {rows} inputs x {columns} neurons x {planes} cell(s) a weight = {need:,} cells, "
            f"the array has {self.cells:,}. It holds {self.most_columns(rows, planes)} neurons at {planes} cell(s) a "
            f"weight{alternative}: change the neurons, the bits a weight or the cells"
        )


def require_size(rows: int, columns: int, planes: int, budget: Budget | None) -> None:
    """Raise InputError unless rows x columns weights of so many cells can be addressed, and fit the budget and the memory."""
    require_whole("rows", rows, 1)
    require_whole("columns", columns, 1)
    if budget is not None:
        budget.require(rows, columns, planes)
    if planes * rows * columns >= 2**32:
        raise InputError(f"the array has {planes * rows * columns:,} cells; at most 2**32 - 1 can be addressed")
    what = f"array: {rows:,} inputs x {columns:,} outputs x {planes} cells a weight"
    require_room(what, CELL * planes * rows * columns, "give the layers fewer units")
