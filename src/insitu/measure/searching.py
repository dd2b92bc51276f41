"""Maximum likelihood in transformed numbers: search within bounds, curvature, uncertainties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.families import Free

#: numbers by name, each of several points -> (points,) the log-likelihood of each; minus infinity where there is none
Scores = Callable[[dict[str, Doubles]], Doubles]
Costs = Callable[[Doubles], Doubles]  #: (points, numbers) -> (points,)

AT_LOW, AT_HIGH, OPEN = "at its lower bound", "at its upper bound", "not determined"  #: remarks
_EDGE = 1e-3  #: of the searched interval: nearer to a bound than this, a number is at it
_KEPT, _WALKED = 4, 2  #: scattered points from which a search begins, and ends from which a simplex walks
_FIRST, _MOST = 30, 300  #: steps of a descent before a simplex walks, and of one that ends a search
_NEAR, _NEVER = 1e-5, 1e29  #: over what a slope is taken; cost of what the law does not allow
_STRIDE = 0.2  #: of the first simplex, in transformed numbers
_UNSURE = 3.0  #: standard error of the logarithm of a positive number from which on it is not determined


@dataclass(frozen=True)
class Estimate:
    """A fitted number.

    Parameters
    ----------
    value, error : with its standard error, None where there is none: at a bound, or not determined.
    start : where the search began.
    remark : empty, ``at its lower bound``, ``at its upper bound`` or ``not determined``.
    """

    value: float
    error: float | None
    start: float
    remark: str = ""


@dataclass(frozen=True)
class Found:
    """Where a search ended.

    Parameters
    ----------
    estimates : by name. correlations : of those that have errors. score : there.
    volume : logarithm of the square root of the determinant of the covariance, over the numbers that have errors.
    """

    estimates: Mapping[str, Estimate]
    correlations: Mapping[tuple[str, str], float]
    score: float
    volume: float = 0.0

    @property
    def values(self) -> dict[str, float]:
        """The numbers."""
        return {key: estimate.value for key, estimate in self.estimates.items()}


def each(numbers: Mapping[str, Doubles]) -> list[dict[str, float]]:
    """Return the numbers of each of several points."""
    points = zip(*(values.tolist() for values in numbers.values()), strict=True)
    return [dict(zip(numbers, values, strict=True)) for values in points]


def one_by_one(score: Callable[[dict[str, float]], float]) -> Scores:
    """Return what scores several points from what scores one."""
    return lambda numbers: np.array([score(one) for one in each(numbers)])


class Scales:
    """Free numbers as they are searched: positive ones by their logarithms, on the same footing as the others.

    Attributes
    ----------
    low, high : (n,) their bounds.
    """

    def __init__(self, free: Mapping[str, Free]) -> None:
        """Take the numbers, by name."""
        self.free = free
        self._log = np.array([one.log for one in free.values()], bool)[:, None]
        self._low, self._high = (
            np.array([getattr(one, at) for one in free.values()])[:, None] for at in ("low", "high")
        )
        self.low, self.high = (
            np.array([inward(one, getattr(one, at)) for one in free.values()]) for at in ("low", "high")
        )

    def inward(self, numbers: Mapping[str, float]) -> Doubles:
        """Return (n,) numbers by name, within their bounds, as they are searched; those that are not given at their start."""
        return np.clip(
            [inward(one, numbers.get(name, one.start)) for name, one in self.free.items()], self.low, self.high
        )

    def several(self, x: Doubles) -> dict[str, Doubles]:
        """Return (points, n) searched numbers as such, each (points,)."""
        values = np.where(self._log, np.exp(np.where(self._log, x.T, 0.0)), x.T)
        return dict(zip(self.free, np.minimum(np.maximum(values, self._low), self._high), strict=True))

    def plain(self, x: Doubles) -> dict[str, float]:
        """Return (n,) searched numbers as such."""
        return {name: float(values[0]) for name, values in self.several(x[None]).items()}


def maximise(
    scores: Scores,
    free: Mapping[str, Free],
    starts: Sequence[Mapping[str, float]],
    *,
    errors: bool = True,
    thorough: bool = False,
    explore: int = 0,
) -> Found:
    """Return the numbers with the largest log-likelihood, each with its standard error.

    L-BFGS-B from each start, and from the best of ``explore`` points scattered about it, for there are local maxima; where
    ``thorough``, a simplex then walks on from the best ends, for a law may have kinks at which a gradient stops, and L-BFGS-B
    once more. Positive numbers are on a logarithmic scale. Errors are from the curvature at the maximum (the observed
    information), carried over to plain numbers to first order. A noise that was not seen, at its lower bound, may still be
    there: errors of the others are for the largest that the data allow, within two errors.

    Parameters
    ----------
    scores : of the log-likelihood, many points at once, for they cost less together.
    free : the numbers and their bounds. starts : one or more; the best end counts. errors : whether they are wanted.
    """
    names, scales = list(free), Scales(free)
    low, high = scales.low, scales.high

    def costs(x: Doubles) -> Doubles:
        value = scores(scales.several(x))
        return np.where(np.isfinite(value), -value, 10 * _NEVER)

    given = [scales.inward(start) for start in starts]
    if explore:
        tried = np.array([x for x0 in given for x in _scattered(free, x0, explore)]).clip(low, high)
        given += list(tried[np.argsort(costs(tried))[:_KEPT]])
    best, x, x0 = _descended(costs, given, low, high, thorough=thorough)
    at_low, at_high = x - low <= _EDGE * (high - low), high - x <= _EDGE * (high - low)
    inside = np.flatnonzero(~(at_low | at_high)) if errors else np.empty(0, np.intp)
    covariance = np.full((x.size, x.size), np.nan)
    seen = x.copy()
    for i in np.flatnonzero(at_low & [one.log for one in free.values()]).tolist() if errors else ():
        seen[i] = largest(costs, x, i, high[i], best)
    covariance[np.ix_(inside, inside)] = _covariance(costs, seen, inside, low, high)
    sd = np.sqrt(np.diag(covariance))
    value, start = scales.plain(x), scales.plain(x0)
    estimates = {}
    for i, (name, one) in enumerate(free.items()):
        remark = AT_LOW if at_low[i] else AT_HIGH if at_high[i] else unsure(one, float(sd[i]))
        error = None if remark else float(sd[i] * (value[name] if one.log else 1.0))
        estimates[name] = Estimate(value[name], error, start[name], remark)
    r = covariance / np.outer(sd, sd)
    pairs = {(names[j], names[i]): float(r[i, j]) for i in inside for j in inside if j < i and np.isfinite(r[i, j])}
    sure = np.flatnonzero(np.isfinite(sd))
    volume = float(np.linalg.slogdet(covariance[np.ix_(sure, sure)])[1]) / 2 if sure.size else 0.0
    return Found(estimates, pairs, -best, volume)


def _descended(
    costs: Costs, given: Sequence[Doubles], low: Doubles, high: Doubles, *, thorough: bool
) -> tuple[float, Doubles, Doubles]:
    """Return the lowest cost that is reached from the given points, where, and from which of them."""
    from scipy.optimize import minimize

    bounds = list(zip(low, high, strict=True))

    def cost(x: Doubles) -> float:
        return float(costs(x[None])[0])

    def slope(x: Doubles) -> tuple[float, Doubles]:
        away = np.where(x + _NEAR < high, _NEAR, -_NEAR)
        here, *beside = costs(x + np.vstack([np.zeros(x.size), np.diag(away)])).tolist()
        return here, np.where(np.array(beside) < _NEVER, (np.array(beside) - here) / away, 0.0)

    def descend(x: Doubles, most: int) -> tuple[float, Doubles]:
        found = minimize(slope, x, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": most})
        return float(found.fun), np.clip(found.x, low, high)

    def walk(x: Doubles) -> Doubles:
        simplex = np.vstack([x, x + _STRIDE * np.where(x + _STRIDE < high, 1, -1)[:, None] * np.eye(x.size)])
        options = {"initial_simplex": simplex, "maxfev": 150 * x.size, "fatol": 0.01, "xatol": 1e-4, "adaptive": True}
        return np.asarray(np.clip(minimize(cost, x, method="Nelder-Mead", bounds=bounds, options=options).x, low, high))

    ends = sorted(((*descend(x0, _FIRST if thorough else _MOST), x0) for x0 in given), key=lambda end: end[0])
    if thorough:
        ends = [(*descend(walk(x), _MOST), x0) for _, x, x0 in ends[:_WALKED]]
    return min(ends, key=lambda end: end[0])


def largest(costs: Costs, x: Doubles, i: int, high: float, best: float) -> float:
    """Return how large number i may be until the cost is two errors of it above the best."""
    low = float(x[i])
    for _ in range(5):  # sixteen parts at a time: a millionth in all
        tried = np.linspace(low, high, 17)
        moved = np.tile(x, (15, 1))
        moved[:, i] = tried[1:-1]
        beyond = np.flatnonzero(costs(moved) >= best + 2.0)
        part = int(beyond[0]) if beyond.size else 15
        low, high = float(tried[part]), float(tried[part + 1])
    return low


def _scattered(free: Mapping[str, Free], x0: Doubles, n: int) -> Doubles:
    """Return n points about a start, always the same: logarithms by up to 1.5 either way, others over six units."""
    reach = np.array([(-1.5, 1.5) if one.log else (-2.0, 4.0) for one in free.values()])
    width = np.array([min(1.0, (one.high - one.low) / 2) if not one.log else 1.0 for one in free.values()])
    u = np.random.Generator(np.random.Philox(0)).random((n, x0.size))
    return np.asarray(x0 + width * (reach[:, 0] + (reach[:, 1] - reach[:, 0]) * u))


def unsure(free: Free, sd: float) -> str:
    """Return the remark on a number whose transformed one has this error: none, or that it is not determined."""
    return OPEN if not math.isfinite(sd) or (free.log and sd > _UNSURE) else ""


def inward(free: Free, value: float) -> float:
    """Return a number, within its bounds, as it is searched."""
    number = min(max(value, free.low), free.high)
    return float(np.log(number)) if free.log else float(number)


def _covariance(costs: Costs, x: Doubles, inside: NDArray[np.intp], low: Doubles, high: Doubles) -> Doubles:
    """Return the inverse of the curvature of ``costs`` in the numbers ``inside``; NaN in the directions that are flat."""
    centre, n = float(costs(x[None])[0]), inside.size
    if not n:
        return np.empty((0, 0))
    # as far as costs about half a unit of likelihood: away from round-off, near enough to be a parabola
    h = np.minimum(1e-3 * 2.0 ** np.arange(12), (high - x)[inside, None])
    risen = costs(x + (h[:, :, None] * np.eye(x.size)[inside, None]).reshape(-1, x.size)).reshape(n, -1) - centre > 0.25
    far = 1e-3 * 2.0 ** np.where(risen.any(axis=1), risen.argmax(axis=1), 12)
    step = np.minimum(far, np.minimum(x - low, high - x)[inside])
    along = step[:, None] * np.eye(x.size)[inside]
    a, b = np.tril_indices(n, -1)
    moves = np.concatenate([along, -along, *(s * along[a] + t * along[b] for s in (1, -1) for t in (1, -1))])
    found = costs(x + moves)
    up, down, corners = found[:n], found[n : 2 * n], found[2 * n :].reshape(4, -1)
    curvature = np.diag((up - 2 * centre + down) / step**2)
    curvature[a, b] = curvature[b, a] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step[a] * step[b])
    return inverse(curvature)


def inverse(curvature: Doubles, flat: float = np.nan) -> Doubles:
    """Return the inverse of a curvature, with ``flat`` for numbers along a direction that has none.

    Numbers count in units of the error that each would have by itself: else a direction without curvature seems to be that of
    the number with the largest unit alone, and those that go with it would look sure.
    """
    found, own = np.full(curvature.shape, flat), np.diag(curvature)
    some = np.flatnonzero(own > 0)
    if some.size:
        unit = np.sqrt(own[some])
        both = np.ix_(some, some)
        found[both] = _inverse(curvature[both] / np.outer(unit, unit), flat) / np.outer(unit, unit)
    return found


def _inverse(curvature: Doubles, flat: float) -> Doubles:
    values, vectors = np.linalg.eigh(curvature)
    sure = values > 1e-6 * max(values.max(), 1e-300)
    found: Doubles = (vectors[:, sure] / values[sure]) @ vectors[:, sure].T
    along = (vectors[:, ~sure] ** 2).sum(axis=1) > 0.1
    found[along] = found[:, along] = flat
    return found
