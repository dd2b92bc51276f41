"""Wires as ladders of resistors: how one wire alone divides a voltage among its cells, and what it makes of a row of cells.

A wire of n nodes is driven, or grounded, at its first one through a resistance, and has one of ``ohm`` between neighbours.
Each node leads through a cell of conductance d to the other side. Seen from node k, Y_k conducts away from the driver,
``Y_k = d_k + Y_{k+1} / (1 + ohm Y_{k+1})``, and Z_k is the resistance towards it, ``Z_{k+1} = ohm + Z_k / (1 + Z_k d_k)``.
No term is ever subtracted, and resistances of 0 are a case like any other.
"""

from __future__ import annotations

import numpy as np
from numba import float32, float64, int64, njit, types
from numpy.typing import NDArray

from insitu.kernels.state import KERNEL

_WIRE, _CELLS, _ARRAY = float64[::1], float64[:, ::1], float32[:, :, ::1]


@njit(inline="always")
def _away(d, ohm, y):
    """Fill ``y`` with what each node of a wire conducts away from the driver."""
    last = d.size - 1
    y[last] = d[last]
    for k in range(last - 1, -1, -1):
        y[k] = d[k] + y[k + 1] / (1.0 + ohm * y[k + 1])


@njit(types.void(_CELLS, float64, float64, _CELLS), **KERNEL)
def divide(g, ohm, end, out):
    """Fill ``out`` (nodes, wires) with the part of the voltage at its driven end that reaches each node of each wire.

    ``g`` (nodes, wires) are the conductances of the cells, which lead to ground, S; ``end`` the resistance of the driver. All
    wires go node by node, a lane each.
    """
    nodes, wires = g.shape
    for i in range(wires):
        out[nodes - 1, i] = g[nodes - 1, i]
    for k in range(nodes - 2, -1, -1):
        for i in range(wires):
            out[k, i] = g[k, i] + out[k + 1, i] / (1.0 + ohm * out[k + 1, i])
    for i in range(wires):
        out[0, i] = 1.0 / (1.0 + end * out[0, i])
    for k in range(1, nodes):
        for i in range(wires):
            out[k, i] = out[k - 1, i] / (1.0 + ohm * out[k, i])


@njit(types.void(_WIRE, float64, float64, _CELLS, _WIRE, _WIRE, _WIRE), **KERNEL)
def add_row(d, ohm, source, x, current, y, z):
    """Add to ``x`` (columns, columns), of which the upper triangle is kept, what a row of cells is to the column wires.

    Without the wire that is ``diag(d)``; with it ``diag(d) - d G d``, where G are the voltages along the wire, its driver
    grounded, for a current into each node. ``current`` (columns,) gets what flows into grounded columns at 1 V.
    """
    n = d.size
    _away(d, ohm, y)
    z[0] = source
    for k in range(n - 1):
        z[k + 1] = ohm + z[k] / (1.0 + z[k] * d[k])
    part = 1.0 / (1.0 + source * y[0])
    for k in range(n):
        if k:
            part /= 1.0 + ohm * y[k]
        current[k] = d[k] * part
        through = d[k] * (z[k] / (1.0 + z[k] * y[k]))
        x[k, k] += d[k] - through * d[k]
        for j in range(k + 1, n):
            through /= 1.0 + ohm * y[j]
            x[k, j] -= through * d[j]


@njit(types.void(_CELLS, float64, float64, _CELLS, _CELLS), **KERNEL)
def _respond(g, ohm, end, own, passed):
    for i in range(g.shape[0]):
        y, z = own[i], end
        _away(g[i], ohm, y)
        for k in range(y.size):
            passed[i, k] = 1.0 / (1.0 + ohm * y[k])
            towards, y[k] = z, z / (1.0 + z * y[k])
            z = ohm + towards / (1.0 + towards * g[i, k])


