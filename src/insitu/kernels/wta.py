"""The spiking network: Poisson encoding, winner-take-all, and the two loops that learn and that only listen.

Cost of one output spike with R inputs of which A are on, and K neurons: R bytes to find the inputs, A * K float32 to add,
K exponentials, then R pulses (see kernels.rows). Everything else is counted in tens.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float32, float64, int32, int64, njit, types, uint8, uint16, uint64
from numpy.typing import NDArray

from insitu.kernels.converting import take
from insitu.kernels.lines import FORWARD, add_noise, count_lines, is_noisy, parts_of, turn_of
from insitu.kernels.memory import read_at, wiring_at
from insitu.kernels.philox import philox
from insitu.kernels.state import DIGITAL_OPS, KERNEL, PARTS, RULE_TYPE, SPIKES_IN, SPIKES_OUT
from insitu.kernels.vmath import exp, uniform

_INPUT, _WINNER = np.uint64(0), np.uint64(1)
_0, _1, _LOW, _32 = np.uint64(0), np.uint64(1), np.uint64(0xFFFFFFFF), np.uint64(32)


class Show(NamedTuple):
    """How an image is shown, in steps of time, and how neurons compete for it."""

    steps: int  #: of a presentation
    window: int  #: for which an input counts as active
    start: int  #: step of the first output spike
    interval: int  #: steps between two of them
    spikes: int  #: output spikes of a presentation
    presentations: int  #: of an image that is listened to
    every: int  #: a neuron programs its column at every this-many-th of its spikes
    gain: float
    homeostasis: float
    chance: NDArray[np.uint16]  #: (256,) of a spike within a step, by intensity, in 1/2**16


class Scratch(NamedTuple):
    """What one image is worked out in: as far as ``bits`` by input, the rest by neuron."""

    spikes: NDArray[np.uint64]
    on: NDArray[np.uint8]
    active: NDArray[np.int64]
    chances: NDArray[np.uint64]
    bits: NDArray[np.uint64]
    u: NDArray[np.float32]
    v: NDArray[np.float32]
    part: NDArray[np.float32]
    e: NDArray[np.float64]
    sums: NDArray[np.float64]
    drive: NDArray[np.int64]  #: how long reads drove each input: see reading.count


class Neurons(NamedTuple):
    """The neurons of the output, and the room in which an image is worked out."""

    bias: NDArray[np.float64]  #: (neurons,) homeostatic bias
    fired: NDArray[np.int64]  #: (neurons,) output spikes so far
    room: Scratch


def neurons(bias: NDArray[np.float64], fired: NDArray[np.int64], rows: int) -> Neurons:
    """Return neurons in a room of their own; a kernel that counts no references to arrays cannot make it itself."""
    spikes, chances, bits = np.empty((3, rows), np.uint64)
    u, v, part = np.empty((3, bias.size), np.float32)
    on, active = np.empty(rows, np.uint8), np.empty(rows + 1, np.int64)
    e, sums, drive = np.empty(bias.size), np.empty(_LANES), np.zeros(rows, np.int64)
    return Neurons(bias, fired, Scratch(spikes, on, active, chances, bits, u, v, part, e, sums, drive))


SHOW_TYPE = types.NamedTuple([int64] * 7 + [float64] * 2 + [uint16[::1]], Show)
_WORDS, _FLOATS, _DOUBLES, _WHOLES = uint64[::1], float32[::1], float64[::1], int64[::1]
_SCRATCH_TYPE = types.NamedTuple(
    [_WORDS, uint8[::1], _WHOLES, _WORDS, _WORDS, *[_FLOATS] * 3, _DOUBLES, _DOUBLES, _WHOLES], Scratch
)
NEURONS_TYPE = types.NamedTuple([_DOUBLES, _WHOLES, _SCRATCH_TYPE], Neurons)
_LANES = 16  # the population is summed in this many interleaved lanes, in a fixed order that vectorises


@njit(error_model="numpy")
def encode(intensity, show, presentation, seed, room):
    """Fill ``spikes`` (rows,) with one bit a time step: bit t is set with probability ``chance[intensity] / 2**16``.

    64 Bernoulli draws at once: from the lowest to the highest binary digit of the probability, a random word is or-ed in
    for a one and and-ed in for a zero. 16 random words, 8 Philox blocks, a pixel; dark pixels cost nothing.
    """
    spikes, active, chances, bits = room.spikes, room.active, room.chances, room.bits
    n = 0
    for i in range(intensity.size):
        spikes[i] = _0
        active[n] = i
        n += intensity[i] > 0
    low, high = presentation & _LOW, (presentation >> _32) << np.uint64(3)
    for j in range(n):
        chances[j] = show.chance[intensity[active[j]]]
    for j in range(n):
        bits[j] = _0
    for block in range(8):
        time, digit = high + np.uint64(block), np.uint64(2 * block)
        for j in range(n):
            a, b, c, d = philox(low, np.uint64(active[j]), time, _INPUT, seed)
            word = a | (b << _32)
            ones = _0 - ((chances[j] >> digit) & _1)  # all ones or all zeros
            half = (bits[j] & word) | (ones & (bits[j] | word))
            word = c | (d << _32)
            ones = _0 - ((chances[j] >> (digit + _1)) & _1)
            bits[j] = (half & word) | (ones & (half | word))
    keep = (~_0) >> np.uint64(64 - show.steps)
    for j in range(n):
        spikes[active[j]] = bits[j] & keep


@njit(error_model="numpy")
def _window(room, show, shot):
    """Mark the inputs that fired in the window that ends with an output spike; return how many."""
    spikes, on, active = room.spikes, room.on, room.active
    shift = np.uint64(show.start + shot * show.interval - show.window + 1)
    mask = (~_0) >> np.uint64(64 - show.window)
    for i in range(spikes.size):
        on[i] = ((spikes[i] >> shift) & mask) != _0
    n = 0
    for i in range(spikes.size):
        active[n] = i
        n += on[i]
    for j in range(n):
        room.drive[active[j]] += PARTS
    return n


@njit(error_model="numpy")
def _drive(weights, bias, active, n, u):
    """u_k = b_k + the sum of the weights of the active inputs, eight rows a pass."""
    neurons = u.size
    for k in range(neurons):
        u[k] = bias[k]
    j = 0
    while j + 8 <= n:
        i0, i1, i2, i3 = active[j], active[j + 1], active[j + 2], active[j + 3]
        i4, i5, i6, i7 = active[j + 4], active[j + 5], active[j + 6], active[j + 7]
        for k in range(neurons):
            low = (weights[i0, k] + weights[i1, k]) + (weights[i2, k] + weights[i3, k])
            high = (weights[i4, k] + weights[i5, k]) + (weights[i6, k] + weights[i7, k])
            u[k] += low + high
        j += 8
    while j < n:
        i0 = active[j]
        for k in range(neurons):
            u[k] += weights[i0, k]
        j += 1


@njit(error_model="numpy")
def _winner(room, gain, r):
    """Draw k with probability exp(gain u_k) / sum_j exp(gain u_j), by inversion at the uniform number r."""
    u, e, sums = room.u, room.e, room.sums
    neurons = u.size
    for lane in range(_LANES):
        sums[lane] = u[0]
    for start in range(0, neurons - _LANES + 1, _LANES):
        for lane in range(_LANES):
            sums[lane] = max(sums[lane], float64(u[start + lane]))
    rest = neurons - neurons % _LANES
    for k in range(rest, neurons):
        sums[0] = max(sums[0], float64(u[k]))
    peak = sums[0]
    for lane in range(_LANES):
        peak = max(peak, sums[lane])
        sums[lane] = 0.0
    for k in range(neurons):
        e[k] = exp(gain * (float64(u[k]) - peak))
    for start in range(0, neurons - _LANES + 1, _LANES):
        for lane in range(_LANES):
            sums[lane] += e[start + lane]
    for k in range(rest, neurons):
        sums[k - rest] += e[k]
    total = 0.0
    for lane in range(_LANES):
        total += sums[lane]
    target = r * total
    lane = 0
    while lane < min(_LANES, neurons) - 1 and target >= sums[lane]:
        target -= sums[lane]
        lane += 1
    k = lane
    while k + _LANES < neurons and target >= e[k]:
        target -= e[k]
        k += _LANES
    return k


@njit(error_model="numpy")
def _hear(r, sums, lines, variance, number, turn, room):
    """Add the noise of a read of some lines to its sums; ``variance`` is that of the circuits."""
    v, e = room.v, room.e
    if not is_noisy(r, variance):
        return
    if r.noisy:
        for k in range(e.size):
            e[k] = variance
        _drive(r.variance, e, lines, lines.size, v)
    else:
        for k in range(e.size):
            v[k] = np.float32(variance + lines.size * r.variance[0, 0])
    add_noise(sums, v, number, turn, r)


@njit(error_model="numpy")
def _read(r, bias, n, number, shot, room, counts):
    """Fill ``u`` with the bias and the sums of the first n active inputs; through converters, a sum for each tile.

    An input is driven in full or not at all, whatever the DAC.
    """
    u, e, part, active = room.u, room.e, room.part, room.active
    tiles = parts_of(r, FORWARD)
    if r.adc == 0.0:
        _drive(r.weights, bias, active, n, u)
        _hear(r, u, active[:n], r.output_variance * tiles, number, shot, room)
        return
    for k in range(u.size):
        u[k] = bias[k]
    begin = 0
    for tile in range(tiles):
        end = begin
        while end < n and active[end] < (tile + 1) * r.rows_a_part:
            end += 1
        for k in range(e.size):
            e[k] = 0.0
        _drive(r.weights, e, active[begin:end], end - begin, part)
        _hear(r, part, active[begin:end], r.output_variance, number, turn_of(shot, 2 * tile, r), room)
        take(part, 1.0, FORWARD, r, counts)
        for k in range(u.size):
            u[k] += part[k]
        begin = end


@njit(error_model="numpy")
def fire(r, bias, presentation, shot, show, room, counts):
    """Return the neuron that fires on the inputs that are active at this output spike of a presentation."""
    neurons, n = room.u.size, _window(room, show, shot)
    _read(r, bias, n, presentation, shot, room, counts)
    count_lines(counts, n, 0, neurons, FORWARD, r)
    counts[DIGITAL_OPS] += 3 * neurons  # bias, exponential, sum
    word = philox(presentation & _LOW, np.uint64(shot), presentation >> _32, _WINNER, r.key)[0]
    return _winner(room, show.gain, uniform(word))


@njit(error_model="numpy")
def spike_count(spikes):
    """Return how many bits are set."""
    total = 0
    for i in range(spikes.size):
        word = spikes[i]
        while word != _0:
            word &= word - _1
            total += 1
    return total


@njit(types.void(uint64, uint64, uint8[:, ::1], int64, NEURONS_TYPE, SHOW_TYPE, RULE_TYPE, int32[:, ::1]), **KERNEL)
def learn(read, wiring, images, first, neurons, show, rule, winners):
    """Show images one after the other; at every output spike the winner's column is programmed.

    Parameters
    ----------
    read, wiring : addresses of the Read and the Wiring of the weights.
    images : (n, rows) uint8 intensity of each input.
    first : number of the first presentation, the time of its random numbers.
    neurons : whose bias and output spikes so far are updated.
    winners : (n, spikes) filled with the neurons that fired.
    """
    r, one = read_at(read), wiring_at(wiring)
    bias, fired, room, counts = neurons.bias, neurons.fired, neurons.room, one.counts
    for m in range(images.shape[0]):
        presentation = np.uint64(first + m)
        encode(images[m], show, presentation, r.key, room)
        counts[SPIKES_IN] += spike_count(room.spikes)
        for shot in range(show.spikes):
            k = fire(r, bias, presentation, shot, show, room, counts)
            winners[m, shot] = k
            bias[k] -= show.homeostasis
            if fired[k] % show.every == 0:
                one.column(one.learns, k, room.on, rule, one.memory, one.numbers, fired[k], one.learned)
            fired[k] += 1
        if one.carries:
            one.carry(one.read, one.learns, one.memory, one.numbers, first + m, one.counts, one.learned)
    counts[SPIKES_OUT] += images.shape[0] * show.spikes


@njit(types.void(uint64, uint8[:, ::1], _WORDS, NEURONS_TYPE, SHOW_TYPE, int32[:, ::1], _WHOLES), **KERNEL)
def respond(read, images, presentations, neurons, show, winners, counts):
    """Listen to images with frozen weights.

    ``presentations[m]`` numbers the first presentation of image m, the time of its random numbers; there are
    ``show.presentations`` of them. ``winners`` (n, presentations x spikes) receives the neurons that fired.
    """
    r, room = read_at(read), neurons.room
    for m in range(images.shape[0]):
        for repeat in range(show.presentations):
            presentation = presentations[m] + np.uint64(repeat)
            encode(images[m], show, presentation, r.key, room)
            counts[SPIKES_IN] += spike_count(room.spikes)
            for shot in range(show.spikes):
                winner = fire(r, neurons.bias, presentation, shot, show, room, counts)
                winners[m, repeat * show.spikes + shot] = winner
            counts[SPIKES_OUT] += show.spikes
