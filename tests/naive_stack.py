"""The slow, obvious twins of the kernels of a stack of arrays: pulses of an example, transfer, time, backpropagation.

As :mod:`naive`: one number at a time, and nothing shared with the package but the device laws. Every kernel must agree
bit for bit, but for the transposed read: the order of its sum is free. ``sgd`` is the textbook's algorithm in double
precision.
"""

from __future__ import annotations

import math

import naive
import numpy as np
from naive import f32, words

TRAIN, VERIFY, READ = 9, 10, 13  # streams


class Cells(naive.Cells):
    """A copy of a crossbar that may hold the least significant part of its weights, or devices that only rise."""

    def __init__(self, array):
        super().__init__(array)
        self.base, self.chop, self.stacked = array.base.copy(), array.chop.copy(), array.stacked
        self.one_sided = array.device.one_sided
        self.devices = self.planes  # of a weight, in all arrays of a stack together

    def part(self, row, column):
        """What the devices of a weight amount to."""
        w = self.offset
        for plane in range(self.planes):
            w += self.gains[plane] * float(self.g[plane, column, row])
        return w

    def settle(self, row, column, part=None):
        """Recompute a weight, from the conductances as stored if the part is not given."""
        part = self.part(row, column) if part is None else part
        if self.stacked:
            part = float(self.base[row, column]) + float(self.chop[row]) * part
        self.weights[row, column] = part

    def nudge(self, row, column, direction):
        """Pulse the devices of a weight so that its part goes up or down; return the part."""
        for plane in range(self.planes):
            sign = int(self.signs[plane]) * direction
            if sign > 0 or (sign < 0 and not self.one_sided):
                g = self.pulse_cell(plane, column, row, sign)
        return self.offset + self.gains[0] * g if self.planes == 1 else None

    def reset(self, row, column):
        """RESET all devices of a weight; return how many."""
        moved = [plane for plane in range(self.planes) if self.signs[plane]]
        for plane in moved:
            self.pulse_cell(plane, column, row, -1)
        return len(moved)


# -- blind pulses of one example ---------------------------------------------------------------------------------------


