"""What tests say after storage: a table of one run or the mean of several, and accuracy over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from insitu.reports.canvas import grouped, legend_above, own_style, save, scaled, series_color, titled
from insitu.reports.examples import example_of, examples_behind, with_error, worded
from insitu.reports.numbers import large, spread, upper
from insitu.reports.results import Results, words_of
from insitu.reports.tables import Column, Table, words

_BEFORE = "not stored"
_SPAN = 10.0  #: least range of the axis, points of a percentage: noise is not to look like a loss


def storage_table(results: Results, labels: Mapping[str, str]) -> Table | None:
    """Return a row a time of storage, over the seeds that were tested after it; None without any."""
    found: dict[float, list[Mapping[str, Any]]] = {}
    for one in results:
        for row in one.get("storage", ()):
            found.setdefault(row["seconds"], []).append(row)
    if not found:
        return None
    keys = _keys(next(iter(found.values())))
    single = len(results) == 1

    def text(key: str, some: Sequence[Mapping[str, Any]]) -> str:
        behind = examples_behind(results[0], key) if single else None
        return with_error(key, some[0][key], behind) if single else spread(key, [row[key] for row in some])

    rows = [(_BEFORE, *(text(key, results) for key in keys))]
    rows += [(f"{large(time)} s", *(text(key, some) for key in keys)) for time, some in sorted(found.items())]
    example = example_of(results)
    heads = (Column(upper(worded(labels.get(key, words_of(key)), example))) for key in keys)
    return Table("After storage, without learning", (*words("Stored for"), *heads), rows)


@own_style()
def draw_storage(folder: Path, result: Mapping[str, Any], labels: Mapping[str, str]) -> Path:
    """Draw what the tests of a run say over the time of storage, and as dashes what they said before, as ``storage.png``."""
    rows = result["storage"]
    times = [row["seconds"] for row in rows]
    figure, axes = titled("Storage without learning", 7.6, 5)
    for index, key in enumerate(_keys(rows)):
        said = worded(labels.get(key, words_of(key)), result.get("example"))
        axes.plot(times, [100 * row[key] for row in rows], "o-", label=said, color=series_color(index), lw=2)
        dashed: dict[str, Any] = {"color": series_color(index), "lw": 1.2, "ls": "--"}
        axes.axhline(100 * result[key], label=None if index else "before storage", **dashed)
    low, high = axes.get_ylim()
    if high - low < _SPAN:
        axes.set_ylim((low + high - _SPAN) / 2, (low + high + _SPAN) / 2)
    scaled(axes.xaxis, log=True)
    grouped(axes.yaxis)
    axes.set(xlabel="stored for (s)", ylabel="%")
    axes.grid(axis="y", color="0.9")
    legend_above(axes, 1, fontsize=9)
    return save(figure, folder / "storage.png")


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key for key in rows[0] if key != "seconds"]
