"""The slow, obvious twin of every kernel: one number at a time, in the order in which the kernels promise to add.

An executable specification. Integers are Python's, reals are Python's (double precision) unless they pass through ``f32``,
and nothing is shared with the package but the device laws, which are its input. Every kernel must agree bit for bit.
"""

from __future__ import annotations

import math
from types import FunctionType

import numpy as np

f32 = np.float32
LOW = 0xFFFFFFFF
INPUT, WINNER, PULSE, GATE, ROUND = 0, 1, 4, 6, 7  # streams


# -- random numbers ----------------------------------------------------------------------------------------------------


def philox(counter, key):
    """Philox4x32-10 of four words and a 64-bit key: Salmon et al., SC11, section 3.3 and table 2."""
    c0, c1, c2, c3 = counter
    k0, k1 = key & LOW, key >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & LOW, (p0 >> 32) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + 0x9E3779B9) & LOW, (k1 + 0xBB67AE85) & LOW
    return c0, c1, c2, c3


def words(seed, stream, place, time, high=None):
    """The four words at an address; ``high`` replaces the upper half of the time."""
    high = time >> 32 if high is None else high
    assert max(place, high, stream) <= LOW, "an address has 32-bit parts"
    return philox((time & LOW, int(place), high, stream), seed)


def uniform(word):
    """The middle of one of 2**32 equal parts of (0, 1)."""
    return (word + 0.5) / 2**32


def normal(block):
    """The sum of eight 16-bit numbers, standardised, its tails stretched by an odd polynomial."""
    total = sum(word & 0xFFFF for word in block) + sum(word >> 16 for word in block)
    x = (total - 262140.0) * (1.2247448715341682 / 65536.0)
    q = x * x
    return x * (0.981797980 + q * (0.00510459404 + q * 0.000274450508))


# -- elementary functions ----------------------------------------------------------------------------------------------


def exp(x):
    """x = n ln 2 + r, then the Taylor series of e**r to the seventh power."""
    x = min(max(x, -700.0), 700.0)
    n = float(round(x * 1.4426950408889634))
    r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10
    p = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040)))
    return math.ldexp(1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * p))), int(n))


def log(x):
    """x = m 2**e with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1) / (m + 1))."""
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m, e = 2 * m, e - 1
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    p = 1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13)))
    return 2.0 * s * (1.0 + q * (1 / 3 + q * (1 / 5 + q * p))) + e * 0.6931471805599453


# -- cells -------------------------------------------------------------------------------------------------------------


