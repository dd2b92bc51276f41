"""What was tuned, as a table and a sentence."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from insitu.reports.tables import Column, Table

_SHOWN = 5  #: best trials


def trials_table(title: str, what: str, rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Table:
    """Return the best trials, and the first, the recipe as it stands; rows as in tune.json."""
    ran = sorted((row for row in rows if row["mean"] is not None), key=lambda row: -row["mean"])
    shown = ran[:_SHOWN] + [row for row in rows[:1] if row["mean"] is not None and row not in ran[:_SHOWN]]
    columns = (Column("Trial"), Column("Correct", unit="%", form=".2f"), *map(Column, fields))
    lines = [[row["trial"], row["mean"], *(_plain(row[field]) for field in fields)] for row in shown]
    note = f"Trial 0 is the recipe as it stands; {len(rows)} trials, {len(rows) - len(ran)} of them failed"
    return Table(f"{title}: {what}", columns, lines, note=note)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)


def verdict(
    again: Sequence[str], what: str, first: Mapping[str, Any], best: Mapping[str, Any], fields: Sequence[str]
) -> str:
    """Return what tuning brought, and the command that tests it: ``again``, and the fields that were found."""
    stands = "failed" if first["mean"] is None else f"{100 * first['mean']:.2f} %"
    if best["trial"] == 0:
        return f"Nothing better was found than the recipe as it stands, {stands} {what}."
    found = [part for field in fields for part in ("--set", f"{field}={_text(best[field])}")]
    return (
        f"Best: {100 * best['mean']:.2f} % {what}; the recipe as it stands {stands}. The best of many is flattered by "
        f"chance: run it on what decided nothing, insitu {shlex.join([*again, *found])}"
    )


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
