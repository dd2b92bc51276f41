"""Runs of a study with their price, and what the claims on energy are told with."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from insitu import validation
from insitu.ledger.amount import Amount, total
from insitu.ledger.bill import GROUPS
from insitu.ledger.statement import Statement, statement_of
from insitu.ledger.usage import Accounts, accounts_of
from insitu.reports.tables import Column, Table
from insitu.studies.axes import Case, Setting
from insitu.studies.swept import Sweep

#: the levels of accounting, each with all before it
LEVELS: dict[str, Sequence[str]] = {
    "array only": ("cells read",),
    "+ converters and neurons": ("cells read", "converters and neurons"),
    "+ writing and verify": ("cells read", "converters and neurons", "cells programmed", "verify"),
    "+ lines": ("cells read", "converters and neurons", "cells programmed", "verify", "lines charged"),
    "+ digital periphery": [group for group in GROUPS if group != "static power"],
    "+ static power": GROUPS,
}


FILE = tomllib.loads(Path(__file__).with_name("energy.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Priced:
    """One run: its result, and what it costs."""

    result: Mapping[str, Any]
    accounts: Accounts
    statement: Statement


@dataclass(frozen=True)
class Told:
    """What a claim on energy comes to.

    Parameters
    ----------
    sentences : what holds and what does not. draw : makes the figure at a path.
    """

    title: str
    tables: tuple[Table, ...]
    sentences: tuple[str, ...]
    draw: Callable[[Path], Path]


class Layout(validation.Table):
    """Title and columns of a table."""

    title: str
    columns: tuple[Column, ...]


class Words(validation.Table):
    """What energy.toml says of a claim.

    Parameters
    ----------
    sentences : with names of numbers in braces. tables : by name. cases : recipe -> case -> fields of the recipe.
    figure : titles and labels, as the function that draws it takes them.
    """

    title: str
    sentences: tuple[str, ...]
    tables: dict[str, Layout]
    figure: dict[str, Any]
    cases: dict[str, dict[str, Setting]] = {}

    def runs(self) -> dict[str, list[Case]]:
        """Return the settings that are run, by recipe."""
        return {
            recipe: [Case({"case": name}, changes) for name, changes in cases.items()]
            for recipe, cases in self.cases.items()
        }

    def table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
        """Return a table; rows by the keys of its columns, of which they may hold more."""
        layout = self.tables[name]
        return Table(layout.title, layout.columns, [[row[column.key] for column in layout.columns] for row in rows])

    def told(self, *tables: Table, draw: Callable[[Path], Path], **numbers: Any) -> Told:
        """Return what the claim comes to, with these numbers in its sentences."""
        return Told(self.title, tables, tuple(sentence.format(**numbers) for sentence in self.sentences), draw)


def words(claim: str) -> Words:
    """Return what energy.toml says of a claim."""
    return validation.validate(Words, FILE[claim])


def priced(found: Sweep, costs: Sequence[str]) -> dict[str, list[Priced]]:
    """Return the runs of a study by case, priced; a case of which no run succeeded is missing."""
    cases: dict[str, list[Priced]] = {}
    for row, result in zip(found.rows, found.results, strict=True):
        accounts = accounts_of(result, f"{found.folder}")
        cases.setdefault(row["case"], []).append(Priced(result, accounts, statement_of(accounts, costs)))
    return cases


def spent(runs: Sequence[Priced], names: Sequence[str] = GROUPS, part: str = "", on: Sequence[str] = ()) -> Amount:
    """Return the energy of learning, J, mean over the seeds.

    Parameters
    ----------
    names : groups of lines that count. part : what the names of the arrays that count hold.
    on : cost sets that take the place of those with which the runs were priced.
    """
    statements = [statement_of(run.accounts, on) if on else run.statement for run in runs]
    kept = [one.learning.only(lambda line: line.group in names and part in line.part) for one in statements]
    return mean([bill.energy for bill in kept])


def mean(amounts: Sequence[Amount]) -> Amount:
    """Return the mean of an amount over the seeds."""
    return total(amounts) * (1 / len(amounts))


def accuracy(runs: Sequence[Priced], key: str = "accuracy") -> dict[str, Any]:
    """Return mean and standard deviation of an accuracy, as columns; the latter is None for one seed."""
    values = [run.result[key] for run in runs]
    return {"accuracy": fmean(values), "accuracy_sd": stdev(values) if len(values) > 1 else None}


def in_words(text: str) -> str:
    """Return a text in which devices, cost sets and computers have names for people."""
    for name, said in FILE["names"].items():
        text = text.replace(name, said)
    return text
