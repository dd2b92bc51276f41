"""A crossbar with resistive wires: what it makes of voltages, exactly, and nearly so at a fraction of the cost.

The tile is linear: the currents of the columns are ``voltages @ transfer(g)``, whatever the voltages. Rows are driven at
their first cell through ``source_ohm``, columns end behind their last one in a virtual ground behind ``sense_ohm``, and
neighbouring cells are ``row_ohm`` and ``column_ohm`` apart along their wires.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.chip.chip import Wires
from insitu.errors import InputError
from insitu.kernels.cache import load

Cells = NDArray[np.float32]

_LEAST = 64  # the size up to which LAPACK inverts
_SMALL = 1e-6  # ohm times S: below it, 1 / (1 / x + r) is better told by its series than by a difference of near equals


def transfer(g: Any, wires: Wires) -> Doubles:
    """Return the currents (rows, columns) that each row at 1 V, all others at 0, sends out of each column of a tile, S.

    With ideal wires that is ``g`` itself. The nodes of a row wire are eliminated in closed form, then those of the columns
    row by row from the far end, where X_i is what the rows up to i conduct between the columns and c_i the currents into
    them: ``X_{i+1} = K_{i+1} + X_i (1 + r X_i)^-1``, and a current c passes the next piece of the column wires as
    ``(1 + r X_i)^-1 c``. About ``(4/3 columns + rows) rows columns**2`` operations, columns the shorter side.

    Parameters
    ----------
    g : (rows, columns) conductances, S, 0 and above.

    Raises
    ------
    InputError
        For anything but a matrix of finite numbers of at least 0.
    """
    g = _checked(g)
    if g.shape[1] > g.shape[0]:  # by reciprocity columns may drive and rows sense
        return transfer(g[::-1, ::-1].T, wires.transposed)[::-1, ::-1].T
    rows, columns = g.shape
    add_row = load("ladder", "wires").add_row
    x, through, room = np.zeros((columns, columns)), np.empty((columns, columns)), np.empty((2, columns))
    found, carried = np.empty((rows, columns)), np.empty((rows, columns))
    for i in range(rows):
        add_row(g[i], wires.row_ohm, wires.source_ohm, x, found[i], *room)
        ohm = wires.column_ohm if i < rows - 1 else wires.sense_ohm
        if not ohm:
            continue
        np.multiply(x, ohm, out=through)
        _diagonal(through)[:] += 1.0
        _invert(through)
        np.matmul(found[: i + 1], through, out=carried[: i + 1])
        found, carried = carried, found
        if ohm * x.diagonal().max() > _SMALL:
            np.multiply(through, -1.0 / ohm, out=x)
            _diagonal(x)[:] += 1.0 / ohm
        else:
            x = np.triu(x) + np.triu(x, 1).T
            x -= ohm * (x @ x)
    return found


def currents(g: Any, volts: Any, wires: Wires, error: float = 1e-10) -> Doubles:
    """Return the currents (columns,) of one read with these voltages (rows,) on the rows, A: ``volts @ transfer(g, wires)``.

    For tiles so large that the whole matrix is out of reach. With a = diag(sqrt(g)) times what currents into the nodes of a
    wire do to its voltages times diag(sqrt(g)), for all row wires a_r and all column wires a_c, the voltages of the columns
    are w / sqrt(g), ``(a_c^-1 - a_r) w = b``, b from rows behind grounded columns: conjugate gradients, preconditioned by
    a_c, whose inverse is never needed, for each direction is a_c times something known.

    Parameters
    ----------
    g : (rows, columns) conductances, S. error : relative, at which iteration ends.

    Raises
    ------
    InputError
        For anything but finite numbers in these shapes, conductances of at least 0.
    """
    g = _checked(g)
    v = np.ascontiguousarray(volts, float)
    if v.shape != (len(g),) or not np.isfinite(v).all():
        raise InputError(f"volts: got shape {v.shape}; allowed are {len(g)} finite numbers, one a row")
    kernels = load("ladder", "wires")
    across, along = _parts(g, wires)
    root, room = np.sqrt(g), np.empty(g.shape[1])
    by_row = kernels.respond(g, wires.row_ohm, wires.source_ohm)
    by_column = [a.T[::-1].copy() for a in kernels.respond(g[::-1].T.copy(), wires.column_ohm, wires.sense_ohm)]

    def rows(x: Doubles, out: Doubles) -> Doubles:
        kernels.along_rows(root, *by_row, x, out)
        return out

    def columns(x: Doubles, out: Doubles) -> Doubles:
        kernels.along_columns(root, *by_column, x, room, out)
        return out

    b = root * (v[:, None] * across)
    w, left, step, z = np.zeros_like(g), b.copy(), np.empty_like(g), np.empty_like(g)
    p, q = columns(left, z).copy(), left.copy()
    now = float(np.vdot(left, z))
    enough = error * error * now
    while now > enough:
        np.subtract(q, rows(p, step), out=step)
        length = now / float(np.vdot(p, step))
        step *= length
        left -= step
        w += np.multiply(p, length, out=step)
        before, now = now, float(np.vdot(left, columns(left, z)))
        p *= now / before
        p += z
        q *= now / before
        q += left
    return np.asarray((along * root * (b + rows(w, step))).sum(axis=0))


def _diagonal(a: Doubles) -> Doubles:
    """Return a view of the diagonal of a square matrix."""
    return np.asarray(np.einsum("ii->i", a))


def _invert(a: Doubles) -> None:
    """Put its inverse in the place of a symmetric positive matrix, of which the upper triangle is given.

    By halves, so that nearly all of it are products of matrices: ``4/3 n**3`` operations at full speed are done sooner than
    the ``n**3`` of LAPACK, which reach a quarter of it.
    """
    n = len(a)
    if n <= _LEAST:
        from scipy.linalg import lapack

        factor, _ = lapack.dpotrf(a.T, lower=1)  # of columns as LAPACK sees them
        inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
        np.add(inverse, inverse.T, out=a)
        _diagonal(a)[:] = inverse.diagonal()
        return
    half = n // 2
    first, aside, last = a[:half, :half], a[:half, half:], a[half:, half:]
    _invert(first)
    w = first @ aside
    last -= aside.T @ w
    _invert(last)
    v = w @ last
    first += v @ w.T
    np.negative(v, out=aside)
    a[half:, :half] = aside.T


def reach(g: Any, wires: Wires) -> Doubles:
    """Return which part (rows, columns) of the effect of each cell arrives, were all wires but its own two ideal.

    The part of the voltage that its row brings to it, times the part of its current that its column takes to the sense
    amplifier, which by reciprocity is a part of a voltage too. Near the derivative of :func:`transfer` by the cell itself.
    """
    across, along = _parts(_checked(g), wires)
    return across * along


def changes(g: Cells, before: Cells, across: int, along: int, wires: Wires) -> Doubles:
    """Return (6, tiles) how far the cells g of each tile have moved from ``before``, both (planes, columns, rows), S.

    The load of a row wire, or column wire, is the sum over its cells of their conductance times the wire between them and the
    driver, or the sense amplifier. For each tile of ``along`` rows by ``across`` columns of all planes, tiles in order of
    columns, then rows: the largest load of a row, and of a column, of the change |g - before|; the largest change of a column
    of cells, of its sum; the two loads of g; and the least sum of a column.

    Where conductances change by at most d, :func:`reach` of no cell changes by more than the two loads of d together: the
    voltage at a node falls by at most the current that is drawn there more, times the wire that both share. And what
    :func:`transfer` adds to reach x g changes by at most ``g_max (p(A) p(b) + p(B) p(a))``, p(x) = x / (1 + x), A and B the
    loads of row and column of the larger conductances, which are at most those of g and of d, a and b those of d: found so,
    not proven; in 1,500 tiles at random, bright, dark, in corners and lines, up to 32 x 32, it was at most 0.98 of that.
    """
    _, columns, rows = g.shape
    found = np.empty((-(-columns // across) * -(-rows // along), 6))
    ohms = (wires.row_ohm, wires.source_ohm, wires.column_ohm, wires.sense_ohm)
    load("ladder", "wires").changes(g, before, across, along, *ohms, np.empty((3, along)), found)
    return found.T


def _parts(g: Doubles, wires: Wires) -> tuple[Doubles, Doubles]:
    """Return which part of its voltage each row brings to its cells, and of their currents each column takes on."""
    divide = load("ladder", "wires").divide
    across, along = np.empty(g.shape[::-1]), np.empty(g.shape)
    divide(np.ascontiguousarray(g.T), wires.row_ohm, wires.source_ohm, across)
    divide(np.ascontiguousarray(g[::-1]), wires.column_ohm, wires.sense_ohm, along)
    return across.T, along[::-1]


def _checked(given: Any) -> Doubles:
    g = np.ascontiguousarray(given, float)
    if g.ndim != 2 or not g.size or not (np.isfinite(g).all() and (g >= 0).all()):
        raise InputError(f"g: got an array of shape {g.shape}; allowed is a matrix of finite numbers of at least 0 S")
    return g
