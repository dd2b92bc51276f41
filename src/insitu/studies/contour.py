"""Where a noisy function of two properties crosses a limit, found with few evaluations.

A smooth surface (Gaussian process) is fitted to what is known; the next points are those that may lie on either side of the
limit: straddle heuristic, B. Bryan et al., Advances in Neural Information Processing Systems 18 (2005).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from insitu.arraytypes import Doubles

#: (column, row) of points of the grid -> loss and its standard error, each (points,); NaN where it is not known
Evaluate = Callable[[Sequence[tuple[int, int]]], tuple[Doubles, Doubles]]

_COARSE = 5  #: points along a side, to begin with
_BATCH = 12  #: points a round
_SURE = 1.64  #: standard deviations of the surface from the limit, at which a side is certain (one in twenty)
_APART = 1.5  #: steps of the grid between the points of a round, at least


@dataclass(frozen=True)
class Surface:
    """What is known of a loss over a grid.

    Parameters
    ----------
    loss : (rows, columns) of the surface. low, high : one standard deviation of it below and above.
    points : (column, row) of those that were evaluated. measured : of each, its loss.
    sure : part of the grid of which the side of the limit is certain, or that lies within a step of the contour.
    """

    loss: Doubles
    low: Doubles
    high: Doubles
    points: tuple[tuple[int, int], ...]
    measured: tuple[float, ...]
    sure: float


def find(evaluate: Evaluate, side: int, limit: float, most: int | None = None) -> Surface:
    """Return the surface of a loss over side x side points, known best where it crosses the limit.

    Parameters
    ----------
    evaluate : see :data:`Evaluate`. limit : above 0. most : points that are evaluated, a third of the grid unless given; all
        of them evaluates the whole grid.
    """
    most = side * side // 3 if most is None else min(most, side * side)
    ends = np.unique(np.linspace(0, side - 1, _COARSE).round().astype(int)).tolist()
    wanted = [(column, row) for row in ends for column in ends]
    if most == side * side:
        wanted = [(column, row) for row in range(side) for column in range(side)]
    known: dict[tuple[int, int], tuple[float, float]] = {}
    before = 0.0
    while True:
        for place, *value in zip(wanted, *evaluate(wanted), strict=True):
            known[place] = (float(value[0]), float(value[1]))
        surface = _fitted(known, side, limit)
        left = most - len(known)
        if left <= 0 or min(before, surface.sure) == 1.0:  # sure, and of points chosen since then too
            return surface
        before = surface.sure
        wanted = _next(surface, limit, min(left, _BATCH))
        if not wanted:
            return surface


def _scaled(loss: Doubles, limit: float) -> Doubles:
    """Return losses on a scale on which those near the limit are told apart, and total failure is not far away."""
    return np.arcsinh(loss / limit)


def _fitted(known: dict[tuple[int, int], tuple[float, float]], side: int, limit: float) -> Surface:
    """Fit the surface to the points that are known."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    places = [place for place, (loss, _) in known.items() if np.isfinite(loss)]
    x = np.array(places, float).reshape(-1, 2) / (side - 1)
    loss, error = (np.array([known[place][i] for place in places]) for i in (0, 1))
    y = _scaled(loss, limit)
    noise = float(
        np.mean((error / np.hypot(limit, loss)) ** 2)
    )  # on that scale; a few seeds tell that of a point badly
    kernel = ConstantKernel(4.0, (0.1, 100)) * Matern([0.5, 0.5], (0.1, 10), nu=2.5) + WhiteKernel(0.01, (1e-4, 1))
    process = GaussianProcessRegressor(
        kernel, alpha=noise + 1e-6, normalize_y=True, n_restarts_optimizer=2, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a number of the kernel at its bound is no fault
        process.fit(x, y)
    grid = np.array([(column, row) for row in range(side) for column in range(side)], float) / (side - 1)
    mean, sd = process.predict(grid, return_std=True)
    noise_level = process.kernel_.k2.noise_level * float(np.var(y))  # which the fit had scaled by that
    sd = np.sqrt(np.maximum(sd**2 - noise_level, 0.0))  # of the surface, not of another point on it
    mean, sd = mean.reshape(side, side), sd.reshape(side, side)
    sure = _sure(mean, sd, limit)
    middle, low, high = (limit * np.sinh(mean + sign * sd) for sign in (0, -1, 1))
    return Surface(middle, low, high, tuple(known), tuple(value[0] for value in known.values()), sure)


def _sure(mean: Doubles, sd: Doubles, limit: float) -> float:
    """Return the part of the grid that is certain, or next to the contour."""
    from scipy.ndimage import maximum_filter, minimum_filter

    at = float(_scaled(np.array(limit), limit))
    certain = np.abs(mean - at) > _SURE * sd
    beside = (minimum_filter(mean, 3) <= at) & (maximum_filter(mean, 3) > at)
    return float(np.mean(certain | beside))


def _next(surface: Surface, limit: float, count: int) -> list[tuple[int, int]]:
    """Return the points that tell most of where the contour lies, not close to each other."""
    mean = _scaled(surface.loss, limit)
    sd = _scaled(surface.high, limit) - mean
    score = 1.96 * sd - np.abs(mean - _scaled(np.array(limit), limit))
    chosen: list[tuple[int, int]] = []
    known = set(surface.points)
    for flat in np.argsort(-score, axis=None):
        row, column = (int(i) for i in np.unravel_index(flat, score.shape))
        near = any(max(abs(column - a), abs(row - b)) < _APART for a, b in chosen)
        if (column, row) not in known and not near:
            chosen.append((column, row))
        if len(chosen) == count:
            break
    return chosen
