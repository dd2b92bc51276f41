"""A convolutional network of energy once more, as slow and obvious as possible, in double precision."""

from __future__ import annotations

import numpy as np
from naive_convolution import convolve, pool

from insitu.networks.layers import Conv


def joined(layers):
    """Pair each layer of weights with the pools behind it: [(layer, pools), ...]."""
    found = []
    for layer in layers:
        if hasattr(layer, "how"):
            found[-1][1].append(layer)
        else:
            found.append((layer, []))
    return found


def sums(s, weights, layer, pools):
    """What units s, of any shape, give the units above."""
    z = convolve(s, weights, layer) if isinstance(layer, Conv) else s.ravel() @ weights[:-1] + weights[-1]
    for one in pools:
        z = pool(z, one)
    return z


def slopes(s, weights, layer, pools, h=1e-6):
    """d sums / d s, (units above, units), by differences: sums are linear in s but where a pool changes its mind."""
    found = []
    for place in np.ndindex(*s.shape):
        ends = []
        for step in (h, -h):
            moved = s.copy()
            moved[place] += step
            ends.append(sums(moved, weights, layer, pools).ravel())
        found.append((ends[0] - ends[1]) / (2 * h))
    return np.array(found).T


def equilibrium(x, joints, weights, gains, f, states, target=None, beta=0.0, sweeps=14):
    """Where all layers come to rest, from ``states`` on; f of all units, the cost |output - target|^2 / 2 times beta."""
    states = [s.copy() for s in states]
    for _ in range(sweeps):
        for i in range(len(states)):
            below = x if i == 0 else states[i - 1]
            u = gains[i] * sums(below, weights[i], *joints[i])
            if i + 1 < len(states):
                back = slopes(states[i], weights[i + 1], *joints[i + 1]).T @ states[i + 1].ravel()
                u = u + gains[i + 1] * back.reshape(u.shape)
            elif beta:
                u = u + beta * (target - states[i])
            states[i] = f(u)
    return states
