"""Another way to the currents of a tile: Kirchhoff's law for every node at once, by SciPy's sparse direct solver."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

TINY = 1e-6  # ohm, in place of no resistance at all


def currents(g, wires):
    """The current (rows, columns) out of each column for 1 V at each row."""
    rows, columns = g.shape
    count = 2 * rows * columns
    row_nodes, column_nodes = np.arange(count).reshape(2, rows, columns)
    source, sense = 1 / max(wires.source_ohm, TINY), 1 / max(wires.sense_ohm, TINY)
    between = [
        (row_nodes, column_nodes, g),
        (row_nodes[:, :-1], row_nodes[:, 1:], 1 / max(wires.row_ohm, TINY)),
        (column_nodes[:-1], column_nodes[1:], 1 / max(wires.column_ohm, TINY)),
    ]
    entries = []
    for one, other, siemens in between:
        y = np.broadcast_to(siemens, one.shape).ravel()
        a, b = one.ravel(), other.ravel()
        entries += [(a, a, y), (b, b, y), (a, b, -y), (b, a, -y)]
    for nodes, siemens in ((row_nodes[:, 0], source), (column_nodes[-1], sense)):
        entries.append((nodes, nodes, np.full(nodes.size, siemens)))
    i, j, y = (np.concatenate(part) for part in zip(*entries, strict=True))
    driven = np.zeros((count, rows))
    driven[row_nodes[:, 0], np.arange(rows)] = source
    volts = splu(coo_matrix((y, (i, j)), shape=(count, count)).tocsc()).solve(driven)
    return (volts[column_nodes[-1]] * sense).T
