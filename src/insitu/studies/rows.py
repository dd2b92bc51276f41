"""The table of a sweep: one row a point, as JSON and CSV, and its mean and spread over the seeds."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from insitu.recipes.loading import flat
from insitu.recipes.running import is_number
from insitu.runs.writing import atomic_write, to_json

Row = dict[str, Any]


def new_row(setting: Mapping[str, Any], result: Mapping[str, Any]) -> Row:
    """Return the varied fields, the seed, then all numbers of a result, those of inner tables under dotted keys."""
    numbers = {key: value for key, value in flat(result).items() if is_number(value)}
    return {**setting, "seed": result["seed"], **{k: v for k, v in numbers.items() if k not in setting}}


def write_rows(folder: Path, rows: Sequence[Row], name: str = "rows") -> None:
    """Write rows.json (a list of objects) and rows.csv (a number that a point lacks is an empty field)."""
    atomic_write(folder / f"{name}.json", to_json(list(rows)) + "\n")
    text = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    atomic_write(folder / f"{name}.csv", text.getvalue())


def summarise(rows: Sequence[Row], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return one entry a setting, in the order of its first row: the varied fields, ``seeds``, ``mean`` and ``sd``.

    ``mean`` and ``sd`` (sample standard deviation, None for a single seed) hold each number that all rows of the setting
    have.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(repr([row[field] for field in fields]), []).append(row)
    entries = []
    for group in groups.values():
        keys = [key for key in group[0] if key not in (*fields, "seed") and all(key in row for row in group)]
        columns = {key: [row[key] for row in group] for key in keys}
        entries.append(
            {field: group[0][field] for field in fields}
            | {
                "seeds": len(group),
                "mean": {key: statistics.fmean(column) for key, column in columns.items()},
                "sd": {key: statistics.stdev(c) if len(c) > 1 else None for key, c in columns.items()},
            }
        )
    return entries
