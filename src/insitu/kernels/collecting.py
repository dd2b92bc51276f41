"""Python collects no garbage while Numba compiles, which takes up to a fifth of that time otherwise.

A compiler makes many objects that refer to each other, nearly all of which live until it is done: to look for those that do
not, again and again, finds next to nothing. What is left is collected when the collector runs next.
"""

from __future__ import annotations

import gc
from typing import Any

from numba.core import event


class Pause(event.Listener):
    """Stops the collector from the start of a compilation to its end, functions that it calls in turn included.

    Numba tells of both under its compiler lock, so from one thread at a time, and of the end whatever happens.
    """

    def __init__(self) -> None:
        self._depth, self._collected = 0, False

    def on_start(self, event: Any) -> None:
        """Stop it, if it runs."""
        if not self._depth:
            self._collected = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """Let it run again, if it did before."""
        self._depth -= 1
        if not self._depth and self._collected:
            gc.enable()
