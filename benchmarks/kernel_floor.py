"""How far the kernels are from what this processor could do at best: every piece of an output spike, timed alone.

    python benchmarks/kernel_floor.py [--repeats 9] [--json FILE]

For each piece the floor is the larger of two times: its bytes at the bandwidth, and its operations at the arithmetic
rate, both measured here, on one core, in the same run. Bytes and operations are counted by hand from the source;
docs/performance.md says how. Times are medians; run it when nothing else runs.

This is the one file outside insitu.kernels that imports numba: it wraps inlined pieces of kernels in loops to time them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import float32, float64, int64, njit, types, uint8

from insitu.arrays import Crossbar
from insitu.devices.library import load
from insitu.kernels.outer import column
from insitu.kernels.philox import philox
from insitu.kernels.state import ARRAY_TYPE, KERNEL, RULE_TYPE, StdpRule, entry
from insitu.kernels.vmath import exp, normal
from insitu.kernels.wta import _drive, _window, _winner, encode, neurons
from insitu.networks.spiking import SpikingRule

ROWS, NEURONS = 397, 500
ACTIVE = 68  # inputs that are on at an output spike: the mean over MNIST with the input of the recipe
LIT = 147  # of the 397 pixels of an image, those that are not dark: the mean over MNIST
AGAIN = 200  # short work is timed this many times in a row
_0, _LOW, _M, _32 = np.uint64(0), np.uint64(0xFFFFFFFF), np.uint64(0xD2511F53), np.uint64(32)

PHILOX, NORMAL, STEP, MOVE = 80, 24, 50, 18  # operations, see docs/performance.md


class Piece(NamedTuple):
    """A piece of work, what it costs by hand a unit, and a function that returns (work, units in it)."""

    name: str
    unit: str
    operations: float  #: on 64-bit lanes
    near: float  #: bytes between the first cache and the weights (0.8 MB)
    far: float  #: bytes between the first cache and the state of the cells (6.4 MB)
    make: Callable[[], tuple[Callable[[], Any], float]]


# -- the best of this core ----------------------------------------------------------------------------------------------


@njit(error_model="numpy")
def _stream(x, y):
    for i in range(x.size):
        y[i] = x[i] + np.uint32(1)


@njit(error_model="numpy")
def _arithmetic(x, y):
    """132 additions and exclusive ors a lane."""
    for i in range(x.size):
        a, b = x[i], y[i]
        c, d = a ^ b, a + b
        for _ in range(16):
            a = (a + b) ^ c
            b = (b ^ c) + d
            c = (c + d) ^ a
            d = (d ^ a) + b
        x[i], y[i] = a ^ c, b ^ d


def best_of_this_core(repeats: int) -> dict[str, float]:
    """Return bytes/ns over the two working sets, read and written bytes alike, and operations/ns on 64-bit lanes."""

    def bandwidth(size: int) -> float:
        x, y = np.zeros(size // 8, np.uint32), np.zeros(size // 8, np.uint32)  # two arrays make the working set
        return 1 / median_ns(lambda: [_stream(x, y) for _ in range(AGAIN // 10)], AGAIN // 10 * 2 * x.nbytes, repeats)

    x, y = np.arange(1024, dtype=np.uint64), np.arange(1024, dtype=np.uint64)
    rate = 1 / median_ns(lambda: [_arithmetic(x, y) for _ in range(AGAIN)], AGAIN * 1024 * 132, repeats)
    return {"near": bandwidth(ROWS * NEURONS * 4), "far": bandwidth(ROWS * NEURONS * 32), "operations": rate}


def median_ns(work: Callable[[], Any], units: float, repeats: int) -> float:
    """Return ns a unit: the median of ``repeats`` runs, after one that compiles and warms the caches."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - began)
    return statistics.median(times) / units


# -- the pieces of a pulse ----------------------------------------------------------------------------------------------


@njit(error_model="numpy")
def _philox_blocks(out, key):
    for i in range(out.size):
        a, b, c, d = philox(np.uint64(i), np.uint64(7), _0, _0, key)
        out[i] = a ^ b ^ c ^ d


def _draw():
    out, key = np.empty(ROWS, np.uint64), np.uint64(1)
    return lambda: [_philox_blocks(out, key) for _ in range(AGAIN)], AGAIN * ROWS


@njit(error_model="numpy")
def _normals(words, out):
    for i in range(out.size):
        out[i] = normal(words[0, i], words[1, i], words[2, i], words[3, i])


