"""The slow, obvious twins of a network of arrays: time, and backpropagation as the kernels have it.

As :mod:`naive`: one number at a time, and nothing shared with the package but the device laws. Every kernel must agree
bit for bit, but for the transposed read: the order of its sum is free. ``sgd`` is the textbook's algorithm in double
precision.
"""

from __future__ import annotations

import naive
import numpy as np
from naive import f32

# -- time --------------------------------------------------------------------------------------------------------------


def leak(g, keep, rest):
    """g <- rest + (g - rest) keep in single precision, one cell after the other."""
    out, keep = g.copy(), np.broadcast_to(keep, g.shape)
    for at in np.ndindex(g.shape):
        out[at] = f32(rest) + (g[at] - f32(rest)) * keep[at]
    return out


# -- a network, in single precision as the kernel has it ---------------------------------------------------------------


def activate(z, kind, table, limit):
    """f(z) and its derivative."""
    f, slope, one = np.empty_like(z), np.empty_like(z), f32(1)
    if len(table):
        limit, last = f32(limit), len(table) - 1
        scale = f32(last) / (f32(2) * limit)
    for j, v in enumerate(z):
        if len(table):
            place = (min(max(v, -limit), limit) + limit) * scale
            i = min(int(place), last - 1)
            rise = table[i + 1] - table[i]
            f[j], slope[j] = table[i] + rise * (place - f32(i)), rise * scale if abs(v) < limit else 0
        elif kind == "tanh":
            f[j] = 1.0 - 2.0 / (naive.exp(2.0 * float(v)) + 1.0)
            slope[j] = one - f[j] * f[j]
        elif kind == "logistic":
            f[j] = 1.0 / (1.0 + naive.exp(-float(v)))
            slope[j] = f[j] * (one - f[j])
        elif kind == "relu":
            f[j], slope[j] = max(v, f32(0)), v > 0
        else:
            f[j], slope[j] = v, 1
    return f, slope


def softmax(z):
    e = [naive.exp(float(v - z.max())) for v in z]
    total = naive.add(e)
    return np.array([float(f32(v)) / total for v in e], np.float32)


def forward(cells, x, extra, number):
    """The rows of active inputs added up one after the other, the bias first, and the noise of the read."""
    z, variance, squares = cells.weights[-1].copy(), f32(extra), f32(1)
    if cells.noisy:
        variance = f32(extra) + cells.variance[-1]
    for i, value in enumerate(x):
        if value:
            z += value * cells.weights[i]
            squares += value * value
            if cells.noisy:
                variance = variance + value * value * cells.variance[i]
    if naive.is_noisy(cells, extra):
        if not cells.noisy:
            variance = np.full(len(z), f32(extra) + squares * cells.variance[0, 0], np.float32)
        z += naive.noise(cells, variance, number, 0)
    return z


def backward(cells, d, extra, number):
    """The same cells read the other way, without the bias line. A sum over more than one column is right to round-off."""
    e = (cells.weights[:-1] * d).sum(axis=1, dtype=np.float32)
    if naive.is_noisy(cells, extra):
        squares = d * d
        if cells.noisy:
            variance = f32(extra) + (squares * cells.variance[:-1]).sum(axis=1, dtype=np.float32)
        else:
            variance = np.full(len(e), f32(extra) + squares.sum(dtype=np.float32) * cells.variance[0, 0], np.float32)
        e += naive.noise(cells, variance, number, 1)
    return e


def count_read(cells, way, outputs, signals):
    """Positive lines take a read, negative ones a read of their own; rows are driven (0), or columns (1), the longest for the
    whole read.
    """
    driven = np.count_nonzero(signals)
    if driven:
        scale = f32(256) / np.abs(signals).max()
        cells.drive[way, : len(signals)] += (np.abs(signals) * scale + f32(0.5)).astype(int)
    reads = int((signals > 0).any()) + int((signals < 0).any())
    cells.counts["reads"] += driven * outputs * cells.devices
    cells.counts["row_drives"] += driven
    cells.counts["conversions"] += reads * outputs
    cells.counts["activations"] += outputs * bool(reads)
    cells.counts["products"] += reads
    cells.counts["vectors"] += 1


