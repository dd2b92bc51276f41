"""A league as tables and sentences; rows and refused entries as in league.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from insitu.ledger.amount import Amount
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
