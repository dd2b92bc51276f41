"""A stack of crossbars trained one example at a time: forward, transposed and update from the same weights.

Layer l reads a matrix ``weights[l]`` (inputs + 1, outputs), the last row being the bias line, and asks an array
``states[l]`` for the change. The two are the same array, unless a method learns into another one: what that one has
learned is then carried to ``takers[l]``, the array that is read.

The forward pass adds up the rows of active inputs, the transposed one takes dot products of rows: both walk the memory as
it lies. Single precision, as the weights are.
"""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
from numba import float32, float64, int64, njit, prange, types, uint64
from numba.core.errors import NumbaExperimentalFeatureWarning

from insitu.kernels.philox import philox
from insitu.kernels.state import CARRY_TYPE, CONVERSIONS, PRODUCTS, READS, ROW_DRIVES, STATE_TYPE, UPDATE_TYPE
from insitu.kernels.vmath import exp, normal

warnings.filterwarnings("ignore", "First-class function type", NumbaExperimentalFeatureWarning)  # at every call

#: positions in the vector of network options
ACTIVATION, LOSS, TARGET_OFF, LIMIT, NOISE = range(5)
TANH, LOGISTIC, RELU, IDENTITY = range(4)
CROSS_ENTROPY, SQUARED = range(2)
#: positions in the vector of a method: devices a weight, whether there is anything to carry; all others are the method's
PLANES, CARRIES, METHOD = 7, 8, 16

_NOISE = np.uint64(13)  # insitu.random.Stream.READ
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(inline="always")
def _activate(z, f, slope, options, table):
    """Write f(z) and f'(z); ``table`` holds f at equal distances over +-LIMIT, empty for the exact function."""
    kind, limit = np.int64(options[ACTIVATION]), np.float32(options[LIMIT])
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


@njit(inline="always")
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
def _forward(weights, x, z):
    """z = x W with the bias line at 1; silent rows are skipped. Return the number of driven rows."""
    z[:] = weights[x.size]
    driven = 1
    for i in range(x.size):
        if x[i] != 0.0:
            driven += 1
            row, value = weights[i], x[i]
            for j in range(z.size):
                z[j] += value * row[j]
    return driven


@njit(error_model="numpy", fastmath={"reassoc", "contract"})
def _backward(weights, d, e):
    """e = W d, without the bias line.

    The order of a sum is left to the compiler, so that it runs on all lanes: the same bits in every run on one machine, but
    perhaps others in the last place on another kind of processor.
    """
    for i in range(e.size):
        row, total = weights[i], np.float32(0.0)
        for j in range(d.size):
            total += row[j] * d[j]
        e[i] = total


@njit(inline="always")
def _add_noise(z, sd, layer, shown, high, key):
    """Add the noise of the read circuits, normal with standard deviation ``sd``, in units of the sum."""
    for j in range(z.size):
        a, b, c, d = philox(np.uint64(shown) & _LOW, np.uint64(j), high, _NOISE + np.uint64(16 * layer), key)
        z[j] += np.float32(sd * normal(a, b, c, d))


