"""Where the table stands in a file: what is above it, its names, a row of units, its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insitu.errors import InputError
from insitu.measure.reading.columns import DOWN, UP, Column, column_of, direction_of, quantities_of, with_unit
from insitu.measure.reading.grid import Grid, Row
from insitu.measure.reading.numbers import has_commas, is_missing, is_number
from insitu.measure.reading.quantities import unit_of
from insitu.measure.reading.text import WANTED

_ABOVE = 200  #: rows among which a header is looked for
_WIDEST = 5000  #: columns
_READ = ("before", "after", "up", "down", "low", "high")


@dataclass(frozen=True)
class Table:
    """A table of a file.

    Parameters
    ----------
    name : of the file. line : of the header; 0 if there is none.
    columns : with their meaning, all of them without a name where there is no header.
    rows : each with as many cells as there are columns, unless the file gives more.
    comma : whether decimals are written with a comma. written : what parts the cells, in words.
    aside : what was left out above it, in words.
    """

    name: str
    line: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    comma: bool
    written: str
    aside: tuple[str, ...] = ()

    def all(self, means: str) -> list[Column]:
        """Return the columns of a meaning."""
        return [column for column in self.columns if column.means == means]

    def cells(self, column: Column) -> list[str]:
        """Return the cells of a column."""
        return [row.cells[column.place] if column.place < len(row.cells) else "" for row in self.rows]


def table_of(grid: Grid) -> Table:
    """Return the table of a file.

    Raises
    ------
    InputError : there is none.
    """
    rows = grid.rows
    if not rows:
        raise InputError(f"{grid.name}: has 0 rows; {WANTED}")
    widest = max(rows, key=lambda row: len(row.cells))
    if (most := len(widest.cells)) > _WIDEST:
        raise InputError(f"{grid.name}, line {widest.line}: has {most} columns; {WANTED} of at most {_WIDEST}")
    at, head = _header(grid)
    body = rows[at:]
    if not any(is_number(cell) for row in body for cell in row.cells):
        what = f"nothing but a header in line {head.line}" if head and not body else "no row of numbers"
        raise InputError(f"{grid.name}: holds {what}; {WANTED}")
    width = max((place + 1 for row in body for place, cell in enumerate(row.cells) if cell), default=0)
    names = _trimmed(head.cells, max(width, 1)) if head else ("",) * width
    columns = tuple(column_of(place, name) for place, name in enumerate(names))
    columns = tuple(_by_its_words(column, body[1:]) for column in columns)
    aside = []
    above = at - (head is not None and head in rows)
    if above:
        aside.append(f"{above} line{'s' if above > 1 else ''} above the table")
    if head and body and _is_units(body[0], columns):
        columns, body = tuple(_with_unit(column, body[0]) for column in columns), body[1:]
    body = tuple(replace(row, cells=_trimmed(row.cells, len(columns))) for row in body)
    comma = has_commas(cell for row in body[:1000] for cell in row.cells)
    return Table(grid.name, head.line if head else 0, columns, body, comma, grid.written, tuple(aside))


def _by_its_words(column: Column, rows: Sequence[Row]) -> Column:
    """Return a column that counts pulses by its name; as one of polarities where it holds words for these, or +1 and -1."""
    if column.means != "index":
        return column
    cells = {row.cells[column.place] for row in rows if column.place < len(row.cells)} - {""}
    words = len(cells) < 9 and cells and all(map(direction_of, cells))
    counts = any(map(is_number, cells)) and {*map(direction_of, cells)} != {1, -1}
    return replace(column, means="polarity") if words and not counts else column


def _header(grid: Grid) -> tuple[int, Row | None]:
    """Return where the rows of numbers begin, and the header."""
    best, found = 0, -1
    for at, row in enumerate(grid.rows[:_ABOVE]):
        columns = [column_of(place, cell) for place, cell in enumerate(row.cells) if not is_number(cell)]
        known = [column.means for column in columns if column.means]
        named = bool(set(known) & {*_READ, "polarity"} or (len(known) > 1 and set(known) & {"time", "cycle"}))
        named |= "index" in known and any(map(_is_data, grid.rows[at + 1 : at + 3]))  # Pulse, of SET and RESET
        if len(known) >= max(best, 1) and named and not _is_data(row):
            best, found = len(known), at
    if found >= 0:
        return found + 1, grid.rows[found]
    first = next((at for at, row in enumerate(grid.rows) if _all_numbers(row)), len(grid.rows))
    if first == len(grid.rows):
        raise InputError(f"{grid.name}: holds no row of numbers and no header that is known; {WANTED}")
    row, width = grid.rows[first], len(_trimmed(grid.rows[first].cells))
    above = grid.rows[first - 1] if first else None
    if (
        above
        and above.line == row.line - 1
        and len(_trimmed(above.cells)) == width
        and not any(map(is_number, above.cells))
    ):
        return first, above
    if _counts(row) and len(grid.rows) > first + 1 and not _counts(grid.rows[first + 1]):
        return first + 1, row
    said = [one for one in grid.comments if one.line < row.line]
    if said:
        mark = said[-1].cells[0].lstrip("#%/ ")
        cells = (mark or "#", *_trimmed(said[-1].cells)[1:])
        cells = cells[len(cells) - width :] if len(cells) == width + 1 and not mark else cells
        if len(cells) == width and any(column_of(0, cell).means for cell in cells):
            return first, Row(said[-1].line, cells)
    return first, None


def _is_data(row: Row) -> bool:
    """Whether a row with words in it is one of pulses: a polarity in words, and numbers, or nan for one."""
    numbers = any(is_number(cell) or (cell and is_missing(cell)) for cell in row.cells)
    return numbers and any(map(direction_of, row.cells))


def _trimmed(cells: tuple[str, ...], width: int = 0) -> tuple[str, ...]:
    """Return cells without the blank ones at the end, as separators there make them, but no fewer than ``width``."""
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    return cells


def _all_numbers(row: Row) -> bool:
    return any(map(is_number, row.cells)) and all(is_number(cell) or is_missing(cell) for cell in row.cells)


def _counts(row: Row) -> bool:
    """Whether a row counts the columns, as a table without names is written: 0, 1, 2 or 1, 2, 3, after a blank or not."""
    cells = list(_trimmed(row.cells))
    cells = cells[1:] if cells and not cells[0] else cells
    return len(cells) > 1 and any(cells == [str(first + i) for i in range(len(cells))] for first in (0, 1))


def _is_units(row: Row, columns: Sequence[Column]) -> bool:
    filled = [cell for cell in row.cells if not is_missing(cell)]
    polarity = [row.cells[c.place].lower() for c in columns if c.means == "polarity" and c.place < len(row.cells)]
    words = {word for word in (*UP, *DOWN) if not is_missing(word)}
    return bool(filled) and not any(map(is_number, filled)) and not words & set(polarity[:1])


def _with_unit(column: Column, row: Row) -> Column:
    text = row.cells[column.place] if column.place < len(row.cells) else ""
    if is_missing(text):
        return column
    unit = unit_of(text, *quantities_of(column.means))
    return replace(column, odd=text) if unit is None else with_unit(column, unit)
