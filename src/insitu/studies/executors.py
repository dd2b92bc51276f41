"""Where the points of a sweep are carried out: in this process, in several of this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from insitu.errors import InputError, require_whole
from insitu.kernels.threads import cores
from insitu.recipes.workers import J, Outcome, run_all, run_here
from insitu.studies.point import Point, run_point

Done = Callable[[Point, Outcome], None]


class Executor(Protocol):
    """Carries points out, and hands back each result as soon as it is there."""

    def at_once(self, points: int) -> int:
        """Return how many of so many points are carried out at a time."""
        ...

    def run(self, points: Sequence[Point], done: Done) -> list[Outcome]:
        """Return, in their order, what became of the points; ``done`` is called with each that ends."""
        ...


@dataclass(frozen=True)
class Processes:
    """Processes of this machine; with one, points follow each other in this process. None is one a core."""

    workers: int | None = None

    def at_once(self, points: int) -> int:
        """Return how many of so many points are carried out at a time."""
        return min(self.workers or cores(), points)

    def run(self, points: Sequence[Point], done: Done) -> list[Outcome]:
        """Return, in their order, what became of the points."""
        return in_processes(run_point, points, self.at_once(len(points)), done)


def in_processes(
    function: Callable[[J], object], jobs: Sequence[J], at_once: int, done: Callable[[J, Outcome], None]
) -> list[Outcome]:
    """Return, in their order, what became of jobs, so many at a time in processes that share the cores, or one here."""
    if at_once > 1:
        return run_all(function, jobs, workers=at_once, threads=max(1, cores() // at_once), done=done)
    return run_here(function, jobs, done=done)


def opened(cluster: str | Executor | None, workers: int | None) -> AbstractContextManager[Executor]:
    """Return an executor as a context: a cluster by its address or ``local``, one that is open, or else processes.

    Raises
    ------
    InputError : Dask is not installed, the cluster does not answer, or it has other versions; or it has workers of its own
        and a number of them is given.
    """
    if workers is not None:
        require_whole("workers", workers, 1)
    if isinstance(cluster, str) and cluster != "local" and workers is not None:
        raise InputError(f"--workers: got {workers}; the cluster at {cluster} has its own workers, so leave it out")
    if not isinstance(cluster, str):
        return nullcontext(cluster or Processes(workers))
    from insitu.studies.cluster import connected

    return connected(cluster, workers)