class Cells:
    """A copy of a crossbar that is written one cell at a time."""

    def __init__(self, array):
        from insitu.devices.base import parameters

        self.device, self.seed, self.streams = array.device, array.seed, 16 * array.index
        self.gains, self.signs, self.offset = array.map
        self.g, self.writes, self.weights = array.g.copy(), array.writes.copy(), array.weights.copy()
        self.cell, self.lifetime = array.cell, array.lifetime
        self.live = [sorted(array.live[k, :n].tolist()) for k, n in enumerate(array.n_live)]
        self.planes, self.columns, self.rows = self.g.shape
        self.nominal = parameters(array.device)
        if not array.encoding.digital and not array.device.spread.on:  # bounds as the cells store them
            low, high = (float(f32(bound)) for bound in self.nominal[:2])
            self.nominal = self.nominal._replace(g_min=low, g_max=high)
        arithmetic = {"exp": exp, "log": log}
        self.law = FunctionType(array.device.step.__code__, array.device.step.__globals__ | arithmetic)
        self.counts = {"pulses_up": 0, "pulses_down": 0, "reads": 0, "row_drives": 0, "conversions": 0}
        self.counts |= {"digital_ops": 0, "spikes_in": 0, "spikes_out": 0, "conductance_up": 0, "conductance_down": 0}
        self.counts |= {"products": 0, "verify_reads": 0, "verify_conversions": 0}

    def count_look(self):
        """One look of a closed loop at one weight."""
        for kind in ("", "verify_"):
            self.counts[f"{kind}reads"] += self.planes
            self.counts[f"{kind}conversions"] += 1

    def parameters(self, at):
        if not self.device.spread.on:
            return self.nominal
        g_min, g_max, step_up, step_down = (float(values[at]) for values in self.cell)
        return self.nominal._replace(g_min=g_min, g_max=g_max, step_up=step_up, step_down=step_down)

    def pulse_cell(self, plane, column, row, polarity):
        """One pulse on one cell; return the conductance before it is rounded to single precision."""
        at = plane, column, row
        written = int(self.writes[at])
        self.writes[at] += 1
        self.counts["pulses_up" if polarity > 0 else "pulses_down"] += 1
        g = float(self.g[at])
        level = int(g * (65_536 / self.nominal.g_max) + 0.5)
        self.counts["conductance_up" if polarity > 0 else "conductance_down"] += level
        if self.device.mortal and written >= self.lifetime[at]:
            return g
        z = 0.0
        if self.device.noisy:
            block = words(self.seed, PULSE + self.streams, (plane * self.columns + column) * self.rows + row, written)
            z = {"normal": normal(block), "uniform": uniform(block[0])}[self.device.draw]
        p = self.parameters(at)
        g = min(max(self.law(g, float(polarity), p, z), p.g_min), p.g_max)
        self.g[at] = g
        return g

    def read_weight(self, row, column):
        """The weight from the conductances as stored."""
        w = self.offset
        for plane in range(self.planes):
            w += self.gains[plane] * float(self.g[plane, column, row])
        self.weights[row, column] = w

    # -- analogue ------------------------------------------------------------------------------------------------------

    def pulse(self, row, column, polarity):
        """One open-loop pulse on one weight."""
        for plane in range(self.planes):
            self.pulse_cell(plane, column, row, polarity * int(self.signs[plane]))
        self.read_weight(row, column)

    def program(self, column, up, rule, spikes):
        """STDP on a column: each live weight has a pulse coming, up or down; a coin may call it off."""
        for row in self.live[column]:
            chance = rule[0] if up[row] else rule[1]
            if rule[0] < 1 or rule[1] < 1:
                block = words(self.seed, GATE + self.streams, column * self.rows + row, spikes)
                if uniform(block[0]) >= chance:
                    continue
            for plane in range(self.planes):
                g = self.pulse_cell(plane, column, row, (1 if up[row] else -1) * int(self.signs[plane]))
            self.read_weight(row, column)
            if self.planes == 1:
                self.weights[row, column] = self.offset + self.gains[0] * g

    def tune(self, row, column, target, tolerance, limit):
        """Write and verify; return whether the target was missed."""
        for pulse in range(limit + 1):
            self.count_look()
            error = target - float(self.weights[row, column])
            if abs(error) <= tolerance:
                return False
            if pulse < limit:
                self.pulse(row, column, 1 if error > 0 else -1)
        return True

    # -- digital -------------------------------------------------------------------------------------------------------

    def lsb(self):
        return float(self.gains[0]) * (self.device.g_max - self.device.g_min)

    def code(self, row, column):
        """The code that the cells hold."""
        middle = 0.5 * (self.device.g_min + self.device.g_max)
        return sum(1 << p for p in range(self.planes) if float(self.g[p, column, row]) > middle)

    def store(self, row, column, new):
        """Pulse the cells whose bit differs, each once; they may fail to switch."""
        old = self.code(row, column)
        for plane in range(self.planes):
            if (old ^ new) >> plane & 1:
                self.pulse_cell(plane, column, row, 1 if new >> plane & 1 else -1)
        self.weights[row, column] = self.offset + self.lsb() * self.code(row, column)

    def program_digital(self, column, up, rule, spikes):
        """STDP on a column of codes: the step is rounded up with a probability equal to its fraction."""
        ltp, ltp_decay, ltd = rule
        top, lsb = 2**self.planes - 1, self.lsb()
        for row in self.live[column]:
            code = (float(self.weights[row, column]) - self.offset) / lsb
            step = ltp * exp(-ltp_decay * code * lsb) if up[row] else -ltd
            block = words(self.seed, ROUND + self.streams, column * self.rows + row, spikes)
            shift = math.floor(uniform(block[0]) + step / lsb)
            new = min(max(self.code(row, column) + shift, 0), top)
            if new != self.code(row, column):
                self.store(row, column, new)
        self.counts["reads"] += len(self.live[column]) * self.planes
        self.counts["digital_ops"] += 4 * len(self.live[column])

    def tune_digital(self, row, column, target, limit):
        """Write the nearest code and verify; return whether it is still wrong."""
        nearest = math.floor((target - self.offset) / self.lsb() + 0.5)
        new = min(max(nearest, 0), 2**self.planes - 1)
        for write in range(limit + 1):
            self.count_look()
            if self.code(row, column) == new:
                return False
            if write < limit:
                self.store(row, column, new)
        return True


