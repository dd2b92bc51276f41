"""Many runs at once, one process each. Only the standard library is imported here, before a worker sets its threads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from insitu.errors import RunError

J = TypeVar("J")
Outcome = Any  #: what a function returned, or the exception that ended it
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerKilledError(RunError):
    """A worker process did not end by itself."""


def run_all(
    function: Callable[[J], Any],
    jobs: Sequence[J],
    *,
    workers: int,
    threads: int,
    done: Callable[[J, Outcome], None] = lambda *_: None,
) -> list[Outcome]:
    """Return, in the order of ``jobs``, what ``function`` returned or raised; no failure stops or loses the others.

    Parameters
    ----------
    function : importable by name; called in a fresh process.
    workers : how many processes at once.
    threads : how many threads each may use, unless the environment says so already.
    done : called with each job that ends and its outcome, in the order in which they end.
    """
    outcomes: dict[int, Outcome] = {}

    def attempt(places: Sequence[int], count: int) -> list[int]:
        """Run the jobs at these places; return the places of those that went down with a killed process."""

        def ended(place: int, outcome: Outcome) -> None:
            outcomes[place] = outcome
            if not isinstance(outcome, WorkerKilledError):
                done(jobs[place], outcome)

        _in_pool(function, [(place, jobs[place]) for place in places], count, threads, ended)
        return [place for place in places if isinstance(outcomes[place], WorkerKilledError)]

    left = attempt(range(len(jobs)), workers)
    while left:  # one killed process takes its whole pool down: the first of them is tried alone, the others anew
        first, *rest = left
        for place in attempt([first], 1):
            done(jobs[place], outcomes[place])
        left = attempt(rest, workers) if rest else []
    return [outcomes[place] for place in range(len(jobs))]


def run_here(
    function: Callable[[J], Any], jobs: Iterable[J], *, done: Callable[[J, Outcome], None] = lambda *_: None
) -> list[Outcome]:
    """Do the same one after the other in this process."""
    outcomes: list[Outcome] = []
    for job in jobs:
        try:
            outcomes.append(function(job))
        except Exception as error:
            outcomes.append(error)
        done(job, outcomes[-1])
    return outcomes


def _in_pool(
    function: Callable[[J], Any],
    jobs: Sequence[tuple[int, J]],
    workers: int,
    threads: int,
    ended: Callable[[int, Outcome], None],
) -> None:
    """Call ``ended`` with the place and the outcome of each job as it ends."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start, (threads,))
    try:
        futures = {_submit(pool, function, job): place for place, job in jobs}
        for future in as_completed(futures):
            ended(futures[future], _outcome(future))
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, function: Callable[[J], Any], job: J) -> Future[Any]:
    try:
        with _script_left_alone():  # processes start one by one, as jobs are handed out
            return pool.submit(function, job)
    except BrokenProcessPool as error:  # a worker was killed while jobs were still being handed out
        future: Future[Any] = Future()
        future.set_exception(error)
        return future


@contextmanager
def _script_left_alone() -> Iterator[None]:
    """Keep new processes from running the script of the caller once more, which would start processes in turn.

    They would do so to find what is defined in it; but what workers call is importable by name.
    """
    main = sys.modules["__main__"]
    kept = {key: vars(main).pop(key) for key in ("__file__", "__spec__") if key in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update({"__spec__": None} | kept)


def _outcome(future: Future[Any]) -> Outcome:
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        return WorkerKilledError("a worker process was killed, perhaps for want of memory; try fewer --workers")
    return error if isinstance(error, Exception) else future.result()


def _start(threads: int) -> None:
    """Prepare a worker: its share of the cores, a silent standard output, a quiet end on Ctrl-C or with its parent."""
    os.dup2(2, 1)  # standard output belongs to the result that the parent prints
    for variable in _THREADS:
        os.environ.setdefault(variable, str(threads))
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)