def example(layers, x, label, rate, neurons, shown, extra, ask, feedback=()):
    """Show one image; ``ask(layer, x, d)`` pulses. Return the outputs.

    ``feedback`` are matrices through which errors go back in place of the weights, if any.
    """
    kind, table = neurons.function, neurons.table()
    inputs, slopes = [x], []
    for layer in layers:
        count_read(layer, 0, layer.columns, np.append(inputs[-1], f32(1)))
        z = forward(layer, inputs[-1], extra, shown)
        y, slope = activate(z, kind, table, neurons.limit)
        if layer is layers[-1] and neurons.loss != "squared":
            y, slope = softmax(z) if neurons.loss == "cross-entropy" else z, np.ones_like(z)
        inputs.append(y)
        slopes.append(slope)
    off = -1 if neurons.loss == "squared" and kind == "tanh" else 0
    target = np.array([1 if j == label else off for j in range(layers[-1].columns)], np.float32)
    deltas = [f32(rate) * ((target - inputs[-1]) * slopes[-1])]
    for n in range(len(layers) - 1, 0, -1):
        layer, d = layers[n], deltas[0]
        if feedback:
            layer.counts["digital_ops"] += 2 * (layer.rows - 1) * layer.columns
            e = (feedback[n] * d).sum(axis=1, dtype=np.float32)
        else:
            count_read(layer, 1, layer.rows - 1, d)
            e = backward(layer, d, extra * rate * rate, shown)
        deltas.insert(0, e * slopes[n - 1])
    for layer, x, d in zip(layers, inputs[:-1], deltas, strict=True):
        ask(layer, np.append(x, f32(1)), d)
    return inputs[-1]


def respond(layers, x, neurons, number, extra):
    """The outputs for one image, the weights frozen."""
    for layer in layers:
        z = forward(layer, x, extra, number)
        if layer is layers[-1] and neurons.loss != "squared":
            x = softmax(z) if neurons.loss == "cross-entropy" else z
        else:
            x = activate(z, neurons.function, neurons.table(), neurons.limit)[0]
    return x


# -- the textbook, in double precision ---------------------------------------------------------------------------------


def function(kind, segments=None, limit=4.0):
    """f and its derivative."""
    if segments is not None:
        ends = np.linspace(-limit, limit, segments + 1)
        values = function(kind)[0](ends)
        rises = np.diff(values) / np.diff(ends)

        def derivative(z):
            inside = np.clip(np.searchsorted(ends, z, side="right") - 1, 0, segments - 1)
            return np.where(np.abs(z) < limit, rises[inside], 0.0)

        return lambda z: np.interp(z, ends, values), derivative
    return {
        "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
        "logistic": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
        "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0) * 1.0),
        "identity": (lambda z: z * 1.0, np.ones_like),
    }[kind]


def outputs(weights, x, neurons):
    """All inputs of all layers, bias appended, and the sums; the outputs come last."""
    f = function(neurons.function, neurons.segments, neurons.limit)[0]
    inputs, sums = [np.append(x, 1.0)], []
    for n, w in enumerate(weights):
        sums.append(inputs[-1] @ w)
        if n == len(weights) - 1:
            e = np.exp(sums[-1] - sums[-1].max())
            inputs.append(e / e.sum() if neurons.loss == "cross-entropy" else f(sums[-1]))
        else:
            inputs.append(np.append(f(sums[-1]), 1.0))
    return inputs, sums


def target_of(label, classes, neurons):
    off = -1.0 if neurons.loss == "squared" and neurons.function == "tanh" else 0.0
    return np.where(np.arange(classes) == label, 1.0, off)


def loss(weights, x, label, neurons):
    """Cross-entropy, or half of the squared error."""
    y = outputs(weights, x, neurons)[0][-1]
    t = target_of(label, y.size, neurons)
    return -np.log(y[label]) if neurons.loss == "cross-entropy" else 0.5 * ((y - t) ** 2).sum()


def gradient(weights, x, label, neurons):
    """The derivative of the loss with respect to every weight, by backpropagation."""
    slope = function(neurons.function, neurons.segments, neurons.limit)[1]
    inputs, sums = outputs(weights, x, neurons)
    d = inputs[-1] - target_of(label, inputs[-1].size, neurons)
    if neurons.loss == "squared":
        d = d * slope(sums[-1])
    found = []
    for n in range(len(weights) - 1, -1, -1):
        found.insert(0, np.outer(inputs[n], d))
        if n:
            d = (weights[n] @ d)[:-1] * slope(sums[n - 1])
    return found


def sgd(weights, images, labels, rate, neurons):
    """Plain stochastic gradient descent, one example at a time; return the weights."""
    weights = [np.array(w, float) for w in weights]
    for x, label in zip(images, labels, strict=True):
        for w, change in zip(weights, gradient(weights, np.asarray(x, float), label, neurons), strict=True):
            w -= rate * change
    return weights
