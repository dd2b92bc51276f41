"""The slow, obvious twins of the kernels of the update schemes, on the twin of an array (naive.Cells)."""

from __future__ import annotations

import numpy as np
from naive import Cells, f32, uniform, words

CHOP = 11  # stream


class Stacked(Cells):
    """The twin of an array that holds a part of its weights: weight = base + chop * part."""

    def __init__(self, array):
        super().__init__(array)
        self.base, self.chop = array.base.copy(), array.chop.copy()

    def read_weight(self, row, column):
        """The weight from the conductances as stored."""
        super().read_weight(row, column)
        part = self.offset
        for plane in range(self.planes):
            part += self.gains[plane] * float(self.g[plane, column, row])
        self.weights[row, column] = float(self.base[row, column]) + float(self.chop[row]) * part

    def pulse(self, row, column, polarity):
        """One blind pulse on one weight: of one-sided devices, only those that it raises."""
        for plane in range(self.planes):
            sign = polarity * int(self.signs[plane])
            if sign > 0 or (sign < 0 and not self.device.one_sided):
                self.pulse_cell(plane, column, row, sign)
        self.read_weight(row, column)


def accumulate(cells, x, d, chi, epsilon, most):
    """Mixed precision: chi += x d in single precision, whole pulses of what exceeds epsilon; chi changes in place."""
    for row in range(len(x)):
        if x[row] == 0:
            continue
        for column in range(len(d)):
            chi[row, column] = f32(chi[row, column] + f32(x[row] * d[column]))
        for column in range(len(d)):
            cells.counts["digital_ops"] += 3
            value = float(chi[row, column])
            if abs(f32(value)) >= f32(epsilon):
                n = int(min(abs(value) / epsilon, most))
                sign = 1 if value > 0 else -1
                for _ in range(n):
                    cells.pulse(row, column, sign * int(cells.chop[row]))
                chi[row, column] = value - sign * n * epsilon
                cells.counts["digital_ops"] += 1


def carry(slow, fast, h, every, some, gain, threshold, flip, shown):
    """Tiki-Taka: the next rows of the fast array, into h and from there to the slow one; all change in place.

    Events are counted with those of the slow array.
    """
    if (shown + 1) % every:
        return
    turn = (shown + 1) // every - 1
    for read in range(turn * some, (turn + 1) * some):
        row = read % fast.rows
        slow.counts["row_drives"] += 1
        slow.counts["products"] += 1
        for column in range(fast.columns):
            slow.counts["reads"] += fast.planes
            slow.counts["conversions"] += 1
            slow.counts["digital_ops"] += 3
            total = float(h[row, column]) + gain * float(fast.weights[row, column])
            if abs(total) >= threshold:
                sign = 1 if total > 0 else -1
                slow.pulse(row, column, sign * int(slow.chop[row]))
                slow.counts["digital_ops"] += 1
                total -= sign * threshold
            h[row, column] = total
        if flip > 0 and uniform(words(fast.seed, CHOP + fast.streams, row, read)[0]) < flip:
            fast.chop[row] *= -1
            fast.base[row] *= -1
            fast.weights[row] *= -1  # the same currents, read the other way round


def alternated(cells, at, noise, pairs):
    """Where pairs of mean pulses, up and down, take one cell, S; a pair that hardly moves it is the last."""
    p, g = cells.parameters(at), float(cells.g[at])
    for _ in range(pairs):
        start = g
        for polarity in (1.0, -1.0):
            total = 0.0
            for z in noise:
                total += cells.law(g, polarity, p, z)
            g = min(max(p.g_min, total / len(noise)), p.g_max)
        if abs(g - start) < 1e-7 * (p.g_max - p.g_min):
            break
    return np.float32(g)
