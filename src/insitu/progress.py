"""A bar for a few long jobs of unequal length, with the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_LATE = 1.0  #: seconds over the estimate from which it is given up


def duration(seconds: float) -> str:
    """Return a time for people: ``40 s``, ``12 min``, ``3 h 05 min``."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


@contextmanager
def progress(
    console: Console, cost: float, jobs: int, estimate: float | None, *, unit: str = "points"
) -> Iterator[Callable[[float], None]]:
    """Show a bar; call what it yields with the cost of each job that ends.

    Parameters
    ----------
    cost, jobs : of all jobs together; costs in any unit.
    estimate : time that all may take, s; None if nothing is known before the first one ends.
    unit : what the jobs are called.
    """
    from rich.progress import BarColumn, Progress, Task, TextColumn
    from rich.text import Text

    began = time.monotonic()
    left, as_of = estimate, began

    class Left(TextColumn):
        def render(self, task: Task) -> Text:
            if left is None:
                return Text("")
            seconds = left - (time.monotonic() - as_of)
            return Text("longer than estimated" if seconds < -_LATE else f"about {duration(max(0.0, seconds))} left")

    columns = (BarColumn(), TextColumn("{task.fields[ended]} of {task.fields[jobs]} " + unit), Left(""))
    with Progress(*columns, console=console, disable=console.quiet, refresh_per_second=2) as bar:
        task = bar.add_task("", total=cost, ended=0, jobs=jobs)
        done, ended = 0.0, 0

        def advance(part: float) -> None:
            nonlocal done, ended, left, as_of
            done, ended, as_of = done + part, ended + 1, time.monotonic()
            left = (as_of - began) * max(0.0, cost - done) / done if done > 0 else left
            bar.update(task, completed=done, ended=ended)

        yield advance