def _shape():
    words = np.random.default_rng(0).integers(0, 2**32, (4, ROWS)).astype(np.uint64)
    out = np.empty(ROWS)
    return lambda: [_normals(words, out) for _ in range(AGAIN)], AGAIN * ROWS


@njit(error_model="numpy")
def _steps(cell, g, polarity, z, out, decay, cv):
    """The law of the recipe's device (insitu.devices.exponential) with spread, everything in the first cache."""
    for i in range(g.size):
        x = (g[i] - cell[0, i]) / (cell[1, i] - cell[0, i])
        size = cell[2, i] if polarity[i] > 0.0 else -cell[3, i]
        rate = decay * x if polarity[i] > 0.0 else 0.0 * (1.0 - x)
        out[i] = min(max(cell[0, i], g[i] + size * exp(-rate) * (1.0 + cv * z[i])), cell[1, i])


def _step():
    rng = np.random.default_rng(0)
    cell = np.repeat([[0.0], [1.0], [0.1], [0.002]], ROWS, axis=1)
    g, z, out = rng.random(ROWS), rng.normal(size=ROWS), np.empty(ROWS)
    polarity = np.where(rng.random(ROWS) < ACTIVE / ROWS, 1.0, -1.0)
    return lambda: [_steps(cell, g, polarity, z, out, 6.0, 0.3) for _ in range(AGAIN)], AGAIN * ROWS


@njit(error_model="numpy")
def _move_column(g, writes, cell, weights, live, column, real):
    """Move the state of a column in and out without a pulse, as insitu.kernels.rows does, block by block."""
    for start in range(0, live.size, 128):
        block = live[start : start + 128]
        for j in range(block.size):
            real[0, j] = g[column, block[j]]
        for j in range(block.size):
            real[1, j] = writes[column, block[j]]
        for field in range(4):
            for j in range(block.size):
                real[2 + field, j] = cell[field, column, block[j]]
        for j in range(block.size):  # the additions keep the compiler from leaving the reads out
            g[column, block[j]] = real[0, j] + (real[2, j] + real[3, j] + real[4, j] + real[5, j])
        for j in range(block.size):
            writes[column, block[j]] = np.int64(real[1, j]) + 1
        for j in range(block.size):
            weights[block[j], column] = real[0, j]


@njit(error_model="numpy")
def _move_all(order, g, writes, cell, weights, live, real):
    for k in order:
        _move_column(g, writes, cell, weights, live, k, real)


def _move():
    g, writes = np.zeros((NEURONS, ROWS), np.float32), np.zeros((NEURONS, ROWS), np.uint32)
    cell, weights = np.zeros((4, NEURONS, ROWS), np.float32), np.zeros((ROWS, NEURONS), np.float32)
    live, real = np.arange(ROWS, dtype=np.int32), np.zeros((7, 128))
    order = np.random.default_rng(0).permutation(NEURONS)
    return lambda: _move_all(order, g, writes, cell, weights, live, real), ROWS * NEURONS


@njit(
    types.void(ARRAY_TYPE, int64[::1], uint8[:, ::1], RULE_TYPE, float32[:, :, ::1], float64[::1], int64[::1]), **KERNEL
)
def _program_all(cells, order, up, rule, memory, numbers, counts):
    for k in order:
        column(cells, k, up[k], rule, memory, numbers, 0, counts)


def _pulses(*without: str):
    """The compiled programming kernel itself, on every column of an array once, in random order."""

    def make():
        array = Crossbar(load("shi2018-cbram").device.without(*without), ROWS, NEURONS)
        rule = StdpRule(ltp=0.252, decay=3.0, ltd=0.004, low=-1.0, chance_up=1.0, chance_down=1.0)
        rng = np.random.default_rng(0)
        up = (rng.random((NEURONS, ROWS)) < ACTIVE / ROWS).astype(np.uint8)
        order, nothing = rng.permutation(NEURONS), (np.zeros((0, 0, 0), np.float32), np.zeros(0))
        cells = array.compiled(("overlap",))
        return lambda: entry(_program_all)(cells, order, up, rule, *nothing, array.counts), ROWS * NEURONS

    return make


# -- the pieces of a spike ----------------------------------------------------------------------------------------------


@njit(error_model="numpy")
def _encodings(images, show, key, room):
    for m in range(images.shape[0]):
        encode(images[m], show, np.uint64(m), key, room)


