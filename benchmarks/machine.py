"""What the benchmarks ask of the machine."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable


def peak_megabytes() -> float:
    """Return the largest memory of this process so far, 1e6 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1.0 if sys.platform == "darwin" else 1024.0) / 1e6


def load() -> float | None:
    """Return how many processes wanted a core over the last minute, None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def say_if_busy(before: float | None) -> None:
    """Warn that something else was running when the benchmark began."""
    if before is not None and before > 0.5:
        print(
            f"Something else is running (load {before:.1f}), so these times are too long; those of threads most of all"
        )


def best(function: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest time of some calls, s."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)
