"""What cells do beside answering pulses, as tables."""

from __future__ import annotations

from insitu.measure.reliability.finding import Finding
from insitu.reports.tables import Column, Table, numbers, words

_UNITS = ("S", "s", "K")
_DETAILS = ("jump_error", "time_high", "readings")  #: keys that have no room in a terminal


def numbers_table(finding: Finding, units: dict[str, str]) -> Table:
    """Return every number with its error; ``units`` are those of a device."""
    rows = []
    for key, one in finding.estimates.items():
        unit = (units | dict(finding.units)).get(key, "")
        column = Column("", unit, ".3g" if unit == "eV" else "")
        rows.append((key, column.text(one.value), column.text(one.error), one.remark))
    note = "± is one standard error. Numbers without one are at a bound, assumed, or of a single device."
    return Table("Numbers", (*words("Number"), *numbers("Value", "±"), *words("Remark")), rows, note)


def rows_table(title: str, finding: Finding, most: int | None = None) -> Table:
    """Return one line a level, device or trace; the first ones, where there are more than ``most``.

    What is not given of any, such as the level, has no column.
    """
    given = [key for key in finding.rows[0] if any(row[key] not in ("", None) for row in finding.rows)]
    keys = [key for key in given if most is None or key not in _DETAILS]
    columns = []
    for key in keys:
        head, _, unit = key.rpartition("_")
        known = unit in _UNITS
        said = all(isinstance(row[key], str | None) for row in finding.rows)
        columns.append(Column((head if known else key).replace("_", " "), unit if known else "", words=said))
    note = f"{len(finding.rows) - most} more on the page." if most and len(finding.rows) > most else ""
    return Table(title, columns, [[row[key] for key in keys] for row in finding.rows[:most]], note)


def laws_compared(finding: Finding) -> Table:
    """Return what was compared, the best first."""
    best = min(one["bic"] for one in finding.laws)
    columns = (*words("What"), Column("Free numbers"), *numbers("ln L", "BIC above the lowest", form=",.1f"))
    rows = [(one["law"], one["free"], one["log_likelihood"], one["bic"] - best) for one in finding.laws]
    return Table("Compared, the best first", columns, rows)
