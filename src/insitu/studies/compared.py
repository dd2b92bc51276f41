"""Seed by seed: how far a setting is from the floating-point twin."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insitu.studies.rows import Row


@dataclass(frozen=True)
class Compared:
    """A setting against the twin; a difference pairs runs of one seed, which share initial weights and order of images.

    Parameters
    ----------
    values : accuracy, one a seed. mean, sd : of them.
    difference, difference_sd : mean and spread of accuracy minus that of the twin. A spread of one seed is None.
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


def compare(rows: Sequence[Row], twin: Mapping[int, float], key: str) -> Compared | None:
    """Return the result ``key`` of the rows of one setting against that of the twin, by seed; None if no seed has both."""
    import pandas as pd

    both = pd.DataFrame({"value": pd.Series(by_seed(rows, key)), "twin": pd.Series(twin)}, dtype=float).dropna()
    if both.empty:
        return None
    both["difference"] = both["value"] - both["twin"]
    mean, sd = both.mean(), both.std() if len(both) > 1 else dict.fromkeys(both)
    return Compared(tuple(both["value"]), mean["value"], sd["value"], mean["difference"], sd["difference"])


def by_seed(rows: Sequence[Row], key: str) -> dict[int, float]:
    """Return the result ``key`` of each seed."""
    return {row["seed"]: row[key] for row in rows}


def judged_by(recipe: Any) -> str:
    """Return the result that a study looks at: the accuracy on held-back training images, if there are any."""
    return "validation_accuracy" if recipe.data.validation else "accuracy"


def named(key: str, how: str = "correctly") -> str:
    """Return what the result ``key`` is the share of."""
    return f"{'test' if key == 'accuracy' else 'held-back training'} images named {how}"
