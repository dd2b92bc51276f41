"""Whether there is room for arrays, asked before they are made: the system would rather end the process than say no."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

from insitu.errors import InputError

CELL = 36  #: bytes that a cell of an array takes, the least while it is made


def require_room(what: str, size: int, remedy: str) -> None:
    """Raise InputError if ``what`` takes more than the memory that is free.

    Parameters
    ----------
    size : the least it takes, bytes. remedy : a closing half-sentence.
    """
    free = free_memory()
    if size > free:
        raise InputError(
            f"{what} takes {size / 1e9:,.1f} GB of memory or more, but {free / 1e9:,.1f} GB are free; {remedy}"
        )


def require_layers(sizes: Sequence[int]) -> None:
    """Raise InputError if a network with layers of these sizes takes more than the memory that is free."""
    if len(sizes) > 100:
        raise InputError(f"layers: got {len(sizes):,} of them; allowed are 100")
    cells = sum((rows + 1) * columns for rows, columns in itertools.pairwise(sizes))
    require_room(f"layers: {' x '.join(map(str, sizes))}", CELL * cells, "give them fewer units")


def free_memory() -> float:
    """Return how many bytes this process may still take; infinity where the system does not say."""
    free = [math.inf]
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
        group = Path("/sys/fs/cgroup")  # of a container
        free.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    except (OSError, ValueError):  # another system, no container, or no limit
        pass
    return min(free)
