"""Finished runs for Python and notebooks: their numbers, their folder, and themselves as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from insitu import terminal
from insitu.errors import InputError, InsituError, RunError
from insitu.pages.about import title_of
from insitu.pages.loading import Run, grouped, labels_of, load_run
from insitu.pages.rendering import render_fragment
from insitu.pages.results import card, main_table
from insitu.recipes import registry
from insitu.recipes.model import Model, of_data
from insitu.recipes.running import summary
from insitu.recipes.workers import Outcome
from insitu.reports.numbers import number
from insitu.runs import RunFolder, code
from insitu.validation import validate

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console


@dataclass(frozen=True, repr=False)
class OpenedRun(Run, terminal.Shown):
    """A finished run; see :func:`open_run`. It is a path too, that of its folder, wherever a path is asked for."""

    @property
    def accuracy(self) -> float | None:
        """Fraction of the test images named correctly; where a run has several such numbers, the one it is known by."""
        key = next((key for key in ("accuracy", *labels_of(self)) if "accuracy" in key and key in self.result), None)
        return None if key is None else self.result[key]

    @property
    def table(self) -> DataFrame:
        """The labelled numbers: by key of the result, what it is in words (``what``), and its value (``value``)."""
        from pandas import DataFrame

        words = labels_of(self)
        columns = {"what": list(words.values()), "value": [self.result[key] for key in words]}
        return DataFrame(columns, index=list(words), dtype=object)

    @cached_property
    def model(self) -> Model:
        """The network as it was when learning ended; its ``predict`` names new images.

        Raises
        ------
        RunError : the folder does not hold what was learned, or names a Python file that was not used here before and is
            not trusted. InputError : the recipe offers no such network.
        """
        code.require_trusted(self.folder.path, code.code_of(self.settings))
        carrier = registry.carrier(self.recipe)
        offered: Callable[..., Model] | None = getattr(carrier, "model", None)
        if offered is None:
            raise InputError(f"model: {self.recipe} offers no network that names new images")
        recipe = validate(carrier.Recipe, self.settings)
        try:
            return of_data(offered(recipe, self.folder), self.folder.manifest["dataset"])
        except (LookupError, TypeError, ValueError) as error:
            if isinstance(error, InsituError):
                raise
            raise RunError(f"{self.folder.path}: damaged, arrays.npz does not fit recipe.toml ({error!r})") from error

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the run."""
        head = {"recipe": self.recipe, "seed": self.seed, "dataset": self.dataset}
        return self.result | head | {"run": str(self.folder.path)}

    def as_runs(self) -> Runs:
        """Return it as the only one of several seeds."""
        return Runs.of(self.recipe, [self.as_dict()], [self.seed])

    def show(self, console: Console) -> None:
        """Print the numbers, what they cost, and where the pictures are."""
        terminal.show_result(console, [self.as_dict()], registry.about(self.recipe).labels)

    def __fspath__(self) -> str:
        return str(self.folder.path)

    def __repr__(self) -> str:
        score = "" if self.accuracy is None else f", accuracy {number('accuracy', self.accuracy)}"
        return f"<run {self.folder.path}: {title_of(grouped([self])[0], [])}, seed {self.seed}{score}>"

    def _repr_html_(self) -> str:
        return _as_html([self])


@dataclass(frozen=True, repr=False)
class Runs(terminal.Shown, Sequence[OpenedRun]):
    """The finished runs of several seeds, in order of the seeds.

    Parameters
    ----------
    runs : the runs. summary : the JSON object of all. errors : what ended the seeds that failed.
    """

    runs: tuple[OpenedRun, ...]
    summary: dict[str, Any]
    errors: tuple[Exception, ...] = ()

    @classmethod
    def of(cls, recipe: str, outcomes: Sequence[Outcome], seeds: Sequence[int]) -> Runs:
        """Return what became of the seeds: the JSON object of each, or the exception that ended it."""
        runs = tuple(open_run(one["run"]) for one in outcomes if isinstance(one, dict))
        return cls(runs, summary(recipe, outcomes, seeds), tuple(one for one in outcomes if isinstance(one, Exception)))

    @overload
    def __getitem__(self, at: int) -> OpenedRun: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[OpenedRun]: ...
    def __getitem__(self, at: int | slice) -> OpenedRun | Sequence[OpenedRun]:
        return self.runs[at]

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def accuracy(self) -> float | None:
        """Mean over the seeds."""
        known = [one.accuracy for one in self.runs if one.accuracy is not None]
        return sum(known) / len(known) if known else None

    @property
    def table(self) -> DataFrame:
        """One row a seed: ``seed``, then every number that the recipe labels, under its key."""
        from pandas import DataFrame

        return DataFrame([{"seed": one.seed} | {key: one.result[key] for key in labels_of(one)} for one in self.runs])

    @property
    def folders(self) -> list[Path]:
        """Where the runs are."""
        return [one.folder.path for one in self.runs]

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The seeds that failed: ``seed``, ``error``."""
        return list(self.summary["failed"])

    def as_runs(self) -> Runs:
        """Return it as it is."""
        return self

    def raise_failures(self) -> None:
        """Raise RunError, with the first sentence, if seeds failed."""
        if self.failed:
            first, seeds = self.failed[0], len(self.failed) + len(self)
            raise RunError(f"{len(self.failed)} of {seeds} seeds failed; seed {first['seed']}: {first['error']}")

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of all seeds: each run, mean and standard deviation of every number, what failed."""
        return self.summary

    def show(self, console: Console) -> None:
        """Print mean and spread, what the runs cost, and where they are."""
        terminal.show_result(console, self.summary["runs"], registry.about(self.summary["recipe"]).labels)

    def __repr__(self) -> str:
        score = "" if self.accuracy is None else f", mean accuracy {number('accuracy', self.accuracy)}"
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"<{len(self)} runs of {self.summary['recipe']}{score}{failed}>"

    def _repr_html_(self) -> str:
        return _as_html(self.runs)


def open_run(run: str | PathLike[str], out: str | Path = "runs", *, trust: bool = False) -> OpenedRun:
    """Return a finished run; in a notebook it shows its numbers.

    Parameters
    ----------
    run : its folder, or the name of that within ``out``.
    trust : whether ``model`` may execute Python files that the folder names, and that were not used here before.

    Raises
    ------
    RunError : it is no run folder, is damaged, or its run has not ended.
    """
    found = OpenedRun(**vars(load_run(RunFolder.open(fspath(run), Path(out)))))
    if trust:
        code.trust(code.code_of(found.settings))
    return found


def _as_html(runs: Sequence[Run]) -> str:
    groups, _ = grouped(runs)
    return render_fragment(title_of(groups, []), card(groups[0]), main_table(groups))
