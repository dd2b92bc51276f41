"""A stack of layers trained one example at a time: forward, back and update from the same weights.

The error goes back through the weights themselves (backpropagation, a transposed read) or through fixed random numbers in
their place (feedback alignment, digital).

The forward pass adds up the rows of active inputs, the transposed one takes dot products of rows: both walk the memory as
it lies. Single precision, as the weights are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import float32, float64, int64, njit, types, uint64
from numpy.typing import NDArray

from insitu.kernels.lines import BACKWARD, FORWARD, ROOM_TYPE, Room, room
from insitu.kernels.memory import read_at, wiring_at
from insitu.kernels.reading import backward, count, forward, project
from insitu.kernels.state import DIGITAL_OPS, KERNEL, Read
from insitu.kernels.vmath import exp

TANH, LOGISTIC, RELU, IDENTITY = range(4)
CROSS_ENTROPY, SQUARED, LINEAR = range(3)


class Options(NamedTuple):
    """What happens between two arrays: see learning.backprop.Neurons."""

    function: int
    loss: int
    limit: float  #: of the table
    table: NDArray[np.float32]  #: f at equal distances over +-limit, empty for the exact function


OPTIONS_TYPE = types.NamedTuple([int64, int64, float64, float32[::1]], Options)


@njit(error_model="numpy")
def _activate(z, f, slope, options):
    """Write f(z) and f'(z)."""
    kind, limit, table = options.function, np.float32(options.limit), options.table
    one, two = np.float32(1.0), np.float32(2.0)
    if table.size > 1:
        last = table.size - 1
        scale = np.float32(last) / (two * limit)
        for j in range(z.size):
            place = (min(max(z[j], -limit), limit) + limit) * scale
            i = min(np.int64(place), last - 1)
            rise = table[i + 1] - table[i]
            f[j] = table[i] + rise * (place - np.float32(i))
            slope[j] = rise * scale if abs(z[j]) < limit else np.float32(0.0)
    elif kind == TANH:
        for j in range(z.size):
            f[j] = np.float32(1.0 - 2.0 / (exp(2.0 * np.float64(z[j])) + 1.0))
            slope[j] = one - f[j] * f[j]
    elif kind == LOGISTIC:
        for j in range(z.size):
            f[j] = np.float32(1.0 / (1.0 + exp(-np.float64(z[j]))))
            slope[j] = f[j] * (one - f[j])
    elif kind == RELU:
        for j in range(z.size):
            f[j] = max(z[j], np.float32(0.0))
            slope[j] = np.float32(z[j] > 0)
    else:
        for j in range(z.size):
            f[j], slope[j] = z[j], one


@njit(error_model="numpy")
def _softmax(z, f):
    top = z[0]
    for j in range(z.size):
        top = max(top, z[j])
    total = 0.0
    for j in range(z.size):
        e = exp(np.float64(z[j] - top))
        f[j] = np.float32(e)
        total += e
    for j in range(z.size):
        f[j] = np.float32(f[j] / total)


@njit(error_model="numpy")
def _put_out(z, out, slope, options):
    """Write what the last layer puts out, and the slope of its function where the loss asks for it."""
    if options.loss == CROSS_ENTROPY:
        _softmax(z, out)
    elif options.loss == LINEAR:
        for j in range(z.size):
            out[j] = z[j]
    else:
        _activate(z, out, slope, options)


@njit(error_model="numpy")
def _error(out, target, rate, slope, options, delta):
    """Write the rate times the error of the outputs, for the slope of their function where the loss asks for it."""
    for j in range(out.size):
        error = target[j] - out[j]
        delta[j] = np.float32(rate) * (error * slope[j] if options.loss == SQUARED else error)


class Scratch(NamedTuple):
    """What one example is worked out in, as wide as the longer side of any layer."""

    x: NDArray[np.float32]  #: (layers + 1, widest) inputs of each layer, the bias line at 1; then the outputs
    slope: NDArray[np.float32]  #: (layers, widest) of what each layer puts out
    deltas: NDArray[np.float32]  #: (layers, widest) wanted change of the sums of each layer
    z: NDArray[np.float32]  #: (widest,) sums
    e: NDArray[np.float32]  #: (widest,) errors that went back
    room: Room
    drive: NDArray[np.int64]  #: (layers, 2, widest) how long reads drove each row, and each column: see reading.count


