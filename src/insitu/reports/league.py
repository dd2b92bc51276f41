"""A league as tables, sentences and a figure; rows and refused entries as in league.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from insitu.ledger.amount import Amount
from insitu.reports.canvas import BLACK, legend_beside, own_style, save, scaled, series_color, titled
from insitu.reports.study_tables import points
from insitu.reports.tables import Cell, Column, Table, words

Row = Mapping[str, Any]

_ENTRY = tuple(Column(head, words=True, key=head.lower()) for head in ("System", "Device", "Scheme"))
_SCORED = (*_ENTRY, Column("Correct", key="correct"))
_PRICED = (
    Column("Energy", "J", key="energy"),
    Column("Time", "s", key="seconds"),
    Column("Writes of a cell", key="writes"),
)
_FRONT = Column("Front", words=True, key="front")
_NOTE = (
    "Correct: of the test data, mean ± standard deviation over the seeds. Energy, with its low and high end, and time are of "
    "learning, all lines at once; writes of a cell: 99th percentile. Front: no other entry of its system, of those that "
    "learn and are priced in full, is as good in error, energy and writes, and better in one."
)
_AXES = {"energy": "energy of learning (J)", "writes": "writes of a cell"}
_MARKS = "osD^vP*Xhp<>"  #: of devices
_LEAST = 0.01  #: wrong that is drawn, %


def standings(rows: Sequence[Row]) -> Table:
    """Return the league with what decides, for a terminal: without ranges."""
    middle = [{key: value for key, value in row.items() if not key.endswith("_low")} for row in rows]
    return _table((*_SCORED, *_PRICED, _FRONT), middle)


def whole_table(rows: Sequence[Row]) -> Table:
    """Return all that was counted, and how to repeat each line; it can be sorted and filtered."""
    columns = (
        *_SCORED,
        Column("Ideal devices", unit="%", key="ideal"),
        Column("Verdict", words=True, key="learns"),
        _FRONT,
        *_PRICED,
        Column("Trainings until worn out", key="trainings"),
        Column("Pulses", key="pulses"),
        Column("Cells read", key="reads"),
        Column("Digital operations", key="digital_ops"),
        Column("Numbers kept a weight", key="kept"),
        Column("Held back, as it stands", unit="%", key="held_back_stands"),
        Column("Held back, tuned", unit="%", key="held_back_best"),
        Column("Tuned to", words=True, key="tuned"),
        Column("How to repeat this", words=True, key="command"),
    )
    return _table(columns, rows, sorts=True)


def _table(columns: Sequence[Column], rows: Sequence[Row], sorts: bool = False) -> Table:
    lines = [[_cell(column, row) for column in columns] for row in rows]
    return Table("Standings", columns, lines, note=_NOTE, sorts=sorts)


def _cell(column: Column, row: Row) -> Cell:
    key = column.key
    if key == "correct":
        return f"{points(row['mean'], row['sd'], sign='')} %"
    if key == "learns":
        return "learns" if row["learns"] else "does not learn"
    if key == "front":
        return "front" if row["front"] else "not all priced" if row["missing"] else ""
    if row[key] is None or f"{key}_low" not in row:
        return row[key]  # type: ignore[no-any-return]
    return Amount(row[f"{key}_low"], row[key], row[f"{key}_high"])


def refused_table(refused: Sequence[Row]) -> Table:
    """Return who cannot take part, one line a system, device and reason."""
    schemes: dict[tuple[str, str, str], list[str]] = {}
    for one in refused:
        schemes.setdefault((one["system"], one["device"], one["why"]), []).append(one["scheme"])
    lines = [(system, device, ", ".join(some), why) for (system, device, why), some in schemes.items()]
    return Table("Refused", words("System", "Device", "Schemes", "Why"), lines)


def sentences(rows: Sequence[Row], refused: Sequence[Row]) -> list[str]:
    """Return what the league says: who is best in each system and on its front, and which devices are of no use."""
    best = {row["system"]: row for row in reversed(rows)}  # rows of a system begin with its best
    told = [_system(best[system], rows) for system in dict.fromkeys(row["system"] for row in rows)]
    for device in dict.fromkeys(one["device"] for one in (*rows, *refused)):
        own = [row for row in rows if row["device"] == device]
        if not own:
            why = dict.fromkeys(f"{one['system']}: {one['why']}" for one in refused if one["device"] == device)
            told.append(f"{device}: no system can use it. {' '.join(why)}")
        elif not any(row["learns"] for row in own):
            told.append(f"{device}: learns in no system, by no scheme.")
    missing = dict.fromkeys(part for row in rows for part in row["missing"].split("; ") if part)
    if missing:
        told.append(f"Not all is priced: {'; '.join(missing)}. Give a cost set with --costs.")
    return told


def _system(best: Row, rows: Sequence[Row]) -> str:
    front = [f"{row['device']} by {row['scheme']}" for row in rows if row["front"] and row["system"] == best["system"]]
    ideal = "" if best["ideal"] is None else f", {100 * best['ideal']:.1f} % with ideal devices"
    scored = f"{points(best['mean'], best['sd'], sign='')} %"
    on = f" On the front of accuracy, energy and wear: {', '.join(front)}." if front else ""
    return f"{best['system']}: {best['device']} by {best['scheme']} comes furthest, {scored}{ideal}.{on}"


@own_style()
def draw_league(rows: Sequence[Row], path: Path, *, title: str) -> Path:
    """Draw a line of two panels a system, as a PNG file; rows as in league.json.

    Wrong (%, logarithmic, few on top), mean and standard deviation over the seeds, over the energy of learning with its low
    and high end, and over the writes of a cell. Colour: scheme; shape: device, hollow where not all of its energy is priced.
    Ringed: on the front of all three; line: the front of the two that are drawn, over the same entries.
    """
    systems = list(dict.fromkeys(row["system"] for row in rows))
    figure, grid = titled(title, 13.0, 0.9 + 4.6 * len(systems), len(systems), 2, sharey="row", squeeze=False)
    for line, system in zip(grid, systems, strict=True):
        own = [row for row in rows if row["system"] == system]
        for axes, (key, label) in zip(line, _AXES.items(), strict=True):
            _panel(axes, own, rows, key)
            axes.set_xlabel(label)
        line[0].set_ylabel("wrong (%)")
        line[0].invert_yaxis()
        line[0].set_title(system, loc="left", fontsize=10)
    _legend(grid[0][1], rows)
    return save(figure, path)


def _panel(axes: Any, own: Sequence[Row], rows: Sequence[Row], key: str) -> None:
    schemes, devices = _names(rows, "scheme"), _names(rows, "device")
    shown = [row for row in own if row[key]]
    for row in shown:
        color, mark = series_color(schemes.index(row["scheme"])), _MARKS[devices.index(row["device"]) % len(_MARKS)]
        x, y = row[key], _wrong(row["mean"])
        ends = [[x - row[f"{key}_low"]], [row[f"{key}_high"] - x]] if f"{key}_low" in row else None
        axes.errorbar(x, y, xerr=ends, yerr=100 * (row["sd"] or 0.0), fmt="none", ecolor=color, alpha=0.35, lw=1)
        axes.plot(x, y, mark, color=color, mfc="white" if row["missing"] else color, ms=7, zorder=3)
        if row["front"]:
            axes.plot(x, y, "o", color=BLACK, mfc="none", ms=13, zorder=4)
    if shown and shown[0]["ideal"] is not None:
        axes.axhline(_wrong(shown[0]["ideal"]), color=BLACK, ls="--", lw=1)
    steps = _staircase([(row[key], _wrong(row["mean"])) for row in shown if row["learns"] and not row["missing"]])
    axes.step(*zip(*steps, strict=True), where="post", color=BLACK, lw=1) if steps else None
    for axis in (axes.xaxis, axes.yaxis):
        scaled(axis, log=True)
    axes.grid(color="0.92")


def _staircase(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points, from left to right, with less wrong than all on their left."""
    found: list[tuple[float, float]] = []
    for x, y in sorted(points):
        if not found or y < found[-1][1]:
            found.append((x, y))
    return found


def _wrong(correct: float) -> float:
    """Return what is wrong, %; of what makes no mistake, as much as a logarithmic axis shows."""
    return max(100 * (1 - correct), _LEAST)


def _names(rows: Sequence[Row], key: str) -> list[str]:
    return list(dict.fromkeys(sorted(row[key] for row in rows)))


def _legend(axes: Any, rows: Sequence[Row]) -> None:
    schemes, devices = _names(rows, "scheme"), _names(rows, "device")
    handles = [axes.plot([], [], "s", color=series_color(i), label=name)[0] for i, name in enumerate(schemes)]
    marks = zip(cycle(_MARKS), devices, strict=False)
    handles += [axes.plot([], [], mark, color="0.45", label=name)[0] for mark, name in marks]
    legend_beside(axes, handles)
