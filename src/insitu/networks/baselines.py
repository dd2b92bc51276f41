"""What a memory trained by activity differences is compared with, on the same words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.networks.hopfield import BinaryRule, recall

#: how Hebb's weights and the projection are recalled in software: the distorted pattern goes on driving its units, as it does
#: in the memory that is compared with them; the drive is the best of 0 to 1 for the projection, on distortions of other seeds
SOFTWARE = BinaryRule(drive=0.1, sweeps=50)


def hebb(patterns: Floats) -> NDArray[np.float64]:
    """Return ``W = 1/n sum_k x_k x_k^T`` without its diagonal (J. J. Hopfield, PNAS 79, 2554 (1982))."""
    x = patterns.astype(float)
    return _no_diagonal(x.T @ x / x.shape[1])


def pseudo_inverse(patterns: Floats) -> NDArray[np.float64]:
    """Return the projection on the patterns (n, units), ``W = X^T (X X^T)^-1 X``, without its diagonal.

    L. Personnaz, I. Guyon, G. Dreyfus, J. Physique Lett. 46, L359 (1985).
    """
    x = patterns.astype(float)
    return _no_diagonal(np.linalg.pinv(x) @ x)


def recalled(weights: NDArray[np.float64], start: Floats, *, seed: int = 0) -> Floats:
    """Return where distorted patterns (batch, units) settle, in software and without noise."""
    return recall(weights, start, SOFTWARE, seed=seed).states


def most_likely(patterns: Floats, x: Floats, flip: float, erased: int = 0) -> NDArray[np.intp]:
    """Return the most probable word (batch,), given how words are distorted: nothing can be right more often.

    Without erased cells and with flip < 1/2 it is the nearest pattern. Otherwise the likelihood is summed over all
    choices of ``erased`` empty cells, counted cell by cell.

    Parameters
    ----------
    patterns : (words, 6 cells). x : (batch, 6 cells) distorted patterns, all words equally probable.
    """
    n, units = patterns.shape
    p = min(max(flip, 1e-12), 1 - 1e-12)
    if not erased:
        return np.asarray(np.argmax((x @ patterns.T) * np.sign(0.5 - p), axis=1))
    cells = units // 6
    agree = np.einsum("bcd,wcd->bwc", x.reshape(-1, cells, 6), patterns.reshape(n, cells, 6))
    seen = np.exp((6 + agree) / 2 * np.log1p(-p) + (6 - agree) / 2 * np.log(p))
    empty = (x.reshape(-1, cells, 6) < 0).all(axis=2).astype(float)[:, None, :]
    sums = np.zeros((erased + 1, len(x), n))  # [k]: k of the cells so far were erased
    sums[0] = 1
    for cell in range(cells):
        taken = sums[:-1] * empty[..., cell]
        sums *= seen[..., cell]
        sums[1:] += taken
    return np.asarray(np.argmax(sums[erased], axis=1))


def backpropagated(
    batches: Sequence[tuple[Floats, Floats]], gain: float, start: list[Floats], rate: float
) -> list[Floats]:
    """Train a network of tanh units and a softmax by backpropagation in software; return its weights, biases last.

    Parameters
    ----------
    batches : (inputs, wanted outputs), shown once each. gain : of the amplifiers, as in a network of energy.
    start : initial weights of the two layers (rows + 1, columns). rate : falls linearly to 0; weights stay in [-1, 1].
    """
    first, second = (w.copy() for w in start)
    g1, g2 = (np.float32(gain / np.sqrt(len(w) - 1)) for w in (first, second))
    for k, (x, y) in enumerate(batches):
        h = np.tanh(g1 * (x @ first[:-1] + first[-1]))
        u = g2 * (h @ second[:-1] + second[-1])
        out = np.exp(u - u.max(axis=1, keepdims=True))
        error = y - out / out.sum(axis=1, keepdims=True)
        back = g2 * (error @ second[:-1].T) * (1 - h * h)
        step = np.float32(rate * (1 - k / len(batches)) / len(x))
        for w, pre, post in ((second, h, error), (first, x, back)):
            w[:-1] += step * (pre.T @ post)
            w[-1] += step * post.sum(axis=0)
            np.clip(w, -1, 1, out=w)
    return [first, second]


def _no_diagonal(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    np.fill_diagonal(weights, 0)
    return weights
