"""Examples that are only read are shared among threads: plain ones, for compiled loops release the interpreter.

Numba's own threads would survive a fork as a lock that nobody opens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_LEAST = 16  # examples for which another thread is worth its start
_BRING_BLAS = frozenset({"scipy.linalg", "torch"})  # one of their own each, beside that of NumPy


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """Return how many threads to use: NUMBA_NUM_THREADS, else one a core."""
    given = os.environ.get("NUMBA_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) else cores()


def in_parts(work: Callable[[slice], T], n: int, least: int = _LEAST) -> list[T]:
    """Call ``work`` with slices that cover ``n`` examples, several at a time, and return what it returned, in order.

    A part has at least about ``least`` of them, where there are so many.
    """
    count = min(threads(), -(-n // least))
    if count <= 1:
        return [work(slice(0, n))]
    edges = [n * part // count for part in range(count + 1)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda part: work(slice(edges[part], edges[part + 1])), range(count)))


def one_blas_thread() -> AbstractContextManager[Any]:
    """Return a context in which products of matrices run on one thread: in the same order, so of the same bits, anywhere."""
    context: AbstractContextManager[Any] = _blas(_BRING_BLAS.intersection(sys.modules)).limit(limits=1, user_api="blas")
    return context


@cache
def _blas(loaded: frozenset[str]) -> Any:
    """Return what limits the threads of BLAS; looking for it takes as long as a small batch."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
