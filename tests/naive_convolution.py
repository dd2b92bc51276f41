"""Convolutions, pools, dense and residual layers and normalisation once more, as slow and obvious as possible, in double
precision."""

from __future__ import annotations

import numpy as np

from insitu.networks.layers import Conv, Dense, Normalise, Pool, Residual


def convolve(x, weights, layer):
    """Sums (high, wide, maps) of one image x (height, width, maps below); weights (rows, maps), the bias last."""
    x = np.pad(x, ((layer.padding, layer.padding), (layer.padding, layer.padding), (0, 0)))
    high, wide = ((side - layer.size) // layer.stride + 1 for side in x.shape[:2])
    out = np.zeros((high, wide, layer.maps))
    for i in range(high):
        for j in range(wide):
            top, left = i * layer.stride, j * layer.stride
            patch = x[top : top + layer.size, left : left + layer.size]
            out[i, j] = patch.ravel() @ weights[:-1] + weights[-1]
    return out


def pool(x, layer):
    """The largest, or the mean, of each patch."""
    step = layer.stride or layer.size
    high, wide = ((side - layer.size) // step + 1 for side in x.shape[:2])
    take = np.max if layer.how == "max" else np.mean
    out = np.zeros((high, wide, x.shape[2]))
    for i in range(high):
        for j in range(wide):
            out[i, j] = take(x[i * step : i * step + layer.size, j * step : j * step + layer.size], axis=(0, 1))
    return out


def normalise(x, layer):
    """Each group of maps less its mean, over the root of its variance."""
    out, wide = x.copy(), x.shape[-1] // layer.groups
    for group in range(layer.groups):
        part = x[..., group * wide : (group + 1) * wide]
        out[..., group * wide : (group + 1) * wide] = (part - part.mean()) / np.sqrt(part.var() + 1e-5)
    return out


def through(x, layers, weights, f):
    """What layers put out for one example, ``weights`` being those that come next."""
    for layer in layers:
        if isinstance(layer, Pool):
            x = pool(x, layer)
            continue
        if isinstance(layer, Residual):
            inside = through(x, layer.layers, weights, f)
            z = inside + (x if layer.shortcut is None else through(x, [layer.shortcut], weights, f))
        elif isinstance(layer, Normalise):
            z = normalise(x, layer)
        else:
            w = next(weights)
            z = convolve(x, w, layer) if isinstance(layer, Conv) else x.ravel() @ w[:-1] + w[-1]
            assert isinstance(layer, Conv | Dense)
        x = f(z) if layer.neurons else z
    return x


def outputs(x, layers, weights, f, last):
    """What a network puts out for one example; f of hidden layers, ``last`` of the outputs."""
    weights = iter(weights)
    x = through(x, layers[:-1], weights, f)
    w = next(weights)
    return last(x.ravel() @ w[:-1] + w[-1])


def softmax(z):
    """Probabilities."""
    e = np.exp(z - z.max())
    return e / e.sum()
