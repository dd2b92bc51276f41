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
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from insitu.errors import RunError

J = TypeVar("J")
Outcome = Any  #: what a function returned, or the exception that ended it
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
        pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start, (threads,))
        futures: dict[Future[Any], int] = {}
        try:
            for place in places:
                with suppress(BrokenProcessPool), script_left_alone():  # processes start as jobs are handed out
                    futures[pool.submit(function, jobs[place])] = place
            for future in as_completed(futures):
                place, error = futures[future], future.exception()
                if not isinstance(error, BrokenProcessPool):
                    outcomes[place] = error if isinstance(error, Exception) else future.result()
                    done(jobs[place], outcomes[place])
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return [place for place in places if place not in outcomes]

    left = attempt(range(len(jobs)), workers)
    while left:  # one killed process takes its whole pool down: the first of them is tried alone, the others anew
        first, *rest = left
        for place in attempt([first], 1):
            outcomes[place] = RunError("a worker process was killed, perhaps for want of memory; try fewer --workers")
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


@contextmanager
def script_left_alone() -> Iterator[None]:
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
