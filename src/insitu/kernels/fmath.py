"""``exp`` and ``log`` for device laws: plain ``math`` in Python, inlined polynomials once compiled.

A call of the C library stops LLVM from vectorising the loop over a column of cells; the compiled versions in
:mod:`insitu.kernels.vmath` do not. The two agree to 1e-8 (``exp``, relative) and 1e-12 (``log``).
"""

from __future__ import annotations

import math


def exp(x: float) -> float:
    """Return e to the power x; beyond +-700 the result saturates instead of overflowing."""
    return math.exp(min(max(x, -700.0), 700.0))


def log(x: float) -> float:
    """Return the natural logarithm of x > 0."""
    return math.log(x)
