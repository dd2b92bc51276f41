"""The table of a sweep: one row a point, as JSON and CSV, and its mean and spread over the seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from insitu.recipes.loading import flat
from insitu.reports.numbers import is_number, mean_and_sd
from insitu.reports.study_tables import by_setting
from insitu.runs.writing import atomic_write, to_json

Row = dict[str, Any]


def new_row(setting: Mapping[str, Any], result: Mapping[str, Any]) -> Row:
    """Return the varied fields, the seed, then all numbers of a result, those of inner tables under dotted keys."""
    numbers = {key: value for key, value in flat(result).items() if is_number(value)}
    return {**setting, "seed": result["seed"], **{k: v for k, v in numbers.items() if k not in setting}}


def write_rows(folder: Path, rows: Sequence[Row], name: str = "rows") -> None:
    """Write rows.json (a list of objects) and rows.csv (a number that a point lacks is an empty field)."""
    import pandas as pd

    atomic_write(folder / f"{name}.json", to_json(list(rows)) + "\n")
    table = pd.DataFrame(rows, dtype=object)  # so that whole numbers stay whole
    atomic_write(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))


def summarise(rows: Sequence[Row], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return one entry a setting, in the order of its first row: the varied fields, ``seeds``, ``mean`` and ``sd``.

    ``mean`` and ``sd`` (sample standard deviation, None for a single seed) hold each number that all rows of the setting
    have.
    """
    entries = []
    for group in by_setting(rows, fields):
        mean, sd = mean_and_sd(group, (*fields, "seed"))
        entries.append({field: group[0][field] for field in fields} | {"seeds": len(group), "mean": mean, "sd": sd})
    return entries