def _encoding():
    rng = np.random.default_rng(0)
    images = np.zeros((AGAIN, ROWS), np.uint8)
    for image in images:
        image[rng.permutation(ROWS)[:LIT]] = rng.integers(1, 256, LIT)
    show, room = SpikingRule().show(), neurons(np.zeros(NEURONS), np.zeros(NEURONS, np.int64), ROWS).room
    return lambda: _encodings(images, show, np.uint64(1), room), AGAIN * LIT


@njit(error_model="numpy")
def _windows(show, room, times):
    found = 0
    for t in range(times):
        found += _window(room, show, t % 8)
    return found


def _finding():
    show, room = SpikingRule().show(), neurons(np.zeros(NEURONS), np.zeros(NEURONS, np.int64), ROWS).room
    room.spikes[:] = np.random.default_rng(0).integers(0, 2**50, ROWS).astype(np.uint64)
    return lambda: _windows(show, room, AGAIN), AGAIN * ROWS


@njit(error_model="numpy")
def _drives(weights, bias, active, u):
    for t in range(active.shape[0]):
        _drive(weights, bias, active[t], active.shape[1], u)


def _driving():
    rng = np.random.default_rng(0)
    active = np.stack([np.sort(rng.permutation(ROWS)[:ACTIVE]) for _ in range(AGAIN)])
    weights = rng.random((ROWS, NEURONS)).astype(np.float32)
    bias, u = np.zeros(NEURONS), np.empty(NEURONS, np.float32)
    return lambda: _drives(weights, bias, active, u), AGAIN * ACTIVE * NEURONS


@njit(error_model="numpy")
def _winners(room, r):
    found = 0
    for t in range(r.size):
        found += _winner(room, 2.0, r[t])
    return found


def _choosing():
    rng = np.random.default_rng(0)
    room, r = neurons(np.zeros(NEURONS), np.zeros(NEURONS, np.int64), ROWS).room, rng.random(AGAIN)
    room.u[:] = rng.normal(0, 3, NEURONS)
    return lambda: _winners(room, r), AGAIN * NEURONS


WHOLE = PHILOX + NORMAL + STEP
PIECES = (
    Piece("Philox4x32-10", "block", PHILOX, 0, 0, _draw),
    Piece("normal deviate from a block", "number", NORMAL, 0, 0, _shape),
    Piece("device step", "pulse", STEP, 0, 0, _step),
    Piece("state in and out", "pulse", MOVE, 128, 37, _move),
    Piece("whole pulse, c2c and d2d", "pulse", WHOLE + MOVE, 128, 37, _pulses()),
    Piece("whole pulse, c2c", "pulse", WHOLE + MOVE - 8, 128, 21, _pulses("spread")),
    Piece("whole pulse, ideal", "pulse", STEP + MOVE - 8, 128, 21, _pulses("all")),
    Piece("Poisson spikes, 50 ms", "lit pixel", 8 * PHILOX + 16 * 6, 0, 0, _encoding),
    Piece("which inputs are on", "input", 5, 0, 0, _finding),
    Piece("drive", "input x neuron", 0.5, 4, 0, _driving),
    Piece("choice of the winner", "neuron", 32, 0, 0, _choosing),
)


def measure(repeats: int) -> dict[str, Any]:
    """Return the best of this core, and of every piece its costs, its floor and its measured time, ns a unit."""
    best = best_of_this_core(repeats)
    rows = []
    for piece in PIECES:
        work, units = piece.make()
        floor = max(piece.operations / best["operations"], piece.near / best["near"] + piece.far / best["far"])
        costs = {key: value for key, value in piece._asdict().items() if key != "make"}
        rows.append(costs | {"floor_ns": floor, "measured_ns": median_ns(work, units, repeats)})
    return {"best": best, "pieces": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="runs of which the median counts")
    parser.add_argument("--json", metavar="FILE", type=Path, help="leave the numbers there")
    arguments = parser.parse_args()
    found = measure(arguments.repeats)
    best = found["best"]
    print(f"One core: {best['operations']:.0f} operations/ns on 64-bit lanes, {best['near']:.0f} bytes/ns over 0.8 MB,")
    print(f"{best['far']:.0f} bytes/ns over 6.4 MB.\n")
    print(f"{'piece':30}{'a':>15}{'operations':>12}{'bytes':>7}{'floor':>9}{'measured':>10}{'ratio':>7}")
    for row in found["pieces"]:
        floor, measured, size = row["floor_ns"], row["measured_ns"], row["near"] + row["far"]
        print(f"{row['name']:30}{row['unit']:>15}{row['operations']:12g}{size:7g}", end="")
        print(f"{floor:6.2f} ns{measured:7.2f} ns{measured / floor:7.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