def _train(
    weights, states, takers, updates, carries, memories, images, labels, rate, options, table, methods, shown, counts
):
    """Show images (n, inputs) once, in order, and update after each; return how many were named correctly before it.

    ``methods`` (layers, kinds) is what update and carry of each layer get; ``shown`` the number of the first example;
    ``counts`` (layers, kinds) the events of each layer.
    """
    layers = len(weights)
    widest = 0
    for layer in range(layers):
        widest = max(widest, weights[layer].shape[0], weights[layer].shape[1])
    x = np.zeros((layers + 1, widest), np.float32)  # inputs of each layer, the bias line at 1; last row: the outputs
    z, slope = np.empty(widest, np.float32), np.empty((layers, widest), np.float32)
    d, e = np.empty(widest, np.float32), np.empty(widest, np.float32)
    deltas = np.empty((layers, widest), np.float32)
    hits = 0
    noise, last = options[NOISE], layers - 1
    key = states[0].key
    for m in range(images.shape[0]):
        now = shown + m
        for i in range(images.shape[1]):
            x[0, i] = images[m, i]
        for layer in range(layers):
            w = weights[layer]
            n, k = w.shape[0] - 1, w.shape[1]
            x[layer, n] = np.float32(1.0)
            driven = _forward(w, x[layer, :n], z[:k])
            planes = np.int64(methods[layer, PLANES])
            counts[layer, READS] += driven * k * planes
            counts[layer, ROW_DRIVES] += driven
            counts[layer, CONVERSIONS] += k
            counts[layer, PRODUCTS] += 1
            if noise > 0.0:
                _add_noise(z[:k], noise, layer, now, np.uint64(now) >> _32, key)
            if layer == last and options[LOSS] == CROSS_ENTROPY:
                _softmax(z[:k], x[layers, :k])
            else:
                _activate(z[:k], x[layer + 1, :k], slope[layer, :k], options, table)

        k = weights[last].shape[1]
        best = 0
        off, label = np.float32(options[TARGET_OFF]), labels[m]
        for j in range(k):
            best = j if x[layers, j] > x[layers, best] else best
            target = np.float32(1.0) if j == label else off
            error = target - x[layers, j]
            deltas[last, j] = np.float32(rate) * (error * slope[last, j] if options[LOSS] == SQUARED else error)
        hits += best == label
        for layer in range(last, 0, -1):
            w = weights[layer]
            n, k = w.shape[0] - 1, w.shape[1]
            _backward(w, deltas[layer, :k], e[:n])
            counts[layer, READS] += n * k * np.int64(methods[layer, PLANES])
            counts[layer, ROW_DRIVES] += k
            counts[layer, CONVERSIONS] += n
            counts[layer, PRODUCTS] += 1
            if noise > 0.0:
                _add_noise(e[:n], noise * rate, layer, now, (np.uint64(now) >> _32) | np.uint64(1 << 30), key)
            for j in range(n):
                deltas[layer - 1, j] = e[j] * slope[layer - 1, j]
        for layer in range(layers):
            w = weights[layer]
            n, k = w.shape
            d = deltas[layer, :k]
            updates[layer](states[layer], x[layer, :n], d, memories[layer], methods[layer], now, counts[layer])
            if methods[layer, CARRIES] > 0.0:
                carries[layer](takers[layer], states[layer], memories[layer], methods[layer], now, counts[layer])
    return hits


def _respond(weights, images, options, table, key, first, scores):
    """Write the outputs (n, classes) for images (n, inputs), weights frozen; images are shared among threads."""
    layers = len(weights)
    widest = 0
    for layer in range(layers):
        widest = max(widest, weights[layer].shape[1])
    for m in prange(images.shape[0]):
        a, z, slope = np.empty(widest, np.float32), np.empty(widest, np.float32), np.empty(widest, np.float32)
        for layer in range(layers):
            w = weights[layer]
            k = w.shape[1]
            if layer == 0:
                _forward(w, images[m], z[:k])
            else:
                _forward(w, a[: w.shape[0] - 1], z[:k])
            if options[NOISE] > 0.0:
                _add_noise(z[:k], options[NOISE], layer, first + m, np.uint64(1 << 31), key)
            if layer == layers - 1 and options[LOSS] == CROSS_ENTROPY:
                _softmax(z[:k], scores[m])
            elif layer == layers - 1:
                _activate(z[:k], scores[m], slope[:k], options, table)
            else:
                _activate(z[:k], a[:k], slope[:k], options, table)


@njit(UPDATE_TYPE, cache=True, error_model="numpy")
def update_exact(s, x, d, _memory, method, _shown, _counts):
    """W += x d, cut to +- ``method[0]``: a number of pulses that need not be whole, on an ideal cell.

    Only the weights are moved; the conductances follow when the array is next looked at.
    """
    limit = np.float32(method[0])
    for i in range(x.size):
        if x[i] != 0.0:
            row, value = s.weights[i], x[i]
            for j in range(d.size):
                row[j] = min(max(row[j] + value * d[j], -limit), limit)


@njit(CARRY_TYPE, cache=True, error_model="numpy")
def carry_nothing(_taker, _fast, _memory, _method, _shown, _counts):
    """Stand in for a method that learns in place."""


@cache
def train(layers: int):
    """Return the compiled training loop for a number of layers."""
    matrices, states = types.UniTuple(float32[:, ::1], layers), types.UniTuple(STATE_TYPE, layers)
    updates = types.UniTuple(types.FunctionType(UPDATE_TYPE), layers)
    carries = types.UniTuple(types.FunctionType(CARRY_TYPE), layers)
    vector, table, whole = float64[::1], float32[::1], int64[:, ::1]
    signature = int64(
        matrices, states, states, updates, carries, matrices,
        float32[:, ::1], int64[::1], float64, vector, table, float64[:, ::1], int64, whole,
    )  # fmt: skip
    return njit(signature, cache=True, error_model="numpy", nogil=True)(_train)


@cache
def respond(layers: int):
    """Return the compiled reading of a network with a number of layers."""
    matrices = types.UniTuple(float32[:, ::1], layers)
    signature = types.void(
        matrices, float32[:, ::1], float64[::1], float32[::1], uint64, int64, float32[:, ::1]
    )  # fmt: skip
    return njit(signature, cache=True, parallel=True, error_model="numpy", nogil=True)(_respond)
