"""Points of a sweep on a Dask cluster: what comes back is kept by the one who asked, so no disk is shared."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from insitu.datasets import Dataset
from insitu.errors import InputError, RunError
from insitu.kernels.threads import cores
from insitu.recipes.workers import Outcome, script_left_alone
from insitu.runs.manifest import versions
from insitu.studies.executors import Done
from insitu.studies.parcel import packed, require_same, run_parcel
from insitu.studies.point import Point

PATIENCE = 10.0  #: for a scheduler to answer, s


@dataclass(frozen=True)
class Cluster:
    """A cluster that is connected to, as :class:`insitu.studies.executors.Executor`."""

    client: Any

    def at_once(self, points: int) -> int:
        """Return how many of so many points are carried out at a time; a cluster without workers yet counts as one."""
        return max(1, min(len(self.client.nthreads()), points))

    def run(self, points: Sequence[Point], done: Done) -> list[Outcome]:
        """Return, in their order, what became of the points.

        A point is a task named after its file, so that two who ask for the same do it once; a task whose worker dies is
        begun anew elsewhere, three times at most. The data is a task too: sent once, and not lost with a worker.
        """
        from distributed import as_completed

        data: dict[str, Any] = {}
        outcomes: dict[str, Outcome] = {}
        tasks: dict[str, Any] = {}
        for point in points:
            sha256 = point.dataset.sha256
            if sha256 not in data:
                data[sha256] = self.client.submit(_same, point.dataset, key=f"insitu-data-{sha256}")
            tasks[_name(point)] = self.client.submit(run_parcel, packed(point), data[sha256], key=_name(point))
        by_name = {_name(point): point for point in points}
        for task in as_completed(tasks.values()):
            outcomes[task.key] = _outcome(task)
            done(by_name[task.key], outcomes[task.key])
            del tasks[task.key]  # the cluster need not keep what is kept here
        return [outcomes[_name(point)] for point in points]


def _name(point: Point) -> str:
    return f"insitu-{point.path.stem}"


def _same(dataset: Dataset) -> Dataset:
    return dataset


def _outcome(task: Any) -> Outcome:
    """Return what a task that has ended returned or raised; RunError if the scheduler is gone."""
    from distributed import CancelledError, KilledWorker

    try:
        return task.result()  # waits again where the worker that had it has died since
    except CancelledError:
        again = "what is finished is kept, the same command goes on"
        raise RunError(f"--cluster: the scheduler was lost; {again}") from None
    except KilledWorker:
        return RunError("its worker died again and again, perhaps for want of memory")
    except Exception as error:
        return error


@contextmanager
def connected(address: str, workers: int | None) -> Iterator[Cluster]:
    """Connect to a scheduler, or start one with processes of this machine, one thread each, if the address is ``local``.

    Raises
    ------
    InputError : Dask is not installed, the scheduler does not answer, or a worker has other versions, or several threads.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InputError("--cluster wants Dask, which is not installed: pip install 'insitu[dask]'") from error
    if address == "local":
        count = workers or cores()
        threads = {"NUMBA_NUM_THREADS": str(max(1, cores() // count))}
        how = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": None, "env": threads}
        with script_left_alone(), LocalCluster(**how) as started, Client(started) as client:
            yield Cluster(client)  # a worker that dies is started anew, without the script of the caller
        return
    client, why = None, ""
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        why = str(error)
    if client is None:
        gc.collect()  # of the one that failed, which would wait for ever for a lock were it collected while another starts
        raise InputError(f"--cluster: no scheduler answers at {address} within {PATIENCE:g} s; {why}")
    with client:
        _check(client)
        yield Cluster(client)


def _check(client: Any) -> None:
    """Raise InputError about a worker that would give other bits, or that would carry out two points in one process."""
    for worker, threads in client.nthreads().items():
        if threads != 1:
            raise InputError(f"--cluster: {worker} has {threads} threads; start workers of one, with --nthreads 1")
    try:
        client.run(require_same, versions())
    except ModuleNotFoundError as error:
        raise InputError(f"--cluster: a worker has no module {error.name}; install insitu there as here") from None