# -- the spiking network -----------------------------------------------------------------------------------------------


def encode(intensity, chance, steps, presentation, seed):
    """One integer an input, bit t set with probability chance / 2**16: random words folded from the lowest digit up."""
    trains = []
    for place, level in enumerate(intensity):
        bits = 0
        for digit in range(16 if level else 0):
            block = words(seed, INPUT, place, presentation, ((presentation >> 32) << 3) + digit // 2)
            word = block[0] | block[1] << 32 if digit % 2 == 0 else block[2] | block[3] << 32
            bits = bits | word if int(chance[level]) >> digit & 1 else bits & word
        trains.append(bits & (2**steps - 1))
    return trains


def window(trains, end, width):
    """1 for every input with a spike in the ``width`` steps that end with step ``end``."""
    return [int(any(train >> t & 1 for t in range(end - width + 1, end + 1))) for train in trains]


def drive(weights, bias, on):
    """Bias plus the weights of the active inputs in single precision, eight at a time as ((a+b)+(c+d))+((e+f)+(g+h))."""
    active = [i for i, x in enumerate(on) if x]
    full = len(active) - len(active) % 8
    u = []
    for k in range(weights.shape[1]):
        total = f32(bias[k])
        for j in range(0, full, 8):
            a, b, c, d, e, f, g, h = (weights[i, k] for i in active[j : j + 8])
            total += ((a + b) + (c + d)) + ((e + f) + (g + h))
        for i in active[full:]:
            total += weights[i, k]
        u.append(total)
    return u


def add(values):
    """Plain addition from the left; Python's own sum compensates for rounding from 3.12 on."""
    total = 0.0
    for value in values:
        total += value
    return total


def winner(u, gain, r):
    """Inversion of the softmax at r: neurons are walked lane by lane, k = lane, lane + 16, lane + 32 and so on."""
    peak = max(float(x) for x in u)
    e = [exp(gain * (float(x) - peak)) for x in u]
    lanes = [add(e[lane::16]) for lane in range(16)]
    target, lane = r * add(lanes), 0
    while lane < min(16, len(e)) - 1 and target >= lanes[lane]:
        target -= lanes[lane]
        lane += 1
    k = lane
    while k + 16 < len(e) and target >= e[k]:
        target -= e[k]
        k += 16
    return k


def count_read(counts, on, neurons, planes):
    counts["reads"] += sum(on) * neurons * planes
    counts["row_drives"] += sum(on)
    counts["conversions"] += neurons
    counts["products"] += 1
    counts["digital_ops"] += 3 * neurons


def learn(cells, images, chance, first, bias, fired, wta, timing, rule, digital):
    """Show images and learn; bias and fired change in place. Return the winners."""
    steps, width, start, interval, shots, _, every = timing
    program = cells.program_digital if digital else cells.program
    winners = []
    for m, image in enumerate(images):
        trains = encode(image, chance, steps, first + m, cells.seed)
        cells.counts["spikes_in"] += sum(train.bit_count() for train in trains)
        for shot in range(shots):
            on = window(trains, start + shot * interval, width)
            u = drive(cells.weights, bias, on)
            k = winner(u, wta[0], uniform(words(cells.seed, WINNER, shot, first + m)[0]))
            winners.append(k)
            bias[k] -= wta[1]
            if fired[k] % every == 0:
                program(k, on, rule, int(fired[k]))
            fired[k] += 1
            count_read(cells.counts, on, cells.columns, cells.planes)
            cells.counts["spikes_out"] += 1
    return winners


def respond(cells, images, chance, presentations, bias, gain, timing):
    """Show images and only listen. Return the winners of each."""
    steps, width, start, interval, shots, repeats, _ = timing
    winners = []
    for image, presentation in zip(images, presentations, strict=True):
        spikes = []
        for repeat in range(repeats):
            trains = encode(image, chance, steps, presentation + repeat, cells.seed)
            cells.counts["spikes_in"] += sum(train.bit_count() for train in trains)
            for shot in range(shots):
                on = window(trains, start + shot * interval, width)
                r = uniform(words(cells.seed, WINNER, shot, presentation + repeat)[0])
                spikes.append(winner(drive(cells.weights, bias, on), gain, r))
                count_read(cells.counts, on, cells.columns, cells.planes)
                cells.counts["spikes_out"] += 1
        winners.append(spikes)
    return winners