def scratch(reads: Sequence[Read]) -> Scratch:
    """Return scratch for a network; kernels that count no references to arrays cannot make it themselves."""
    depth, widest = len(reads), max(max(r.weights.shape) for r in reads)
    x, slope, deltas = (np.zeros((n, widest), np.float32) for n in (depth + 1, depth, depth))
    z, e = np.zeros((2, widest), np.float32)
    drive = np.zeros((depth, 2, widest), np.int64)
    return Scratch(x, slope, deltas, z, e, room(widest), drive)


SCRATCH_TYPE = types.NamedTuple([float32[:, ::1]] * 3 + [float32[::1]] * 2 + [ROOM_TYPE, int64[:, :, ::1]], Scratch)


@njit(
    int64(
        uint64[::1], uint64[::1], float32[:, ::1], float32[:, ::1], float64[::1], OPTIONS_TYPE, SCRATCH_TYPE, int64,
    ),
    **KERNEL,
)  # fmt: skip
def train(reads, wirings, images, targets, rates, options, s, shown):
    """Show images (n, inputs) once, in order, and update after each; return how many were named correctly before it: of
    how many the largest output was the one that ``targets`` (n, outputs) want largest. ``rates`` (n,) are of each image.

    ``reads`` and ``wirings`` (layers,) are addresses, of the Read and the Wiring of each layer; ``shown`` numbers the first
    example.
    """
    depth, last, hits = reads.size, reads.size - 1, 0
    x, slope, deltas, z, e = s.x, s.slope, s.deltas, s.z, s.e
    for m in range(images.shape[0]):
        now = np.uint64(shown + m)
        for i in range(images.shape[1]):
            x[0, i] = images[m, i]
        k = 0
        for layer in range(depth):
            r, counts = read_at(reads[layer]), wiring_at(wirings[layer]).counts
            n, k = r.weights.shape[0] - 1, r.weights.shape[1]
            x[layer, n] = np.float32(1.0)
            forward(r, x[layer, :n], z[:k], s.room, now, 0, counts)
            count(counts, s.drive[layer, 0], x[layer, :n], 1, k, FORWARD, r)
            if layer == last:
                _put_out(z[:k], x[depth, :k], slope[last, :k], options)
            else:
                _activate(z[:k], x[layer + 1, :k], slope[layer, :k], options)
        rate = rates[m]
        _error(x[depth, :k], targets[m], rate, slope[last, :k], options, deltas[last, :k])
        hits += np.argmax(x[depth, :k]) == np.argmax(targets[m])
        for layer in range(last, 0, -1):
            r, one = read_at(reads[layer]), wiring_at(wirings[layer])
            n, k, counts = r.weights.shape[0] - 1, r.weights.shape[1], one.counts
            if one.feedback.shape[0]:
                project(one.feedback, deltas[layer, :k], e[:n])
                counts[DIGITAL_OPS] += 2 * n * k
            else:
                backward(r, deltas[layer, :k], e[:n], s.room, r.output_variance * rate * rate, now, 1, counts)
                count(counts, s.drive[layer, 1], deltas[layer, :k], 0, n, BACKWARD, r)
            for j in range(n):
                deltas[layer - 1, j] = e[j] * slope[layer - 1, j]
        for layer in range(depth):
            one, shape = wiring_at(wirings[layer]), read_at(reads[layer]).weights.shape
            n, k = shape[0], shape[1]
            one.update(one.learns, x[layer, :n], deltas[layer, :k], one.memory, one.numbers, shown + m, one.learned)
            if one.carries:
                one.carry(one.read, one.learns, one.memory, one.numbers, shown + m, one.counts, one.learned)
    return hits


@njit(
    types.void(uint64[::1], float32[:, ::1], uint64[::1], OPTIONS_TYPE, SCRATCH_TYPE, float32[:, ::1], int64[:, ::1]),
    **KERNEL,
)
def respond(reads, images, numbers, options, s, scores, counts):
    """Write the outputs (n, classes) for images (n, inputs), weights frozen.

    ``reads`` (layers,) are addresses of the Read of each layer, ``numbers`` (n,) address the noise of each example;
    ``counts`` (layers, kinds) are the events of each layer.
    """
    depth, a, z, slope = reads.size, s.x[0], s.z, s.slope[0]
    for m in range(images.shape[0]):
        for layer in range(depth):
            r = read_at(reads[layer])
            n, k = r.weights.shape[0] - 1, r.weights.shape[1]
            inputs = images[m] if layer == 0 else a[:n]
            forward(r, inputs, z[:k], s.room, numbers[m], 0, counts[layer])
            count(counts[layer], s.drive[layer, 0], inputs, 1, k, FORWARD, r)
            if layer == depth - 1:
                _put_out(z[:k], scores[m], slope[:k], options)
            else:
                _activate(z[:k], a[:k], slope[:k], options)
