"""Read disturb: what the voltage of many reads does to the cells that it meets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.crossbar import Crossbar

_FAR = 80.0  # exp of it is beyond any range, and still a number in single precision


def disturb(array: Crossbar, rows: NDArray[np.float64], columns: NDArray[np.float64], inputs: int) -> None:
    """Let reads change the cells of an array, ``g <- g exp(rows_i + columns_j)``, and keep its weights current.

    After n whole reads of which each changes a cell by d, the exponent is n ln(1 + d). A cell stays within its range, or
    where it is if that is beyond; cells that are faulty, worn out or removed keep what they hold, and so do references of
    which one serves all rows. No pulse is counted.

    Parameters
    ----------
    rows : (rows,) exponent of reads that drove each row; columns : (columns,) of those that met each column.
    inputs : the first rows, which transposed reads meet: all but the bias.
    """
    from insitu.kernels.state import REMOVED

    power = np.tile(rows, (columns.size, 1))
    power[:, :inputs] += columns[:, None]
    power[array.frozen == REMOVED] = 0.0
    power = np.clip(power, -_FAR, _FAR)
    low, high = array.cell[:2]
    moved = np.clip(array.g * np.exp(power).astype(np.float32), np.minimum(low, array.g), np.maximum(high, array.g))
    held = array.shared[:, None, None] | (array.writes >= array.lifetime)
    np.copyto(array.g, moved, where=~held)
    array.refresh()
