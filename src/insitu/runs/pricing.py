"""What a finished run costs, without simulating it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path

from insitu.ledger.statement import Statement, statement_of
from insitu.ledger.usage import accounts_of
from insitu.runs.folder import RunFolder


def price(
    run: str | PathLike[str],
    costs: str | Sequence[str] = (),
    *,
    half_select: str | None = None,
    out: str | Path = "runs",
) -> Statement:
    """Price what a finished run counted: energy, time, wear and area.

    Parameters
    ----------
    run : an opened run, its folder, or the name of that within ``out``.
    costs : cost set to price with, by name or ``.toml`` file, or several; ``DEVICE=SET`` for one device. What none of them
        prices is priced as the library does.
    half_select : ``V/2`` or ``V/3``: the cells have no selector, and those on a line that is raised for others draw current;
        see :data:`insitu.ledger.bill.HALF_SELECT`. None is that each has one.

    Raises
    ------
    InputError : a cost set is unknown or unusable, or there is no such way to half-select.
    RunError : there is no such run, it is not finished, or an older insitu left it.
    """
    folder = RunFolder.open(fspath(run), Path(out))
    found = statement_of(accounts_of(folder.finished(), str(folder.path)), costs, half_select)
    return replace(found, run=str(folder.path))
