"""Files of measured pulses: one row a pulse with named columns, or bare curves of conductance over pulse number."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, require_between, suggest
from insitu.measure.pulses import Floats, Pulses, pulses
from insitu.units import si

#: the columns of a file with one row a pulse; those without a star may be missing
COLUMNS = ("device_id", "pulse_index", "polarity*", "amplitude_V", "width_s", "g_before_S", "g_after_S*")
Rows = list[tuple[int, list[str]]]  #: number of the line, and cells
_UP, _DOWN = ("+1", "1", "1.0", "+1.0", "up", "ltp", "set", "p"), ("-1", "-1.0", "down", "ltd", "reset", "d")


def read_pulses(
    path: str | Path, *, unit: float | None = None, zero: float = 0.0, where: Mapping[str, str] | None = None
) -> Pulses:
    """Return the pulses of a file.

    One row a pulse: a header with the names in :data:`COLUMNS` in any order, others are left aside; lines that begin with
    # are comments. ``polarity`` is +1 or -1, or up and down, LTP and LTD, SET and RESET. Without ``g_before_S`` a pulse
    starts at the reading after the one before it, and the first of a train serves as the first reading only.

    Curves: two columns of numbers, with or without a header ``up,down``: readings after consecutive up pulses, and after
    consecutive down pulses.

    Parameters
    ----------
    unit, zero : where readings are not in siemens, one unit of them and their 0, in S: ``g = zero + unit * value``.
    where : column -> value, or several with commas between: only the rows that have one of them.

    Raises
    ------
    InputError : what is wrong, with its line and what is allowed.
    """
    path = Path(path)
    rows = _rows(path)
    source = f"{path.name} (SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}...)"
    if unit is not None:
        require_between("unit", unit, 1e-15, 1, unit="S", optional=False)
        require_between("zero", zero, 0, 1, unit="S", optional=False)
        source += f", {si(unit, 'S')} a unit and {si(zero, 'S')} at 0 as given"
    head = [cell.strip() for cell in rows[0][1]]
    bare = all(_is_number(cell) for cell in head) or [cell.lower() for cell in head] == ["up", "down"]
    if bare and where:
        raise InputError(f"{path.name}: has no named columns, so there is nothing to choose rows by")
    found = _curves(path.name, rows) if bare else _table(path.name, head, rows[1:], where or {})
    if unit is not None:
        found |= {key: zero + unit * found[key] for key in ("before", "after")}
    return pulses(**found, source=source)


def _rows(path: Path) -> Rows:
    """Return every row that is neither empty nor a comment."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            lines = list(enumerate(file, 1))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give the path of a CSV file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: is no text in UTF-8; export it as CSV") from error
    kept = [(at, line) for at, line in lines if line.strip() and not line.lstrip().startswith("#")]
    if len(kept) < 2:
        raise InputError(f"{path.name}: has {len(kept)} rows; allowed is a header and one row a pulse, or two curves")
    separator = max(",;\t", key=kept[0][1].count)
    return [(at, _cells(path.name, at, line, separator)) for at, line in kept]


def _cells(name: str, at: int, line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator))  # on its own: a stray quotation mark ends with its line
    except csv.Error as error:
        raise InputError(f"{name}, line {at}: cannot be read ({error})") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(name: str, at: int, column: str, cell: str) -> float:
    if _is_number(cell) and math.isfinite(float(cell)):
        return float(cell)
    hint = "; write decimals with a point" if "," in cell else ""
    raise InputError(f"{name}, line {at}: {column} is {cell[:60]!r}; allowed is a finite number{hint}")


def _curves(name: str, rows: Rows) -> dict[str, Any]:
    """Return what :func:`insitu.measure.pulses.pulses` takes, from two columns of readings."""
    if not _is_number(rows[0][1][0]):
        rows = rows[1:]
    wide = [at for at, cells in rows if len(cells) != 2]
    if wide:
        raise InputError(
            f"{name}, line {wide[0]}: bare numbers are taken as two curves, readings after up and after down pulses, but "
            f"here are {len(rows[0][1])} columns; give a header with {', '.join(COLUMNS)} (* needed)"
        )
    curves: list[Floats] = []
    for column, direction in enumerate(("up", "down")):
        cells = [(at, row[column].strip()) for at, row in rows if row[column].strip()]
        curves.append(np.array([_number(name, at, f"the {direction} curve", cell) for at, cell in cells]))
    up, down = (max(0, curve.size - 1) for curve in curves)
    return {
        "polarity": np.repeat([1, -1], [up, down]),
        "before": np.concatenate([curve[:-1] for curve in curves]),
        "after": np.concatenate([curve[1:] for curve in curves]),
        "index": np.concatenate([np.arange(up), np.arange(down) + up + 1]),
        "conditions": "identical pulses, as two bare curves tell nothing else",
    }


