"""What a law or a scheme of a user's own raises in a compiled loop.

Loops call them through pointers, where Numba can hand an exception on to nobody: it is printed, once a weight, and the loop
goes on with whatever the call has left behind. So it is kept until the loop has returned, and raised then.
"""

from __future__ import annotations

import sys
from typing import Any

from insitu.errors import InputError

_own: dict[str, None] = {}  # names of the laws that may raise
_lost: list[BaseException] = []
_before: list[Any] = []


def listen(name: str) -> None:
    """Keep what compiled loops raise from now on, for the law of this name; other exceptions go where they went before."""
    _own[name] = None
    if sys.unraisablehook is not _keep:
        _before[:] = [sys.unraisablehook]
        sys.unraisablehook = _keep


def _keep(unraisable: Any) -> None:
    if "CPUContext" not in str(unraisable.object):
        _before[0](unraisable)
    elif not _lost:
        _lost.append(unraisable.exc_value)


def raise_lost() -> None:
    """Raise InputError if a loop since the last call has lost an exception."""
    if _lost:
        error = _lost.pop()
        raise InputError(
            f"{' or '.join(_own)} raised {type(error).__name__} during learning: {error}; allowed is a function that "
            "returns numbers for all that it may be given"
        ) from error
