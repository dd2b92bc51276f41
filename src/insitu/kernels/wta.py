"""The spiking network: Poisson encoding, winner-take-all, and the two loops that learn and that only listen.

Cost of one output spike with R inputs of which A are on, and K neurons: R bytes to find the inputs, A * K float32 to add,
K exponentials, then R pulses (see kernels.column). Everything else is counted in tens.
"""

from __future__ import annotations

import numpy as np
from numba import float32, float64, int32, int64, njit, prange, types, uint8, uint16, uint64

from insitu.kernels.philox import philox
from insitu.kernels.state import (
    CONVERSIONS,
    DIGITAL_OPS,
    PRODUCTS,
    PROGRAM_TYPE,
    READS,
    ROW_DRIVES,
    SPIKES_IN,
    SPIKES_OUT,
    STATE_TYPE,
)
from insitu.kernels.vmath import exp, uniform

_INPUT, _WINNER = np.uint64(0), np.uint64(1)
_0, _1, _LOW, _32 = np.uint64(0), np.uint64(1), np.uint64(0xFFFFFFFF), np.uint64(32)
_LANES = 16  # the population is summed in this many interleaved lanes, in a fixed order that vectorises


@njit(inline="always")
def _encode(intensity, chance, steps, presentation, seed, active, chances, bits, spikes):
    """Fill ``spikes`` (rows,) with one bit a time step: bit t is set with probability ``chance[intensity] / 2**16``.

    64 Bernoulli draws at once: from the lowest to the highest binary digit of the probability, a random word is or-ed in
    for a one and and-ed in for a zero. 16 random words, 8 Philox blocks, a pixel; dark pixels cost nothing.
    """
    n = 0
    for i in range(intensity.size):
        spikes[i] = _0
        active[n] = i
        n += intensity[i] > 0
    low, high = presentation & _LOW, (presentation >> _32) << np.uint64(3)
    for j in range(n):
        chances[j] = chance[intensity[active[j]]]
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
    keep = (~_0) >> np.uint64(64 - steps)
    for j in range(n):
        spikes[active[j]] = bits[j] & keep


@njit(inline="always")
def _window(spikes, end, width, on, active):
    """Mark the inputs that fired in the ``width`` steps that end with step ``end``; return how many."""
    shift = np.uint64(end - width + 1)
    mask = (~_0) >> np.uint64(64 - width)
    for i in range(spikes.size):
        on[i] = ((spikes[i] >> shift) & mask) != _0
    n = 0
    for i in range(spikes.size):
        active[n] = i
        n += on[i]
    return n


@njit(inline="always")
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


@njit(inline="always")
def _winner(u, gain, r, e, sums):
    """Draw k with probability exp(gain u_k) / sum_j exp(gain u_j), by inversion at the uniform number r."""
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


@njit(inline="always")
def _count_read(counts, n, neurons, planes):
    counts[READS] += n * neurons * planes
    counts[ROW_DRIVES] += n
    counts[CONVERSIONS] += neurons
    counts[PRODUCTS] += 1
    counts[DIGITAL_OPS] += 3 * neurons  # bias, exponential, sum


@njit(inline="always")
def _spike_count(spikes):
    total = 0
    for i in range(spikes.size):
        word = spikes[i]
        while word != _0:
            word &= word - _1
            total += 1
    return total


@njit(
    types.void(
        types.FunctionType(PROGRAM_TYPE),
        STATE_TYPE,
        uint8[:, ::1],
        uint16[::1],
        int64,
        float64[::1],
        int64[::1],
        float64[::1],
        int64[::1],
        float64[::1],
        int32[:, ::1],
        int64[::1],
    ),
    cache=True,
    error_model="numpy",
)
def learn(program, s, images, chance, first, bias, fired, wta, timing, rule, winners, counts):
    """Show images one after the other; at every output spike the winner's column is programmed.

    Parameters
    ----------
    images : (n, rows) uint8 intensity of each input; chance : (256,) spike probability a step, in 1/2**16.
    first : number of the first presentation, the time of its random numbers.
    bias, fired : (columns,) homeostatic bias and output spikes so far, both updated.
    wta : gain, homeostatic step.
    timing : steps, window, first spike, interval, spikes a presentation, presentations, spikes a programming.
    rule : see the programming kernel; winners : (n, spikes) filled with the neurons that fired.
    """
    rows, neurons = s.weights.shape
    planes = s.g.shape[0]
    spikes, on, active = np.empty(rows, np.uint64), np.empty(rows, np.uint8), np.empty(rows + 1, np.int64)
    chances, bits = np.empty(rows, np.uint64), np.empty(rows, np.uint64)
    u, e = np.empty(neurons, np.float32), np.empty(neurons)
    sums = np.empty(_LANES)
    steps, width, start, interval, shots = timing[0], timing[1], timing[2], timing[3], timing[4]
    for m in range(images.shape[0]):
        presentation = np.uint64(first + m)
        _encode(images[m], chance, steps, presentation, s.key, active, chances, bits, spikes)
        counts[SPIKES_IN] += _spike_count(spikes)
        for shot in range(shots):
            n = _window(spikes, start + shot * interval, width, on, active)
            _drive(s.weights, bias, active, n, u)
            word = philox(presentation & _LOW, np.uint64(shot), presentation >> _32, _WINNER, s.key)[0]
            k = _winner(u, wta[0], uniform(word), e, sums)
            winners[m, shot] = k
            bias[k] -= wta[1]
            if fired[k] % timing[6] == 0:
                program(s, k, on, rule, fired[k], counts)
            fired[k] += 1
            _count_read(counts, n, neurons, planes)
    counts[SPIKES_OUT] += images.shape[0] * shots


@njit(
    types.void(
        float32[:, ::1],
        uint8[:, ::1],
        uint16[::1],
        uint64[::1],
        uint64,
        float64[::1],
        float64[::1],
        int64[::1],
        int64,
        int32[:, ::1],
        int64[:, ::1],
    ),
    cache=True,
    parallel=True,
    error_model="numpy",
)
def respond(weights, images, chance, presentations, key, bias, wta, timing, planes, winners, counts):
    """Listen to images with frozen weights; images are shared among threads.

    ``presentations[m]`` numbers the first presentation of image m, the time of its random numbers; there are
    ``timing[5]`` of them. ``winners`` (n, presentations x spikes) receives the neurons that fired, ``counts`` (n, kinds)
    the events.
    """
    rows, neurons = weights.shape
    for m in prange(images.shape[0]):
        spikes, on, active = np.empty(rows, np.uint64), np.empty(rows, np.uint8), np.empty(rows + 1, np.int64)
        chances, bits = np.empty(rows, np.uint64), np.empty(rows, np.uint64)
        u, e = np.empty(neurons, np.float32), np.empty(neurons)
        sums = np.empty(_LANES)
        for repeat in range(timing[5]):
            presentation = presentations[m] + np.uint64(repeat)
            _encode(images[m], chance, timing[0], presentation, key, active, chances, bits, spikes)
            counts[m, SPIKES_IN] += _spike_count(spikes)
            for shot in range(timing[4]):
                n = _window(spikes, timing[2] + shot * timing[3], timing[1], on, active)
                _drive(weights, bias, active, n, u)
                word = philox(presentation & _LOW, np.uint64(shot), presentation >> _32, _WINNER, key)[0]
                winners[m, repeat * timing[4] + shot] = _winner(u, wta[0], uniform(word), e, sums)
                _count_read(counts[m], n, neurons, planes)
            counts[m, SPIKES_OUT] += timing[4]