def fires(values, scale, slots, first, shown, stream, seed):
    """For each line, whether it fires in each slot: four slots share the words of one block."""
    said = []
    for line, value in enumerate(values):
        threshold = int(min(scale * abs(float(value)), 1.0) * 2**32)
        train = []
        for slot in range(slots):
            block = words(seed, stream, first + line, shown & naive.LOW, ((shown >> 32) << 8) | slot // 4)
            train.append(block[slot % 4] < threshold)
        said.append(train)
    return said


def meetings(x, d, trains, shown, stream, seed):
    """How often each row meets each column, as a list of (rows, columns) of 0 or 1, one after the other."""
    step, slots, levels, full, most = trains
    x_max, d_max = (max(abs(float(v)) for v in line) for line in (x, d))
    if x_max == 0 or d_max == 0:
        return []
    if slots:
        wanted = x_max * d_max / step
        used = max(1, min(int(slots), math.ceil(wanted)))
        scale = math.sqrt(min(wanted / used, 1.0))
        row = fires(x, scale / x_max, used, 0, shown, stream, seed)
        column = fires(d, scale / d_max, used, len(x), shown, stream, seed)
        return [[[a[slot] and b[slot] for b in column] for a in row] for slot in range(used)]
    times = [int(min(abs(float(v)) * (levels / full), levels) + 0.5) for v in x]
    again = [int(min(abs(float(v)) * (full / (levels * step)), most) + 0.5) for v in d]
    return [[[i < a and j < b for b in again] for a in times] for i in range(max(times)) for j in range(max(again))]


def update(cells, x, d, trains, shown):
    """Pulse every weight in the direction of x d, as often as its row meets its column."""
    for met in meetings(x, d, trains, shown, TRAIN + cells.streams, cells.seed):
        for row, line in enumerate(met):
            for column, pulse in enumerate(line):
                if pulse:
                    up = (x[row] > 0) == (d[column] > 0)
                    direction = (1 if up else -1) * int(cells.chop[row])
                    cells.settle(row, column, cells.nudge(row, column, direction))


# -- transfer ----------------------------------------------------------------------------------------------------------


def pulses_to(cells, g, goal, least, most):
    """How many SET pulses bring the nominal cell nearest to the goal."""
    p, n = cells.nominal, 0
    while n < most:
        after = min(max(p.g_min, cells.law(g, 1.0, p, 0.0)), p.g_max)
        if n >= least and abs(after - goal) >= abs(g - goal):
            break
        g, n = after, n + 1
    return n


def verify(cells, row, column, options, turn):
    """One noisy read of the part of a weight."""
    cells.count_look()
    w, (cv, sd) = cells.part(row, column), options[6:8]
    if cv or sd:
        variance = 0.0
        for plane in range(cells.planes):
            deviation = cells.gains[plane] * (cv * float(cells.g[plane, column, row]) + sd)
            variance += deviation * deviation
        block = words(cells.seed, VERIFY + cells.streams, column * cells.rows + row, int(options[8]) + turn)
        w += math.sqrt(variance) * naive.normal(block)
    return w


def tune(cells, row, column, target, options, spent, tally):
    """Write and verify; ``spent``: the weight has been RESET already. The tally is of weights missed and devices RESET."""
    tolerance, iterations, burst, top = options[0], int(options[1]), int(options[2]), options[3]
    for turn in range(iterations + 1):
        error = target - verify(cells, row, column, options, turn)
        if abs(error) <= tolerance:
            return
        if turn == iterations:
            tally[0] += 1
            return
        if cells.one_sided:
            for plane in range(cells.planes):
                if cells.signs[plane] * error > 0:
                    g = float(cells.g[plane, column, row])
                    goal = g + abs(error / cells.gains[plane])
                    if goal > top and not spent:
                        tally[1] += cells.reset(row, column)
                        spent = True
                    else:
                        for _ in range(pulses_to(cells, g, goal, 1, burst)):
                            cells.pulse_cell(plane, column, row, 1)
        else:
            towards = 1 if error > 0 else -1
            moves = 0.0
            for plane in range(cells.planes):
                if cells.signs[plane]:
                    g = float(cells.g[plane, column, row])
                    after = cells.law(g, float(cells.signs[plane] * towards), cells.nominal, 0.0)
                    moves += abs(cells.gains[plane] * (after - g))
            for _ in range(burst if moves <= 0 else max(1, min(burst, int(abs(error) / moves + 0.5)))):
                cells.nudge(row, column, towards)


def write_blind(cells, row, column, target, most, tally):
    """RESET and as many pulses as the nominal cell would take, without a look."""
    tally[1] += cells.reset(row, column)
    p = cells.nominal
    g = min(max(p.g_min, cells.law(p.g_max, -1.0, p, 0.0)), p.g_max)
    for plane in range(cells.planes):
        if cells.signs[plane] * target > 0:
            for _ in range(pulses_to(cells, g, g + abs(target / cells.gains[plane]), 0, most)):
                cells.pulse_cell(plane, column, row, 1)


def closed_loop(cells, rows, targets, options):
    """Tune the parts in some rows to targets (columns, rows); return the tally."""
    tally, floor, blind = [0, 0], options[4], options[5]
    for column in range(cells.columns):
        for row in rows:
            target = float(targets[column, row])
            if blind:
                write_blind(cells, row, column, target, int(options[2]), tally)
            elif cells.one_sided and abs(target) < floor:
                if abs(verify(cells, row, column, options, 0)) > options[0]:
                    tally[1] += cells.reset(row, column)
            else:
                tune(cells, row, column, target, options, False, tally)
            cells.settle(row, column)
    return tally


def rewrite(cells, rows, columns, targets, options):
    """RESET the listed weights and tune them to their targets; return the tally."""
    tally = [0, 0]
    for row, column, target in zip(rows, columns, targets, strict=True):
        if options[5]:
            write_blind(cells, row, column, float(target), int(options[2]), tally)
        else:
            tally[1] += cells.reset(row, column)
            tune(cells, row, column, float(target), options, True, tally)
        cells.settle(row, column)
    return tally


def blind(cells, rows, pulses):
    """Give the weights in some rows a signed number of pulses (columns, rows)."""
    for column in range(cells.columns):
        for row in rows:
            n = int(pulses[column, row])
            for _ in range(abs(n)):
                cells.nudge(row, column, 1 if n > 0 else -1)
            cells.settle(row, column)


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


def noise(seed, layer, lines, shown, high, sd):
    """Normal noise of the circuits that read the lines of a layer."""
    blocks = [words(seed, READ + 16 * layer, j, shown & naive.LOW, high) for j in range(lines)]
    return np.array([sd * naive.normal(block) for block in blocks], np.float32)


def forward(weights, x):
    """The rows of active inputs added up one after the other, the bias first."""
    z = weights[-1].copy()
    for value, row in zip(x, weights[:-1], strict=True):
        if value:
            z += value * row
    return z


def example(layers, x, label, rate, neurons, shown, ask):
    """Show one image; ``ask(layer, x, d)`` pulses. Return the outputs.

    A sum over more than one column is only right to round-off.
    """
    seed, sd = layers[0].seed, neurons.noise or 0.0
    kind, table = neurons.function, neurons.table()
    inputs, slopes = [x], []
    for n, layer in enumerate(layers):
        driven = np.count_nonzero(inputs[-1]) + 1
        layer.counts["reads"] += driven * layer.columns * layer.devices
        layer.counts["row_drives"] += driven
        layer.counts["conversions"] += layer.columns
        layer.counts["products"] += 1
        z = forward(layer.weights, inputs[-1])
        if sd:
            z += noise(seed, n, len(z), shown, shown >> 32, sd)
        y, slope = activate(z, kind, table, neurons.limit)
        if layer is layers[-1] and neurons.loss == "cross-entropy":
            y, slope = softmax(z), np.ones_like(z)
        inputs.append(y)
        slopes.append(slope)
    off = -1 if neurons.loss == "squared" and kind == "tanh" else 0
    target = np.array([1 if j == label else off for j in range(layers[-1].columns)], np.float32)
    deltas = [f32(rate) * ((target - inputs[-1]) * slopes[-1])]
    for n in range(len(layers) - 1, 0, -1):
        layer, d = layers[n], deltas[0]
        layer.counts["reads"] += (layer.rows - 1) * layer.columns * layer.devices
        layer.counts["row_drives"] += layer.columns
        layer.counts["conversions"] += layer.rows - 1
        layer.counts["products"] += 1
        e = (layer.weights[:-1] * d).sum(axis=1, dtype=np.float32)
        if sd:
            e += noise(seed, n, len(e), shown, (shown >> 32) | 1 << 30, sd * rate)
        deltas.insert(0, e * slopes[n - 1])
    for layer, x, d in zip(layers, inputs[:-1], deltas, strict=True):
        ask(layer, np.append(x, f32(1)), d)
    return inputs[-1]


def respond(layers, x, neurons, number):
    """The outputs for one image, the weights frozen."""
    for n, layer in enumerate(layers):
        z = forward(layer.weights, x)
        if neurons.noise:
            z += noise(layers[0].seed, n, len(z), number, 1 << 31, neurons.noise)
        last = layer is layers[-1] and neurons.loss == "cross-entropy"
        x = softmax(z) if last else activate(z, neurons.function, neurons.table(), neurons.limit)[0]
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
