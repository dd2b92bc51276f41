"""The slow, obvious twin of every kernel: one number at a time, in the order in which the kernels promise to add.

An executable specification. Integers are Python's, reals are Python's (double precision) unless they pass through ``f32``,
and nothing is shared with the package but the device laws, which are its input. Every kernel must agree bit for bit.
"""

from __future__ import annotations

import math

import numpy as np

f32 = np.float32
LOW = 0xFFFFFFFF
INPUT, WINNER, PULSE, GATE, ROUND, VERIFY, READ = 0, 1, 4, 6, 7, 10, 13  # streams
STREAMS = 32  # of an array, so that no two share one
COUNTED = (
    *("pulses_up", "pulses_down", "reads", "row_drives", "conversions", "digital_ops", "spikes_in", "spikes_out"),
    *("conductance_up", "conductance_down", "products", "verify_reads", "verify_conversions"),
    *("resets", "tuned", "missed", "charges", "clipped", "trains", "cut", "conductance_read", "crossed", "vectors"),
    *("saturated", "activations", "grown_up", "grown_down"),
)


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


# -- reading -----------------------------------------------------------------------------------------------------------


def noise(cells, variance, number, turn):
    """Normal numbers of these variances for the lines of an array, at one read of an example."""
    lines = max(cells.rows, cells.columns)
    blocks = [words(cells.seed, READ + cells.streams, turn * lines + j, number) for j in range(len(variance))]
    return [f32(float(np.sqrt(float(v))) * normal(block)) for v, block in zip(variance, blocks, strict=True)]


def is_noisy(cells, extra):
    """Whether two reads differ."""
    return cells.noisy or cells.variance[0, 0] > 0 or extra > 0


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


def fire(cells, bias, on, number, shot, gain, extra):
    """The neuron that fires on the active inputs."""
    u = drive(cells.weights, bias, on)
    if is_noisy(cells, extra):
        if cells.noisy:
            variance = drive(cells.variance, [extra] * cells.columns, on)
        else:
            variance = [f32(extra + sum(on) * float(cells.variance[0, 0]))] * cells.columns
        u = [a + b for a, b in zip(u, noise(cells, variance, number, shot), strict=True)]
    cells.counts["reads"] += sum(on) * cells.columns * cells.devices
    cells.counts["row_drives"] += sum(on)
    cells.counts["conversions"] += cells.columns * any(on)
    cells.counts["activations"] += cells.columns * any(on)
    cells.counts["products"] += any(on)
    cells.counts["vectors"] += 1
    cells.drive[0, : cells.rows] += 256 * np.array(on)
    cells.counts["digital_ops"] += 3 * cells.columns
    cells.counts["spikes_out"] += 1
    return winner(u, gain, uniform(words(cells.seed, WINNER, shot, number)[0]))


def present(cells, image, chance, show, number):
    """Which inputs are active at each output spike of a presentation."""
    trains = encode(image, chance, show.steps, number, cells.seed)
    cells.counts["spikes_in"] += sum(train.bit_count() for train in trains)
    return [window(trains, show.start + shot * show.interval, show.window) for shot in range(show.spikes)]


def learn(cells, images, chance, first, bias, fired, show, extra, program):
    """Show images and learn; bias and fired change in place, ``program(column, on, spikes)``. Return the winners."""
    winners = []
    for number, image in enumerate(images, first):
        for shot, on in enumerate(present(cells, image, chance, show, number)):
            k = fire(cells, bias, on, number, shot, show.gain, extra)
            winners.append(k)
            bias[k] -= show.homeostasis
            if fired[k] % show.every == 0:
                program(k, on, int(fired[k]))
            fired[k] += 1
    return winners


def respond(cells, images, chance, presentations, bias, show, extra):
    """Show images and only listen. Return the winners of each."""
    return [
        [
            fire(cells, bias, on, number, shot, show.gain, extra)
            for number in range(presentation, presentation + show.presentations)
            for shot, on in enumerate(present(cells, image, chance, show, number))
        ]
        for image, presentation in zip(images, presentations, strict=True)
    ]
