"""What was tuned, as a figure: the best so far over the trials, and what each field did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from insitu.reports.canvas import BLACK, BLUE, ORANGE, own_style, save, scaled, titled


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
