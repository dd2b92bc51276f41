"""Seed by seed: how far a setting is from the reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insitu.studies.swept import Row


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
