"""Speed of tiles with resistive wires: their circuit solved, side by side with others.

    python benchmarks/wires_speed.py [--quick] [--json speed.json]

Solutions: seconds for the currents of all rows of a tile, on one core, beside SciPy's sparse LU (factors, and all rows as
right sides) and, where installed, badcrossbar (all rows at once; pip install badcrossbar); and the share of the floor, the
products of matrices that the elimination consists of. One read: seconds for one vector of voltages, beside the passes over
the cells that it cannot do without. What training through wires costs: chip_speed.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from machine import best, load, say_if_busy
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu
from threadpoolctl import threadpool_limits

from insitu.chip.chip import Wires
from insitu.chip.wires import currents, transfer

OHM = Wires(row_ohm=1.0, column_ohm=1.0, source_ohm=1.0, sense_ohm=1.0)


def tile(size: int) -> np.ndarray:
    """Return a tile (size, size) of 2 to 100 uS."""
    return np.random.default_rng(size).uniform(2e-6, 1e-4, (size, size))


def by_sparse_lu(g: np.ndarray) -> np.ndarray:
    """Return the currents of all rows by SciPy: Kirchhoff's law for every node, factored once."""
    rows, columns = g.shape
    row_nodes, column_nodes = np.arange(2 * g.size).reshape(2, rows, columns)
    pairs = [
        (row_nodes, column_nodes, g),
        (row_nodes[:, :-1], row_nodes[:, 1:], np.ones((rows, columns - 1))),
        (column_nodes[:-1], column_nodes[1:], np.ones((rows - 1, columns))),
    ]
    entries = [(n, n, np.ones(n.size)) for n in (row_nodes[:, 0], column_nodes[-1])]
    for one, other, siemens in pairs:
        a, b, y = one.ravel(), other.ravel(), siemens.ravel()
        entries += [(a, a, y), (b, b, y), (a, b, -y), (b, a, -y)]
    i, j, y = (np.concatenate(part) for part in zip(*entries, strict=True))
    driven = np.zeros((2 * g.size, rows))
    driven[row_nodes[:, 0], np.arange(rows)] = 1.0
    return splu(coo_matrix((y, (i, j))).tocsc()).solve(driven)[column_nodes[-1]].T


def by_badcrossbar(g: np.ndarray) -> np.ndarray:
    """Return the currents of all rows by badcrossbar, whose wires have a piece before the first and behind the last cell."""
    import badcrossbar

    computed = badcrossbar.compute(np.eye(len(g)), 1 / g, r_i=1.0)
    return np.asarray(computed.currents.output)


def floor(size: int) -> float:
    """Return the time of the products of matrices alone, s: 7/3 of ``size**4`` multiplications and additions."""
    a = tile(size)
    return best(lambda: a @ a, 5) * 7 / 6 * size


def solutions(sizes: list[int], others: int) -> dict[str, dict[str, float]]:
    """Return seconds by size of tile and by solver; the others solve tiles up to ``others``."""
    found: dict[str, dict[str, float]] = {}
    peers: dict[str, Callable[[np.ndarray], np.ndarray]] = {"sparse LU": by_sparse_lu}
    if importlib.util.find_spec("badcrossbar"):
        peers["badcrossbar"] = by_badcrossbar
    else:
        print("badcrossbar is not installed; for a comparison: pip install badcrossbar")
    for size in sizes:
        g = tile(size)
        ours = transfer(g, OHM)
        row = {"insitu": best(lambda g=g: transfer(g, OHM), 3), "floor": floor(size)}
        for name, solve in peers.items() if size <= others else ():
            started = perf_counter()
            theirs = solve(g)
            row[name] = perf_counter() - started
            row[f"{name}, largest difference"] = float(np.abs(theirs / ours - 1).max())
        found[str(size)] = row
        print(f"{size} x {size}: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items()))
    return found


def one_read(size: int) -> dict[str, float]:
    """Return the seconds of one read of a large tile, and of one look at all of its cells."""
    g, volts = tile(size), np.random.default_rng(0).random(size)
    found = {"insitu": best(lambda: currents(g, volts, OHM), 3), "one pass": best(lambda: volts @ g, 5)}
    print(f"one read of {size} x {size}: " + ", ".join(f"{name} {value:.3g}" for name, value in found.items()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small tiles")
    parser.add_argument("--json", type=Path, help="write the numbers there")
    options = parser.parse_args()
    before = load()
    with threadpool_limits(1, user_api="blas"):
        found: dict[str, Any] = {"solutions": solutions([32, 64] if options.quick else [64, 128, 256, 512], 128)}
        found["one read"] = one_read(128 if options.quick else 1024)
    say_if_busy(before)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
