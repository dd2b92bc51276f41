"""How much of a property training bears: where a loss curve, fitted to points with errors, crosses a limit.

The loss may only grow from good to bad values, so the curve is the isotonic least-squares fit (R. Barlow et al., Statistical
Inference under Order Restrictions, 1972): a point that chance lifted over its worse neighbour is averaged with it. Errors of
few seeds are uncertain themselves, so each variance is drawn to that of all points (G. Smyth, Statistical Applications in
Genetics and Molecular Biology 3, 2004). The interval is where curves cross that are fitted to points off by such errors
(Student's t), and of which nobody knows whether between two values they are straight or bent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from insitu.arraytypes import Doubles
from insitu.reports.numbers import large
from insitu.studies.compared import Compared
from insitu.studies.tables import Factor

_PRIOR = 4  #: degrees of freedom that the variance of all points counts for in that of one
_NEAR = 5  #: limits; where more is lost, runs differ by ten times as much, and their variance says nothing of others
_FAR = 0.2  #: part of a loss that it is off by at least, where it is asked whether points are uneven
_DRAWS = 400  #: curves of an interval; its ends are known to a tenth of its width
_SHARED = 0.3  #: correlation of the errors of two points, of 74 of cristiano2018: each is against the same reference
_SIDES = (0.16, 0.84)  #: quantiles of the interval, those of one standard error
_SURE = 3.0  #: standard errors from the limit, beyond which a point is on a side of it for sure


@dataclass(frozen=True)
class Requirement:
    """What a factor tolerates.

    Parameters
    ----------
    factor : what was swept.
    values : swept, from good to bad. points : against the reference, one a value.
    errors : standard error of the difference of each point; 0 where no value has two seeds.
    tolerance : value at which the fitted loss reaches the limit; None where it never does. Equal to the first value where
        even that one is beyond the limit (``failing``).
    early, late : the interval of it, of one standard error; None if it may never be reached.
    uneven : whether the points are further from any curve that only grows than errors explain (one in a hundred by chance).
    deciding : values whose loss may be on either side of the limit, and those next to where the curve crosses it.
    """

    factor: Factor
    values: tuple[float, ...]
    points: tuple[Compared, ...]
    errors: tuple[float, ...]
    tolerance: float | None
    early: float | None
    late: float | None
    failing: bool
    uneven: bool
    deciding: frozenset[float]


def judge(
    factor: Factor,
    values: Sequence[float],
    points: Sequence[Compared],
    *,
    limit: float,
    log: bool,
    variance: float | None = None,
) -> Requirement:
    """Return what a factor tolerates, from its points.

    Parameters
    ----------
    limit : loss that is borne. log : the curve is interpolated in the logarithm of the value.
    variance : of a difference, one seed, as in all points of a study; None is that of these, see :func:`variance_of`.
    """
    losses = np.array([-point.difference for point in points])
    errors = _errors(points, variance_of(points, limit) if variance is None else variance)
    curve = _growing(losses, errors)
    at = crossing(values, curve, limit, log=log)
    early, late, uneven = at, at, False
    if errors.any():
        noise = _noise(errors, [len(point.values) for point in points])
        curves = enumerate(_growing(losses + noise, errors))
        found = [crossing(values, one, limit, log=log, straight=k % 2 == 0) for k, one in curves]
        early, late = _sides(found, rising=values[-1] > values[0])
        unsure = np.maximum(errors, _FAR * losses)  # where training fails, runs differ by more than a few seeds say
        level = _apart(noise * unsure / errors, unsure)  # what chance makes of a curve that is the hardest to tell
        uneven = bool(_apart(losses, unsure) > np.quantile(level, 0.99) + 1e-9)
    over = curve > limit
    turn = over[1:] != over[:-1]
    decides = (abs(losses - limit) <= _SURE * errors) | np.append(turn, False) | np.append(False, turn)
    return Requirement(
        factor=factor,
        values=tuple(values),
        points=tuple(points),
        errors=tuple(errors.tolist()),
        tolerance=at,
        early=early,
        late=late,
        failing=bool(over[0]),
        uneven=uneven,
        deciding=frozenset(compress(values, decides)),
    )


def crossing(
    values: Sequence[float], losses: Sequence[float] | Doubles, limit: float, *, log: bool, straight: bool = False
) -> float | None:
    """Return where a loss first exceeds a limit, in the order given; None if nowhere.

    Between two values asinh(loss / limit) is a straight line, for a loss may be a hundred limits at the worse of them.

    Parameters
    ----------
    values, losses : (n,) of a factor, from good to bad; rising or falling.
    limit : above 0. log : the line is over the logarithm of the value. straight : the loss itself is the line.
    """
    over = [i for i, loss in enumerate(losses) if loss > limit]
    if not over or over[0] == 0:
        return values[0] if over else None
    i = over[0]
    scaled = float if straight else math.asinh
    low, high = (scaled(loss / limit) for loss in losses[i - 1 : i + 1])
    part = (scaled(1.0) - low) / (high - low)
    a, b = values[i - 1 : i + 1]
    return float(math.exp((1 - part) * math.log(a) + part * math.log(b)) if log else (1 - part) * a + part * b)


def verdict(one: Requirement) -> str:
    """Return a tolerance in words, with its interval."""
    first, last = large(one.values[0]), large(one.values[-1])
    said = ", uneven: not one curve that only grows" if one.uneven else ""
    if one.failing:
        return f"too much already at {first}{said}"
    if one.tolerance is None:
        doubt = "" if one.early is None else f" (perhaps at {large(one.early)})"
        return f"never from {first} to {last}{doubt}{said}"
    late = f"beyond {last}" if one.late is None else large(one.late)
    alone = not any(one.errors) and all(len(point.values) == 1 for point in one.points)
    spread = "one seed" if alone or one.early is None else f"{large(one.early)} to {late}"
    return f"{large(one.tolerance)} ({spread}){said}"


def variance_of(points: Sequence[Compared], limit: float) -> float:
    """Return the variance of a difference, one seed, of points near the limit; 0 if none has two seeds.

    Runs that are those of the reference have none, and say nothing.
    """
    some = [point for point in points if point.difference_sd]
    near = [point for point in some if -point.difference < _NEAR * limit] or some
    squares = [(point.difference_sd or 0.0) ** 2 for point in near]
    return float(np.average(squares, weights=[len(point.values) - 1 for point in near])) if near else 0.0


def _errors(points: Sequence[Compared], common: float) -> Doubles:
    """Return the standard error of each difference, (points,), whose variance is drawn to the common one; 0 if that is 0."""
    seeds = np.array([len(point.values) for point in points])
    free, variance = seeds - 1.0, np.array([(point.difference_sd or 0.0) ** 2 for point in points])
    return np.asarray(np.sqrt((_PRIOR * common + free * variance) / (_PRIOR + free) / seeds))


def _noise(errors: Doubles, seeds: Sequence[int]) -> Doubles:
    """Return what points may be off by, (draws, points): part of it is that of the reference, which all of them share."""
    random = np.random.default_rng(0)
    own = random.standard_t([_PRIOR + n - 1 for n in seeds], (_DRAWS, len(seeds)))
    return errors * (math.sqrt(1 - _SHARED) * own + math.sqrt(_SHARED) * random.standard_normal((_DRAWS, 1)))


def _growing(losses: Doubles, errors: Doubles) -> Doubles:
    """Return the curve that only grows nearest to losses (..., points), each weighted by its error: the same shape.

    At each point it is the highest, over where a stretch may begin, of the lowest weighted mean, over where it may end: of
    hundreds of curves at once, a hundred times as fast as scikit-learn's isotonic regression, which takes one at a time.
    """
    weights = errors**-2 if errors.all() else np.ones_like(errors)
    summed, weighed = (np.concatenate([0 * some[..., :1], some.cumsum(-1)], -1) for some in (weights * losses, weights))
    each = range(len(errors))
    mean = {
        (i, j): (summed[..., j + 1] - summed[..., i]) / (weighed[j + 1] - weighed[i]) for i in each for j in each[i:]
    }
    lowest = {(i, k): np.min([mean[i, j] for j in each[k:]], 0) for i in each for k in each[i:]}
    return np.stack([np.max([lowest[i, k] for i in each[: k + 1]], 0) for k in each], -1)


def _apart(losses: Doubles, errors: Doubles) -> Doubles:
    """Return how far losses (..., points) are from the nearest curve that only grows: the sum of squares, in errors."""
    return np.asarray((((losses - _growing(losses, errors)) / errors) ** 2).sum(-1))


def _sides(found: Sequence[float | None], *, rising: bool) -> tuple[float | None, float | None]:
    """Return the interval of places where curves cross the limit; None for those that never do, beyond all others."""
    order = sorted((value for value in found if value is not None), reverse=not rising)
    early, late = (order[at] if (at := int(side * len(found))) < len(order) else None for side in _SIDES)
    return early, late
