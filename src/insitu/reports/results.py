"""The table of what runs have found, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from insitu.reports.examples import error_note, example_of, examples_behind, with_error, worded
from insitu.reports.numbers import parts, spread
from insitu.reports.tables import Column, Table, words

Results = Sequence[Mapping[str, Any]]

_HIDDEN = {"recipe", "dataset", "seed", "run", "example"}


def words_of(key: str) -> str:
    """Return a key of a result in words, where no recipe labels it."""
    return key.replace("_p50", ", median").replace("_p99", ", 99th percentile").replace("_", " ")


def labelled(labels: Mapping[str, str] | None, results: Results) -> dict[str, str]:
    """Return key -> words of what is shown: what the recipe labels and a result has, else every plain value."""
    if not labels:
        plain = (key for one in results for key, value in one.items() if not isinstance(value, dict | list))
        labels = {key: words_of(key) for key in plain if key not in _HIDDEN}
    example = example_of(results)
    return {
        key: worded(said, example) for key, said in labels.items() if any(one.get(key) is not None for one in results)
    }


def results_table(title: str, groups: Mapping[str, Results], labels: Mapping[str, str]) -> Table:
    """Return a row a result: over one group mean and standard deviation, over several a column each.

    Where each group is a single run, its accuracies have the error that the number of test examples leaves.

    Parameters
    ----------
    groups : head of a column -> the results of its seeds.
    labels : key -> words.
    """

    def values(key: str, results: Results) -> list[Any]:
        return [one[key] for one in results if one.get(key) is not None]

    def cell(key: str, results: Results) -> str:
        found = values(key, results)
        return with_error(key, found[0], examples_behind(results[0], key)) if single and found else spread(key, found)

    single = all(len(one) == 1 for one in groups.values())
    if single or len(groups) > 1:
        rows = [(said, *(cell(key, one) for one in groups.values())) for key, said in labels.items()]
        runs = [one for some in groups.values() for one in some] if single else []
        behind = [count for one in runs for key in labels if (count := examples_behind(one, key))]
        return Table(title, (*words("What"), *map(Column, groups)), rows, error_note(behind, example_of(runs)))
    (only,) = groups.values()
    pairs = [(said, *parts(key, values(key, only))) for key, said in labels.items()]
    columns = (*words("What"), Column("Mean"), Column("Standard deviation"))
    return Table(title, columns, [(said, mean, sd or None) for said, mean, sd in pairs])
