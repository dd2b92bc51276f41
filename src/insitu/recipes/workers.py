"""Many runs at once, one process each. Only the standard library is imported here, before a worker sets its threads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from insitu.errors import RunError

J = TypeVar("J")
Outcome = dict[str, Any] | Exception
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_all(
    function: Callable[[J], dict[str, Any]],
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
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start, (threads,))
    try:
        futures = {pool.submit(function, job): job for job in jobs}
        for future in as_completed(futures):
            done(futures[future], _outcome(future))
        return [_outcome(future) for future in futures]
    except BaseException:
        _stop(multiprocessing.active_children())
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _outcome(future: Future[dict[str, Any]]) -> Outcome:
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        return RunError("a worker process was killed, perhaps for want of memory; try fewer --workers")
    return error if isinstance(error, Exception) else future.result()


def _stop(processes: Iterable[Any]) -> None:
    for process in processes:
        process.terminate()


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
