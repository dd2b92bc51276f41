"""What wires do to the cells of an array, kept current while it learns.

A read of cell (i, j) through its wires says ``reach_ij g_ij + stray_ij``. ``reach`` (:func:`insitu.chip.wires.reach`) is the
exact effect of the two wires that a cell lies on, taken alone, and cheap; ``stray``, what an exact solution adds to that, is
of second order in the loss and changes slowly. So between two looks a pulse costs one multiplication, a look costs two
passes over the cells, and the circuit is solved only where what it would say could have moved by more than the tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.chip.chip import weights_across
from insitu.chip.wires import changes, reach, transfer
from insitu.kernels.threads import in_parts, one_blas_thread

if TYPE_CHECKING:
    from insitu.arrays.crossbar import Crossbar

S = TypeVar("S")
T = TypeVar("T")
Place = tuple[slice, slice, slice]  #: of a tile: planes, columns, rows
_POOR, _FAIR = 0.1, 0.5  # parts of a cell that arrive
_LATE = 0.25  # of the tolerance: what may be off because reach has not been looked at anew


def follow(array: Crossbar) -> None:
    """Bring what wires do to the cells up to date, and the weights with it; behind ideal wires, nothing happens."""
    if not array.connected:
        return
    wires = array.wires
    assert wires is not None
    late = _late(array) > (0.0 if wires.after_learning else _LATE * wires.tolerance)
    if not late.any():
        return
    exactly = wires.tolerance == 0 or wires.after_learning  # only the exact solution will do
    solve = late & (exactly or _moved(array) > wires.tolerance)
    places = _places(array)
    found = _each([k for k in range(len(places)) if late[k]], lambda k: _followed(array, places[k], solve[k]))
    array.solutions += sum(solved for solved, _ in found)
    array.wire_error[...] = max([float(array.wire_error), *(error for _, error in found)])


def _followed(array: Crossbar, place: Place, solve: bool) -> tuple[int, float]:
    """Bring a tile up to date; return whether it was solved, and by how much a weight was off then, of its range."""
    wires = array.wires
    assert wires is not None
    g, stray = _cells(array.g[place]), _cells(array.stray[place])
    before, part = _cells(array.reach[place]) * g + stray, reach(g, wires)
    if array.amplified.size:
        stray /= _cells(array.amplified[place])
    if solve:
        stray = transfer(g, wires) - part * g
        array.solved[place] = array.g[place]
    if array.amplified.size:
        gains = _gains(g, part * g + stray)
        part, stray = gains * part, gains * stray
        _put(array.amplified, place, np.broadcast_to(gains, g.shape))
    if solve or array.amplified.size:
        _put(array.stray, place, stray)
    _put(array.reach, place, part)
    array.looked[place] = array.g[place]
    array.refresh(rows=place[2], columns=place[1])
    return int(solve), _of_weights(array, place, part * g + stray - before)


def _late(array: Crossbar) -> Doubles:
    """Return for each tile by how much weights may be off at most because its cells have changed since reach was computed, as
    a fraction of their range; and gains of columns."""
    assert array.wires is not None
    row, column, moved, rows, columns, _ = changes(array.g, array.looked, *_sides(array), array.wires)
    late = row + column
    if array.wires.column_gain:  # a gain is that of the mean reach of a column, which moves with what lies where
        late += (rows + columns) * np.minimum(moved, 1.0)
    return np.asarray(_worth(array) * late)


def _moved(array: Crossbar) -> Doubles:
    """Return for each tile by how much weights may be off at most because its circuit was solved for other conductances than
    those of now, as a fraction of their range."""
    assert array.wires is not None
    row, column, _, rows, columns, least = changes(array.g, array.solved, *_sides(array), array.wires)
    off = _kept_back(rows + row) * _kept_back(column) + _kept_back(columns + column) * _kept_back(row)
    if (
        array.wires.column_gain
    ):  # what a column sends changes by as much for each of its cells, its gain by that part of it
        off *= 1.0 + np.divide(_sides(array)[1] * array.device.g_max, least, out=np.zeros_like(least), where=least > 0)
    return _worth(array) * off


def _kept_back(loads: Doubles) -> Doubles:
    """Return which part of a current lines of such loads keep back, were it all at their end."""
    return loads / (1.0 + loads)


def _worth(array: Crossbar) -> float:
    """Return by how much a weight changes, of its range, where reads of all its cells change by g_max."""
    span = array.encoding.w_max - array.encoding.w_min
    return float(np.abs(array.map.gains).sum()) * array.device.g_max / span


def _gains(g: Doubles, seen: Doubles) -> Doubles:
    """Return the gain of each column (cells,) behind which reads of all its cells g (rows, cells) together are ideal."""
    arrives = seen.sum(axis=0)
    return np.asarray(np.divide(g.sum(axis=0), arrives, out=np.ones_like(arrives), where=arrives > 0))


def connect(array: Crossbar) -> None:
    """Put cells that have learned behind ideal wires behind those that they are read through, by the exact solution."""
    array.connected = True
    if array.kept is not None and np.array_equal(array.kept[0], array.g):
        array.reach[:], array.stray[:], array.amplified[:] = array.kept[1:]
        array.refresh()
    else:
        follow(array)


def disconnect(array: Crossbar) -> None:
    """Put cells back behind ideal wires, where they go on learning as if nothing had been; weights are left as they are."""
    kept = (array.g, array.reach, array.stray, array.amplified)
    array.connected, array.kept = False, tuple(one.copy() for one in kept)
    array.reach[:], array.stray[:], array.solved[:], array.looked[:] = 1.0, 0.0, 0.0, 0.0  # connected again, all is new
    array.amplified[:], array.wire_error[...] = 1.0, 0.0


def error_of_wires(array: Crossbar) -> float:
    """Return by how much the effective weights are off now, at most, as a fraction of their range; nothing changes."""
    wires = array.wires
    if wires is None or not array.connected:
        return 0.0

    def tile(place: Place) -> float:
        g = _cells(array.g[place])
        seen, exact = _cells(array.reach[place]) * g + _cells(array.stray[place]), transfer(g, wires)
        return _of_weights(array, place, (_gains(g, exact) if wires.column_gain else 1.0) * exact - seen)

    return max(_each(_places(array), tile))


def loss_of_wires(array: Crossbar) -> float:
    """Return which part of a cell its own wires take, on average; gains of columns put aside."""
    wires = array.wires
    if wires is None:
        return 0.0
    arrives = sum(_each(_places(array), lambda place: float(reach(_cells(array.g[place]), wires).sum())))
    return 1.0 - arrives / array.g.size


def poor_wires(array: Crossbar) -> str | None:
    """Return a sentence if of some cells under a tenth arrives, with the size of a tile of which half would; else None."""
    if array.wires is None:
        return None
    arrives = (array.reach / array.amplified if array.amplified.size else array.reach).min()
    if arrives >= _POOR:
        return None
    middle, size = (array.device.g_min + array.device.g_max) / 2, max(array.g.shape)
    while size > 1 and reach(np.full((size, size), middle), array.wires).min() < _FAIR:
        size //= 2
    return (
        f"of the farthest cell of a tile {100 * arrives:.2g} % arrives, for its wires are poor; in tiles of "
        f"{size} x {size} cells half would: set chip.tile_rows and chip.tile_columns"
    )


def _of_weights(array: Crossbar, place: Place, cells: Doubles) -> float:
    """Return the largest change of a weight, as a fraction of its range, that a change of what reads say of cells makes."""
    planes, encoding = array.encoding.planes, array.encoding
    change = cells.reshape(len(cells), -1, planes) @ array.map.gains
    return float(np.abs(change).max()) / (encoding.w_max - encoding.w_min)


def _sides(array: Crossbar) -> tuple[int, int]:
    """Return the weights across a tile, and its rows."""
    planes, columns, rows = array.g.shape
    assert array.wires is not None
    return weights_across(array.wires.tile_columns, columns, planes), min(array.wires.tile_rows or rows, rows)


def _places(array: Crossbar) -> list[Place]:
    """Return the place of each tile over which the array is laid."""
    (_, columns, rows), (across, along) = array.g.shape, _sides(array)
    return [np.s_[:, c : c + across, r : r + along] for c in range(0, columns, across) for r in range(0, rows, along)]


def _each(tiles: Sequence[S], work: Callable[[S], T]) -> list[T]:
    """Return what ``work`` makes of each tile, or place of one."""
    with one_blas_thread():  # tiles are solved side by side
        parts = in_parts(lambda part: [work(tile) for tile in tiles[part]], len(tiles), least=1)
    return [one for part in parts for one in part]


def _cells(part: NDArray[np.float32]) -> Doubles:
    """Return a part (planes, columns, rows) of an array as it lies in a tile, (rows, cells): planes are neighbours."""
    return np.ascontiguousarray(part.transpose(2, 1, 0).reshape(part.shape[2], -1), float)


def _put(where: NDArray[np.float32], place: Place, cells: Doubles) -> None:
    part = where[place]
    part[:] = cells.reshape(part.shape[::-1]).transpose(2, 1, 0)
