"""What was tuned, as a table, a sentence and a figure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from insitu.reports.canvas import BLACK, BLUE, ORANGE, own_style, save, scaled, titled
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


@own_style()
def draw_trials(
    rows: Sequence[Mapping[str, Any]], fields: Sequence[tuple[str, bool]], path: Path, *, title: str
) -> Path:
    """Draw trials as a PNG file; rows as in tune.json, the first is the recipe as it stands.

    Parameters
    ----------
    fields : each with whether its axis is logarithmic.
    """
    ran = [row for row in rows if row["mean"] is not None]
    best = max(ran, key=lambda row: row["mean"])
    panels = len(fields) + 1
    figure, tiles = titled(title, 3.9 * panels, 4.2, 1, panels, sharey=True, squeeze=False)
    over, *others = tiles[0]
    over.step(
        [r["trial"] for r in ran], list(accumulate((100 * r["mean"] for r in ran), max)), where="post", color=BLACK
    )
    over.set_xlabel("trial; line: the best so far")
    over.set_ylabel("correct, held back (%)")
    for axes, key in ((over, "trial"), *((axes, field) for axes, (field, _) in zip(others, fields, strict=True))):
        axes.plot([row[key] for row in ran], [100 * row["mean"] for row in ran], "o", color=ORANGE, ms=4)
        axes.plot(rows[0][key], 100 * (rows[0]["mean"] or 0.0), "s", color=BLACK, ms=7, label="recipe as it stands")
        axes.plot(best[key], 100 * best["mean"], "*", color=BLUE, ms=13, mec="white", label="best")
        axes.grid(color="0.92")
    for axes, (field, log) in zip(others, fields, strict=True):
        if all(isinstance(row[field], int | float) for row in ran):
            scaled(axes.xaxis, log=log)
        axes.set_xlabel(field)
    over.legend(fontsize=8, framealpha=0.7, edgecolor="none", loc="lower right")
    low = sorted(100 * row["mean"] for row in ran)[len(ran) // 4]
    top = 100 * best["mean"]
    over.set_ylim(low - 0.6 * (top - low) - 0.5, top + 0.15 * (top - low) + 0.5)
    return save(figure, path)
