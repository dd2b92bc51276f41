"""A table, described once: its heads and plain values. A terminal, the page and a file each show it in their own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from insitu.reports.numbers import large
from insitu.units import si

if TYPE_CHECKING:
    from insitu.ledger.amount import Amount

Cell: TypeAlias = "str | int | float | Amount | None"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    head : what it holds.
    unit : of its numbers: an SI unit, or % of fractions. form : how they are written, in place of three digits.
    words : whether it holds words, aligned to the left. key : its name in a file.
    """

    head: str
    unit: str = ""
    form: str = ""
    words: bool = False
    key: str = ""

    def text(self, value: Cell) -> str:
        """Return a value as plain text; ``-`` for None."""
        if value is None:
            return "-"
        if isinstance(value, str | bool):
            return value if isinstance(value, str) else "yes" if value else "no"
        if not isinstance(value, int | float):
            ends = "" if value.low == value.high else f" ({self.text(value.low)} to {self.text(value.high)})"
            return self.text(value.value) + ends
        if self.unit == "%":
            return f"{100 * value:{self.form or '.1f'}} %"
        if self.form:
            return f"{value:{self.form}} {self.unit}".strip()
        if self.unit:
            return si(value, self.unit)
        return f"{value:,}" if isinstance(value, int) else large(value)


def words(*heads: str) -> tuple[Column, ...]:
    """Return columns of words."""
    return tuple(Column(head, words=True) for head in heads)


def numbers(*heads: str, unit: str = "", form: str = "") -> tuple[Column, ...]:
    """Return columns of numbers that read alike."""
    return tuple(Column(head, unit, form) for head in heads)


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first cell of a row names it, a note stands beneath.

    Parameters
    ----------
    sorts : whether it can be sorted and filtered on the page.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    sorts: bool = False

    @property
    def values(self) -> list[list[float | None]]:
        """The numbers of the cells, to sort by; None for a cell of words or of nothing."""
        return [[_number(cell) for cell in row] for row in self.rows]

    @property
    def texts(self) -> list[list[str]]:
        """The cells as plain text."""
        return [[column.text(cell) for column, cell in zip(self.columns, row, strict=True)] for row in self.rows]

    def records(self) -> list[dict[str, Any]]:
        """Return the values of each row by the keys of the columns, else their heads; the ends of an amount have keys too."""
        found = []
        for row in self.rows:
            record: dict[str, Any] = {}
            for column, cell in zip(self.columns, row, strict=True):
                key = column.key or column.head
                if isinstance(cell, str | int | float | None):
                    record[key] = cell
                else:
                    record |= cell.columns(key)
            found.append(record)
        return found


def _number(cell: Cell) -> float | None:
    return None if cell is None or isinstance(cell, str) else cell if isinstance(cell, int | float) else cell.value
