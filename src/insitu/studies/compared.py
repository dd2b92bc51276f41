"""Seed by seed: how far a setting is from the reference, and where its loss crosses a limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insitu.reports.numbers import large
from insitu.studies.swept import Row
from insitu.studies.tables import Factor


@dataclass(frozen=True)
class Compared:
    """A setting against the reference; a difference pairs runs of one seed, which share initial weights and order of images.

    Parameters
    ----------
    values : accuracy, one a seed. mean, sd : of them.
    difference, difference_sd : mean and spread of accuracy minus that of the reference. A spread of one seed is None.
    """

    values: tuple[float, ...]
    mean: float
    sd: float | None
    difference: float
    difference_sd: float | None

    @property
    def error(self) -> float:
        """Standard error of ``difference``; 0 where it is not known."""
        return (self.difference_sd or 0.0) / math.sqrt(len(self.values))

    @property
    def row(self) -> Row:
        """The numbers as columns of a table."""
        spread = {"difference": self.difference, "difference_sd": self.difference_sd}
        return {"seeds": len(self.values), "mean": self.mean, "sd": self.sd} | spread


def compare(rows: Sequence[Row], reference: Mapping[int, float], key: str) -> Compared | None:
    """Return the result ``key`` of the rows of one setting against the reference, by seed; None if no seed has both."""
    import pandas as pd

    both = pd.DataFrame(
        {"value": pd.Series(by_seed(rows, key)), "reference": pd.Series(reference)}, dtype=float
    ).dropna()
    if both.empty:
        return None
    both["difference"] = both["value"] - both["reference"]
    mean, sd = both.mean(), both.std() if len(both) > 1 else dict.fromkeys(both)
    return Compared(tuple(both["value"]), mean["value"], sd["value"], mean["difference"], sd["difference"])


def by_seed(rows: Sequence[Row], key: str) -> dict[int, float]:
    """Return the result ``key`` of each seed."""
    return {row["seed"]: row[key] for row in rows}


@dataclass(frozen=True)
class Requirement:
    """What a factor tolerates.

    Parameters
    ----------
    factor : what was swept.
    values : swept, from good to bad. points : against the reference, one a value.
    tolerance : value at which the mean loss reaches the limit, between two swept values; None where it never does.
        Equal to the first value where even that one is beyond the limit (``failing``).
    early, late : the same for the mean loss one standard error worse, and better; None if it never does.
    unsteady : whether the loss is within the limit again at a worse value, so that chance may have had its say.
    """

    factor: Factor
    values: tuple[float, ...]
    points: tuple[Compared, ...]
    tolerance: float | None
    early: float | None
    late: float | None
    failing: bool
    unsteady: bool


def judge(
    factor: Factor, values: Sequence[float], points: Sequence[Compared], *, limit: float, log: bool
) -> Requirement:
    """Return what a factor tolerates, from its points."""
    at, early, late = (
        crossing(values, [k * p.error - p.difference for p in points], limit, log=log) for k in (0, 1, -1)
    )
    beyond = [-point.difference > limit for point in points]
    unsteady = beyond != sorted(beyond)
    return Requirement(factor, tuple(values), tuple(points), at, early, late, beyond[0], unsteady)


def crossing(values: Sequence[float], losses: Sequence[float], limit: float, *, log: bool = False) -> float | None:
    """Return where a loss first exceeds a limit, in the order given, by linear interpolation; None if nowhere.

    Parameters
    ----------
    values, losses : (n,) of a factor, from good to bad; rising or falling.
    log : interpolate in the logarithm of the value.
    """
    for i, loss in enumerate(losses):
        if loss > limit:
            if i == 0:
                return values[0]
            part = (limit - losses[i - 1]) / (loss - losses[i - 1])
            a, b = values[i - 1], values[i]
            return float(math.exp((1 - part) * math.log(a) + part * math.log(b)) if log else (1 - part) * a + part * b)
    return None


def verdict(one: Requirement) -> str:
    """Return a tolerance in words, with what one standard error of the accuracies makes of it."""
    first, last = large(one.values[0]), large(one.values[-1])
    if one.failing:
        return f"too much already at {first}"
    if one.tolerance is None:
        doubt = "" if one.early is None else f" (perhaps at {large(one.early)})"
        return f"never from {first} to {last}{doubt}"
    late = f"beyond {last}" if one.late is None else large(one.late)
    alone = all(len(point.values) == 1 for point in one.points)
    spread = "one seed" if alone or one.early is None else f"{large(one.early)} to {late}"
    return f"{large(one.tolerance)} ({spread})" + (", unsteady: more seeds" if one.unsteady else "")