def _table(name: str, head: list[str], rows: Rows, where: Mapping[str, str]) -> dict[str, Any]:
    """Return the same from one row a pulse."""
    for column in (c.rstrip("*") for c in COLUMNS if c.endswith("*")):
        if column not in head:
            raise InputError(
                f"{name}: column '{column}' is missing; the header has {', '.join(head)}; {_meant(column, head)}"
            )
    for at, cells in rows:
        if len(cells) != len(head):
            raise InputError(f"{name}, line {at}: has {len(cells)} cells, but the header has {len(head)}")
    for column, wanted in where.items():
        if column not in head:
            raise InputError(f"{name}: there is no column '{column}' to choose by; {suggest(column, head)}")
        place, values = head.index(column), [value.strip() for value in wanted.split(",")]
        rows = [row for row in rows if any(_equal(row[1][place].strip(), value) for value in values)]
        if not rows:
            raise InputError(f"{name}: no row has {column} = {wanted}")

    def read(column: str, one: Callable[[str, int, str, str], Any] = _number) -> Any:
        if column not in head:
            return None
        place = head.index(column)
        return np.array([one(name, at, column, cells[place].strip()) for at, cells in rows])

    polarity, device = read("polarity", _polarity), read("device_id", lambda *given: given[-1])
    index, after, before = read("pulse_index"), read("g_after_S"), read("g_before_S")
    conditions = _identical(name, polarity, read("amplitude_V"), read("width_s"))
    kept = np.ones(len(rows), bool)
    if before is None:  # from the reading after the pulse before, of the same train
        same = True if device is None else device[1:] == device[:-1]
        kept[1:] = same & (True if index is None else np.diff(index) == 1)
        kept[0] = False
        before = np.concatenate([after[:1], after[:-1]])
    columns = {"polarity": polarity, "before": before, "after": after, "device": device, "index": index}
    chosen = {key: None if values is None else values[kept] for key, values in columns.items()}
    return chosen | {"conditions": conditions}


def _polarity(name: str, at: int, column: str, cell: str) -> int:
    if cell.lower() in _UP or cell.lower() in _DOWN:
        return 1 if cell.lower() in _UP else -1
    raise InputError(
        f"{name}, line {at}: {column} is {cell!r}; allowed are +1 or -1, up or down, LTP or LTD, SET or RESET"
    )


def _equal(cell: str, wanted: str) -> bool:
    if not (_is_number(cell) and _is_number(wanted)):
        return cell == wanted
    return bool(np.isclose(float(cell), float(wanted), rtol=1e-6, atol=0))


def _identical(name: str, polarity: NDArray[np.int64], *columns: Floats | None) -> str:
    """Return amplitude and width as a sentence; refuse pulses that are not identical."""
    known = []
    for sign, direction in ((1, "up"), (-1, "down")):
        parts = []
        for column, unit, values in zip(("amplitude_V", "width_s"), ("V", "s"), columns, strict=True):
            if values is None or not (polarity == sign).any():
                continue
            found = np.unique(values[polarity == sign])
            if found.size > 1 and not np.allclose(found, found[0], rtol=1e-6, atol=0):
                some = ", ".join(f"{value:g}" for value in found[:5]) + (", ..." if found.size > 5 else "")
                raise InputError(
                    f"{name}: {direction} pulses have {found.size} values of {column} ({some}); a device answers "
                    f"identical pulses, so choose one for each direction, for example --where {column}={found[0]:g}, and "
                    "fit each on its own"
                )
            parts.append(si(float(found[0]), unit))
        if parts:
            known.append(f"{direction} pulses of {' and '.join(parts)}")
    return ", ".join(known) if known else "identical pulses; amplitude and width are not in the file"


def _meant(column: str, head: Sequence[str]) -> str:
    near = suggest(column, head)
    return near if near.startswith("did you mean") else f"the columns are {', '.join(COLUMNS)} (* needed)"
