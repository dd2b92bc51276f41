"""The verdicts of a study as tables, and the means of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from insitu.reports.captions import expanded
from insitu.reports.numbers import is_number, spread, value_text
from insitu.reports.tables import Column, Table, numbers, words

Row = Mapping[str, Any]


def points(value: float, sd: float | None, sign: str = "+") -> str:
    """Return a fraction in per cent, with its spread."""
    return f"{100 * value:{sign}.2f}" + ("" if sd is None else f" ± {100 * sd:.2f}")


def ladder_table(title: str, rows: Sequence[Row]) -> Table:
    """Return one line a rung; rows as in ladder.json, of which the first is the reference."""
    scores = numbers("%", "sd", form=".2f")
    differences = (
        Column(f"To {rows[0]['rung'] if rows else 'the first'}", form="+.2f"),
        Column("sd of that", form=".2f"),
    )
    columns = (*words("Rung"), Column("Seeds"), *scores, *differences)
    keys = ("mean", "sd", "difference", "difference_sd")
    lines = [
        (row["rung"], row["seeds"], *(None if row[key] is None else 100 * row[key] for key in keys)) for row in rows
    ]
    return Table(title, columns, lines, expanded(row["rung"] for row in rows))


def requirements_table(title: str, rows: Sequence[Row]) -> Table:
    """Return one line a factor; rows as in requirements.json."""
    keys = ("factor", "property", "says", "unit")
    columns = words("Factor", "Property", "Tolerance (of one standard error)", "Unit")
    note = expanded(row[key] for row in rows for key in ("factor", "property"))
    return Table(title, columns, [[row[key] for key in keys] for row in rows], note)


def by_setting(rows: Sequence[Row], fields: Sequence[str]) -> list[list[Row]]:
    """Return the rows of each setting, in the order of its first row."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(repr([row.get(field) for field in fields]), []).append(row)
    return list(groups.values())


def numbers_of(rows: Sequence[Row], labels: Mapping[str, str] | None) -> dict[str, str]:
    """Return key -> words of the numbers that all rows have: those that the recipe labels, else all."""
    said = labels or {key: key.replace("_", " ") for row in rows[:1] for key in row if key != "seed"}
    return {key: text for key, text in said.items() if rows and all(is_number(row.get(key)) for row in rows)}


def sweep_table(
    title: str, rows: Sequence[Row], fields: Sequence[str], labels: Mapping[str, str] | None, most: int
) -> Table:
    """Return mean and spread over the seeds of the first numbers, ``most`` of them, one line a setting."""
    said = {key: text for key, text in numbers_of(rows, labels).items() if key not in fields}
    known = list(said)[:most]
    lines = [
        [*(value_text(group[0].get(field)) for field in fields), str(len(group)),
         *(spread(key, [row[key] for row in group]) for key in known)]
        for group in by_setting(rows, fields)
    ]  # fmt: skip
    short = [field.rpartition(".")[2] for field in fields]
    names = short if len(set(short)) == len(short) else fields
    columns = (*words(*names), *numbers("Seeds", *(said[key] for key in known)))
    return Table(title, columns, lines)
