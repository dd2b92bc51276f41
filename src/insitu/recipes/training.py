"""The one loop of training under all recipes: progress, time, metrics, checkpoints, and going on after an interruption."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.networks.stack import Stack
from insitu.random import permutation
from insitu.recipes.session import Session
from insitu.runs import load_checkpoint, save_checkpoint

SHOW_EVERY = 5000  #: examples between two looks at progress
_SAVE_EVERY = 5.0  #: seconds of learning between checkpoints, besides those at a new row of metrics and at the end

#: a row of the metrics, if there is one, and what to write beside the bar
Look = tuple[dict[str, Any] | None, str]


@dataclass
class Meter:
    """What is known of a training besides its network; a checkpoint keeps it.

    Parameters
    ----------
    seconds : spent learning. rows : the metrics so far. notes : what the recipe carries from stop to stop, JSON types.
    """

    seconds: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shuffled:
    """In which order examples are shown: all of them once an epoch, in each epoch shuffled anew.

    Parameters
    ----------
    seed : of the order. size : how many examples there are.
    """

    seed: int
    size: int

    def parts(self, first: int, stop: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield (epoch, indices) of the examples shown from number ``first`` to before number ``stop``."""
        while first < stop:
            epoch, begin = divmod(first, self.size)
            part = _order(self.seed, self.size, epoch)[begin : begin + stop - first]
            yield epoch, part
            first += len(part)


@lru_cache(maxsize=2)
def _order(seed: int, size: int, epoch: int) -> NDArray[np.intp]:
    return permutation(seed, size, epoch)


def train(
    network: Stack,
    session: Session,
    stops: Iterable[int],
    learn: Callable[[int, int, Meter], None],
    look: Callable[[int, Meter], Look] = lambda *_: (None, ""),
    *,
    meter: Meter | None = None,
    what: str = "learning",
    unit: str | None = None,
    kept: bool = True,
) -> Meter:
    """Learn from stop to stop; look, write the metrics and save a checkpoint on the way.

    Parameters
    ----------
    stops : numbers of examples after which learning stops for a look; the last is the end. They do not depend on where
        an earlier run was interrupted, and nothing but time depends on them.
    learn : called with ``first, stop, meter``, learns the examples from number ``first`` to before ``stop``.
    look : called with ``stop, meter``, returns a row of metrics or None, and a note to stand beside the bar.
    meter : to begin with, where no checkpoint is gone on from.
    what, unit : words of the progress bar.
    kept : whether there are checkpoints and metrics; not where the folder is no run's, or the training takes seconds.
    """
    meter, kept = meter if meter is not None else Meter(), kept and not session.result_only
    found = load_checkpoint(session.folder) if session.resume and kept else None
    if found is not None:
        network.restore(found[0])
        meter = Meter(**found[1])
    network.warm_up()
    stops, saved = sorted(set(stops)), meter.seconds
    with session.progress(what, stops[-1], unit, done=network.shown) as advance:
        for stop in stops:
            first = network.shown
            if stop <= first:
                continue
            began = time.perf_counter()
            learn(first, stop, meter)
            meter.seconds += time.perf_counter() - began
            row, note = look(stop, meter)
            advance(stop - first, note, stop / meter.seconds if meter.seconds else 0.0)  # the mean, as in the result
            if row is not None:
                meter.rows.append(row)
            if kept and row is not None:
                session.folder.write_metrics(meter.rows)
            if kept and (row is not None or stop == stops[-1] or meter.seconds - saved > _SAVE_EVERY):
                save_checkpoint(session.folder, network.arrays(), asdict(meter))
                saved = meter.seconds
    return meter
