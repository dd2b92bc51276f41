"""What a sweep found: a table of its points, one row each, as JSON and CSV, their mean and spread, and that for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.errors import RunError
from insitu.recipes import registry
from insitu.recipes.loading import flat
from insitu.reports.examples import example_of, worded
from insitu.reports.numbers import is_number, mean_and_sd
from insitu.reports.study_tables import by_setting, numbers_of, sweep_table
from insitu.runs.writing import atomic_write, write_json
from insitu.terminal import Shown, say, show

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console

    from insitu.studies.tables import Judged

Row = dict[str, Any]

_SHOWN = 4  #: results of a sweep that are shown; rows.csv has them all


@dataclass(frozen=True, repr=False)
class Sweep(Shown):
    """What a sweep found.

    Parameters
    ----------
    recipe, dataset : their names.
    fields : the varied fields, or what else tells the settings apart.
    rows : one a finished point, in the order of the settings: ``fields``, seed, all numbers of the result.
    results : the whole result of each row.
    failed : the points that could not be carried out: ``fields``, seed, error.
    errors : the exceptions of those points.
    folder : holds rows.json, rows.csv, sweep.json, and points/ with the files of the points.
    trial : whether network and data say nothing about the paper.
    """

    recipe: str
    dataset: str
    fields: tuple[str, ...]
    rows: list[Row]
    results: list[dict[str, Any]]
    failed: list[dict[str, Any]]
    errors: list[Exception]
    folder: Path
    trial: bool = False

    @property
    def table(self) -> DataFrame:
        """One row a finished point: ``fields``, ``seed``, and every number of the result, dotted where it is in a table."""
        from pandas import DataFrame

        return DataFrame(self.rows)

    @property
    def means(self) -> DataFrame:
        """One row a setting: ``fields``, ``seeds``, of each headline number its mean and, as ``NAME sd``, its spread."""
        from pandas import DataFrame

        known = numbers_of(self.rows, registry.about(self.recipe).labels)
        keys = [key for key in known if key not in self.fields][:_SHOWN]
        return DataFrame(
            {name: entry[name] for name in (*self.fields, "seeds")}
            | {key: entry["mean"][key] for key in keys}
            | {f"{key} sd": entry["sd"][key] for key in keys}
            for entry in self.summary()
        )

    def summary(self) -> list[dict[str, Any]]:
        """Return mean and standard deviation over the seeds of each setting."""
        return summarise(self.rows, self.fields)

    def only(self, **labels: Any) -> Sweep:
        """Return the part of it that has these labels, such as ``case="ideal"``; failures are all left in."""
        kept = [all(row[key] == value for key, value in labels.items()) for row in self.rows]
        return replace(self, rows=[*compress(self.rows, kept)], results=[*compress(self.results, kept)])

    @property
    def title(self) -> str:
        """What was carried out, on which data."""
        return f"{self.recipe} on {self.dataset}"

    def seeded(self, words: str) -> str:
        """Return these words on mean and spread if a setting has two seeds, else that there is one."""
        return words if any(len(rows) > 1 for rows in by_setting(self.rows, self.fields)) else "one seed"

    @property
    def head(self) -> dict[str, Any]:
        """What the JSON object of any study begins with."""
        return {"recipe": self.recipe, "dataset": self.dataset, "folder": self.folder}

    def in_words(self, judged: Judged) -> Judged:
        """Return what a study looks at in the words of the data: of a table it names examples, not images."""
        return judged._replace(what=worded(judged.what, example_of(self.results)))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the sweep."""
        return self.head | {"rows": self.rows, "summary": self.summary(), "failed": self.failed}

    def raise_failures(self) -> None:
        """Raise RunError, with the first sentence, if points failed."""
        if self.failed:
            first = {key: value for key, value in self.failed[0].items() if key != "error"}
            where = ", ".join(f"{key}={value}" for key, value in first.items())
            points = len(self.rows) + len(self.failed)
            raise RunError(f"{len(self.failed)} of {points} points failed; {where}: {self.failed[0]['error']}")

    def show(self, console: Console) -> None:
        """Print mean and spread of the first numbers that the recipe labels, one line a setting."""
        if self.rows:
            title = f"{self.title}: {self.seeded('mean ± sample standard deviation over the seeds')}"
            example = example_of(self.results)
            labels = {key: worded(said, example) for key, said in registry.about(self.recipe).labels.items()}
            show(console, sweep_table(title, self.rows, self.fields, labels, _SHOWN))
            say(console, f"All numbers, one row a point: {self.folder / 'rows.csv'}")

    def __repr__(self) -> str:
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"<sweep of {self.title}: {len(self.rows)} points{failed}, in {self.folder}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self)[1:-1])}</p>{self.means.to_html(index=False, float_format='{:.4g}'.format)}"


def new_row(setting: Mapping[str, Any], result: Mapping[str, Any]) -> Row:
    """Return the varied fields, the seed, then all numbers of a result, those of inner tables under dotted keys."""
    numbers = {key: value for key, value in flat(result).items() if is_number(value)}
    return {**setting, "seed": result["seed"], **{k: v for k, v in numbers.items() if k not in setting}}


def write_rows(folder: Path, rows: Sequence[Row], name: str = "rows") -> None:
    """Write rows.json (a list of objects) and rows.csv (a number that a point lacks is an empty field)."""
    import pandas as pd

    write_json(folder / f"{name}.json", list(rows))
    table = pd.DataFrame(rows, dtype=object)  # so that whole numbers stay whole
    atomic_write(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))


def summarise(rows: Sequence[Row], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Return one entry a setting, in the order of its first row: the varied fields, ``seeds``, ``mean`` and ``sd``.

    ``mean`` and ``sd`` (sample standard deviation, None for a single seed) hold each number that all rows of the setting
    have.
    """
    entries = []
    for group in by_setting(rows, fields):
        mean, sd = mean_and_sd(group, (*fields, "seed"))
        entries.append({field: group[0][field] for field in fields} | {"seeds": len(group), "mean": mean, "sd": sd})
    return entries
