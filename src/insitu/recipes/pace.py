"""How long runs take on this machine, beside the one that estimates were made on: kept in the cache from earlier studies."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from insitu.errors import RunError
from insitu.kernels.cache import cache_folder
from insitu.runs.writing import read_json, write_json

_LEAST = 20.0  #: seconds of runs; of fewer, starting tells more than learning does
_SANE = 1e-3, 1e3


def pace(recipe: str) -> float | None:
    """Return how many times as long as estimated runs of a recipe take here; None if none were timed."""
    found = _kept().get(recipe)
    sane = isinstance(found, int | float) and _SANE[0] <= found <= _SANE[1]
    return float(found) if sane else None  # type: ignore[arg-type]


def keep_pace(recipe: str, runs: Sequence[tuple[float, float]]) -> None:
    """Keep how long runs, of (seconds as estimated, seconds that they took), went on, for later estimates of this recipe."""
    estimated, took = (sum(run[i] for run in runs) for i in range(2))
    if took >= _LEAST and estimated > 0:
        with suppress(RunError):  # a cache that cannot be written is told where kernels are kept
            write_json(_path(), _kept() | {recipe: took / estimated})


def _path() -> Path:
    return cache_folder("pace") / "pace.json"


def _kept() -> dict[str, object]:
    with suppress(RunError):
        return dict(read_json(_path()))
    return {}