def respond(g: NDArray[np.float64], ohm: float, end: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a current into a node of each wire (wires, nodes) does, the driver grounded: the voltage there, ohm, and
    which part of a voltage of the node before it a node takes over."""
    own, passed = np.empty_like(g), np.empty_like(g)
    _respond(g, ohm, end, own, passed)
    return own, passed


@njit(types.void(_CELLS, _CELLS, _CELLS, _CELLS, _CELLS), **KERNEL)
def along_rows(root, own, passed, x, out):
    """Fill ``out`` with ``root`` times the voltages that currents ``root x`` into the nodes of row wires make, their drivers
    grounded; all (rows, columns)."""
    for i in range(out.shape[0]):
        v, last = 0.0, out.shape[1] - 1
        for k in range(last + 1):
            v = passed[i, k] * v + own[i, k] * (root[i, k] * x[i, k])
            out[i, k] = v
        beyond = 0.0
        for k in range(last - 1, -1, -1):
            beyond = passed[i, k + 1] * (beyond + root[i, k + 1] * x[i, k + 1])
            out[i, k] = root[i, k] * (out[i, k] + own[i, k] * beyond)
        out[i, last] *= root[i, last]


@njit(types.void(_CELLS, _CELLS, _CELLS, _CELLS, _WIRE, _CELLS), **KERNEL)
def along_columns(root, own, passed, x, room, out):
    """The same of column wires, from their last node on, where they are grounded; ``room`` (columns,)."""
    last = out.shape[0] - 1
    for j in range(room.size):
        room[j] = 0.0
    for i in range(last, -1, -1):
        for j in range(room.size):
            room[j] = passed[i, j] * room[j] + own[i, j] * (root[i, j] * x[i, j])
            out[i, j] = room[j]
    for j in range(room.size):
        room[j] = 0.0
        out[0, j] *= root[0, j]
    for i in range(1, last + 1):
        for j in range(room.size):
            room[j] = passed[i - 1, j] * (room[j] + root[i - 1, j] * x[i - 1, j])
            out[i, j] = root[i, j] * (out[i, j] + own[i, j] * room[j])


# sums may be taken in any order: else they run on one lane
@njit(
    types.void(_ARRAY, _ARRAY, int64, int64, float64, float64, float64, float64, _CELLS, _CELLS),
    fastmath={"reassoc", "nsz"},
    **KERNEL,
)
def changes(g, before, across, along, row_ohm, source, column_ohm, sense, room, out):
    """Fill ``out`` (tiles, 6), see :func:`insitu.chip.wires.changes`; ``room`` is (3, along)."""
    planes, columns, rows = g.shape
    tile = 0
    for first in range(0, columns, across):
        for start in range(0, rows, along):
            size = min(along, rows - start)
            moved, held, ends = room[0, :size], room[1, :size], room[2, :size]
            for i in range(size):
                moved[i], held[i], ends[i] = 0.0, 0.0, sense + column_ohm * (size - i)
            most, down, load, least = 0.0, 0.0, 0.0, np.inf
            for column in range(first, min(first + across, columns)):
                for plane in range(planes):
                    here, there = g[plane, column, start : start + size], before[plane, column, start : start + size]
                    ohm = source + row_ohm * ((column - first) * planes + plane + 1)
                    change, total, changed, loaded = 0.0, 0.0, 0.0, 0.0
                    for i in range(size):
                        now, far = float64(here[i]), abs(float64(here[i]) - float64(there[i]))
                        moved[i] += ohm * far
                        held[i] += ohm * now
                        change += far
                        total += now
                        changed += far * ends[i]
                        loaded += now * ends[i]
                    most = max(most, change / total if total > 0.0 else float64(change > 0.0))
                    down, load, least = max(down, changed), max(load, loaded), min(least, total)
            out[tile, 1], out[tile, 2], out[tile, 4], out[tile, 5] = down, most, load, least
            out[tile, 0], out[tile, 3] = 0.0, 0.0
            for i in range(size):
                out[tile, 0], out[tile, 3] = max(out[tile, 0], moved[i]), max(out[tile, 3], held[i])
            tile += 1
